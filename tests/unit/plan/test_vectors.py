"""Whose vectors a family means by a name, for its maps."""

from dataclasses import replace

import pytest
from tartarus.base.documents import read_yaml
from tartarus.plan import config, report_jobs, requests, vectors

from tests.paths import SHIPPED


@pytest.fixture(scope="module")
def shipped() -> config.Config:
    return config.load(read_yaml(SHIPPED / "config.yaml"), SHIPPED)


def test_a_name_is_a_setting_of_a_dataset_of_the_family_or_a_layer_of_its_models(shipped: config.Config) -> None:
    ismir = requests.requests_of(shipped, "ismir")
    datasets = list(dict.fromkeys(request.dataset for request in ismir))
    assert len(datasets) > 1
    for last in datasets:
        own = {**shipped.dataset(last), "settings": {**shipped.dataset(last)["settings"], "theirs": "bow"}}
        changed = replace(shipped, datasets={**shipped.datasets, last: own})
        assert vectors.dataset_of(changed, "theirs", ismir) == last
    for request in ismir:
        found = vectors.dataset_of(shipped, f"{request.name}-pred_output", ismir)
        offered = f"{request.name}-pred_output" in shipped.dataset(found)["settings"]
        assert offered or found == request.dataset
    assert vectors.dataset_of(shipped, "nothing", ismir) == ismir[0].dataset


def test_what_is_measured_of_sound_is_in_many_units_and_words_are_not(shipped: config.Config) -> None:
    assert vectors.are_of_many_units(shipped, "descriptors", "DEMO")
    assert not vectors.are_of_many_units(shipped, "bow", "DEMO")


def test_models_of_classes_alone_are_asked_about_the_items_of_a_map(shipped: config.Config) -> None:
    demo = requests.requests_of(shipped, "demo")
    found = report_jobs.of_classes_on(demo, "DEMO")
    assert found == [f"results/demo/predictions_{request.name}.tsv" for request in demo if request.dataset == "DEMO"]
    assert report_jobs.of_classes_on(requests.requests_of(shipped, "demo-listeners"), "DEMO-listeners") == []
