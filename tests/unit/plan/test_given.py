"""What the jobs of a request are given."""

import re
from dataclasses import replace

import pytest
from tartarus.base.errors import TartarusError
from tartarus.items.known import KnownItems
from tartarus.items.known_truth import KnownTruth
from tartarus.plan import config, given, requests

from tests.unit.plan.worlds import world


def test_lists_are_for_recommendation(shipped: config.Config) -> None:
    with pytest.raises(
        TartarusError, match="dummy_audio: lists are for recommendation, the task of DEMO is multiclass"
    ):
        given.listeners(requests.find(shipped, "demo", "dummy_audio"))
    request = requests.find(shipped, "dlrs", "rec_multi_a-sem-emb_audio-emb")
    assert given.listeners(request) == {"user_factors": "data/splits/user_factors_als_200_MSD-A-songs.npy"}


def test_what_is_measured_changes_no_training() -> None:
    asked = {"threshold": "common", "users": 10, "without_items": "zero"}
    plain, other = (
        requests.find(world({"a": {"inputs": ["x"], **options}}, {"x": "bow"}), "mine", "a")
        for options in ({}, {"evaluation": asked})
    )
    assert given.training_options(other) == given.training_options(plain)
    assert given.option(plain, "evaluation") == {}
    assert given.option(other, "evaluation") == asked


@pytest.mark.parametrize(
    ("output", "task", "does"),
    [
        ("space", "multiclass", "finds one of its inputs by the other; ask for its result"),
        ("linear", "recommendation", "predicts what listeners like; ask for results/listeners/..., or top_<n>"),
    ],
)
def test_what_predicts_no_classes_is_told_what_to_ask_for(output: str, task: str, does: str) -> None:
    known = world({"model": {"output": output, "inputs": ["a"]}}, {"a": "bow"}, task=task)
    request = requests.find(known, "mine", "model")
    with pytest.raises(TartarusError, match=re.escape(f"mine/model: tags are classes, but this model {does}")):
        given.truth_of_tags(request, lambda _: 1)
    with pytest.raises(TartarusError, match=f"mine/model: what is predicted of every item is classes, but .* {does}"):
        KnownTruth(known, KnownItems(known)).truth_of_items(request)


def test_what_is_done_to_sound_is_said_once_and_may_be_taken_away(shipped: config.Config) -> None:
    request = requests.find(shipped, "demo", "dummy_audio")
    found = given.deformations(request)
    assert list(found) == ["none", "low-pass", "mp3", "noise", "slower", "softer"]
    assert (found["none"], found["mp3"]) == ({}, {"mp3": 64})
    own = {**shipped.dataset("DEMO"), "deform": dict.fromkeys(found, None) | {"loud": {"gain": 6}}}
    changed = replace(shipped, datasets={**shipped.datasets, "DEMO": own})
    request = requests.find(changed, "demo", "dummy_audio")
    assert given.deformations(request) == {"none": {}, "loud": {"gain": 6}}
    own["deform"] = {}
    with pytest.raises(TartarusError, match="DEMO: deform: nothing in it"):
        given.deformations(request)


def test_what_is_drawn_of_a_model_is_its_filters_or_its_words(shipped: config.Config) -> None:
    classes = {"classes": "data/splits/genre_labels_DEMO.tsv"}
    for name in ("dummy_audio", "dummy_text_vsm_bow"):
        found = given.model_to_look_at(requests.find(shipped, "demo", name))
        assert found == {"model": f"data/models/demo/{name}/seed-1/model.keras", **classes}
    with pytest.raises(TartarusError, match=r"demo/dummy_multimodal_audio_bow: what is drawn .* has dummy"):
        given.model_to_look_at(requests.find(shipped, "demo", "dummy_multimodal_audio_bow"))
    # Without classes there are still filters, but no words that speak for any.
    known = world({"a": {"inputs": ["x"], "output": "linear", "fact": "als"}}, {"x": "bow"}, task="recommendation")
    with pytest.raises(TartarusError, match="has bow as inputs and learns no classes; ask for another"):
        given.model_to_look_at(requests.find(known, "mine", "a"))
    known = world(
        {"a": {"inputs": ["x"], "output": "linear", "fact": "als"}}, {"x": "patches_1_1"}, task="recommendation"
    )
    found = given.model_to_look_at(requests.find(known, "mine", "a"))
    assert found == {"model": "data/models/mine/a/seed-1/model.keras"}
