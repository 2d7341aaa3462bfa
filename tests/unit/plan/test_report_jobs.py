"""What a family's page and report are made of."""

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import config, report_jobs, requests
from tartarus.plan.jobs import Jobs


def test_pictures_are_drawn_of_models_and_of_sound(shipped: config.Config) -> None:
    built, planned = requests.requests_of(shipped, "demo"), Jobs(shipped)
    charts = ["table", "classes", *(f"{kind}_{one.name}" for one in built for kind in ("confusion", "learning"))]
    assert planned.charts(built) == [f"results/demo/figures/{figure}.json" for figure in charts]
    assert planned.pictures(built) == [
        f"results/demo/figures/{figure}.png" for figure in ("spectrograms_DEMO", "chain")
    ]
    assert planned.figures(built) == [f"results/demo/figures/{figure}.png" for figure in charts] + planned.pictures(
        built
    )


def test_items_are_shown_of_datasets_with_files_and_maps_of_the_layers_that_are_learned_from(
    shipped: config.Config,
) -> None:
    built, planned = requests.requests_of(shipped, "demo"), Jobs(shipped)
    assert planned.predicted_items(built) == [f"results/demo/predictions_{request.name}.tsv" for request in built]
    assert planned.datasets_of_shown(built) == ["DEMO"] * len(built)
    assert planned.shown_items(built) == ["data/predictions/demo/shown_items.json"]
    layers = ("dummy_audio-pred_flatten", "dummy_text_vsm_bow-pred_dense2")
    assert planned.maps(built) == [f"results/demo/figures/map_{layer}.html" for layer in layers]
    archived = requests.requests_of(shipped, "ismir")
    assert planned.shown_items(archived) == planned.predicted_items(archived) == planned.maps(archived) == []


def test_lists_are_shown_of_recommendation_alone(shipped: config.Config) -> None:
    for family in ("dlrs", "demo-listeners"):
        built = requests.requests_of(shipped, family)
        expected = [
            f"data/predictions/{family}/{one.name}/shown_lists.json" for one in built if one.task == "recommendation"
        ]
        assert report_jobs.shown_lists(built) == expected != []
    assert report_jobs.shown_lists(requests.requests_of(shipped, "demo")) == []


def test_sources_tell_whom_to_cite_of_an_archive_too(shipped: config.Config) -> None:
    planned = Jobs(shipped)
    (demo,) = planned.sources(requests.requests_of(shipped, "demo"))
    assert (demo["name"], demo["licence"]) == ("DEMO", "MIT, as this repository")
    for source in planned.sources(requests.requests_of(shipped, "ismir")):
        assert source["doi"] == "10.5281/zenodo.831189"
        assert "Oramas" in source["citation"]


def test_models_of_sound_alone_are_asked_about_deformed_sound(shipped: config.Config) -> None:
    found = report_jobs.deformed_results(requests.requests_of(shipped, "demo"))
    models = ("dummy_audio", "dummy_multimodal_audio_bow")
    assert found == [f"data/predictions/demo/{model}/deformed.json" for model in models]
    with pytest.raises(TartarusError, match="ismir: no model of sound, of a dataset with files"):
        report_jobs.deformed_results(requests.requests_of(shipped, "ismir"))
