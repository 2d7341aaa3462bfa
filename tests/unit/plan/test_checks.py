"""What does not go together is refused before anything is computed."""

from contextlib import nullcontext
from copy import deepcopy
from typing import Any

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import checks, config, requests
from tartarus.plan.network_inputs import TAKES
from tartarus.plan.network_options import declared
from tartarus.plan.request import Request

from tests.unit.plan.worlds import related


def changed(known: config.Config, name: str, **options: Any) -> Request:
    """Find a request of DEMO whose experiment says something else."""
    families = deepcopy(dict(known.families))
    experiment = requests.find(known, "demo", name).experiment
    entry = families["demo"]["experiments"][experiment]
    entry["network"] = {**entry["network"], **options.pop("network", {})}
    entry.update(options)
    return requests.find(config.Config(known.values, known.datasets, known.archives, families, {}), "demo", name)


def test_all_that_is_shipped_goes_together(shipped: config.Config) -> None:
    asked = [
        request for family in shipped.families for request in requests.requests_of(shipped, family, on_demand=True)
    ]
    assert len(asked) > 60
    for request in asked:
        checks.refuse_misfits(request)


MEAN: dict[str, Any] = {
    "network": {"name": "mean"},
    "features": {"bow": "dummy_audio-pred_output"},
    "seeds": [1],
}
ALL: dict[str, Any] = {"learn_from": "all", "keep": "last", "epochs": 30, "patience": 30}
CNN = {"filters": [4, 4], "kernels": [[4, 96], [4, 1]], "pools": [[4, 1], [4, 1]]}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("dummy_audio", {"output": "sigmoid", "loss": "cosine"},
         "demo/dummy_audio: output: sigmoid cannot be trained with loss: cosine; write loss: binary_crossentropy"),
        ("dummy_audio", {"output": "linear"}, "output: linear cannot be trained with .*; write loss: cosine"),
        ("dummy_audio", {"output": "factors", "loss": "mean_squared_error"},
         "output: factors is for fact: als or pmi, and this is fact: class; write output: softmax or sigmoid"),
        ("dummy_audio", {"validation": "cut"}, "cut is for archives .* DEMO has one; write validation: file"),
        ("dummy_audio", {"fact": "pmi", "output": "linear", "loss": "cosine"},
         "fact: pmi is not for the task of DEMO, multiclass; write fact: class"),
        ("dummy_audio", {"fact": "als", "output": "linear", "loss": "cosine"},
         "fact: als is not for the task of DEMO, multiclass; write fact: class"),
        ("dummy_multimodal_audio_bow", {"output": "space", "loss": "max_margin"},
         "output: space is for the network space, .* found network: fusion and fact: class; write network: {name: sp"),
        ("dummy_multimodal_audio_bow", {"output": "linear", "loss": "cosine", "output_bias": "shares"},
         "output_bias: shares are of classes, and output: linear has none"),
        ("dummy_multimodal_audio_bow", {"output": "space", "network": {"name": "space"}},
         "output: space cannot be trained with loss: binary_crossentropy; write loss: max_margin"),
        ("dummy_text_vsm_bow", {"network": {"name": "space"}}, "space takes two vectors, found bow; give it two of"),
        ("dummy_text_vsm_bow", {"network": {"name": "reference", "method": "popularity"}, "seeds": [1]},
         "method: popularity predicts factors; write output: factors, or method: logistic-regression"),
        ("dummy_text_vsm_bow",
         {"network": {"name": "reference", "method": "linear-svm", "weighted": True}, "seeds": [1]},
         "weighted: true counts items by who plays them, .*; delete it"),
        ("dummy_text_w2v_w2v", {"network": {"name": "mlp"}}, "mlp: 'w2v' are no vectors; give it bow"),
        ("dummy_text_vsm_bow", {"network": {"name": "text-cnn"}}, "text-cnn: 'bow' are no word ids; give it w2v"),
        ("dummy_text_vsm_bow", {"network": {"name": "crnn"}}, "crnn: 'bow' are no patches of spectrograms"),
        ("dummy_multimodal_audio_bow", {"network": {"name": "mlp"}}, "mlp takes 1 input, found 2"),
        ("dummy_audio", {"network": {**CNN, "pools": [[4, 1], [400, 1]]}},
         "cnn: layer 2: nothing is left of .* after a kernel of 4 x 1 and a pool of 400 x 1"),
        ("dummy_audio", {"network": {**CNN, "kernels": [[4, 97], [4, 1]]}}, "cnn: layer 1: nothing is left"),
        ("dummy_audio", {"network": {**CNN, "filters": [4]}}, "cnn: 1 filters, 2 kernels and 2 pools; give as many"),
        ("dummy_audio", {"network": {"name": "crnn", "pools": [[2, 2]], "filters": [4, 4]}},
         "crnn: 2 filters and 1 pools; give as many of each"),
        ("dummy_audio", {"network": {"name": "crnn", "pools": [[2, 97]], "filters": [4]}},
         "crnn: layer 1: nothing is left"),
        ("dummy_audio", {"network": {"name": "multi-filter-cnn", "pools": [[2, 2], [2, 2]], "filters": []}},
         "0 filters, 2 kernels and 1 pools after the first"),
        ("dummy_audio", {"monitor": "f1", "fact": "pmi", "output": "linear", "loss": "cosine"}, "fact: pmi is not for"),
        ("dummy_multimodal_audio_bow", {"output": "linear", "loss": "cosine", "label_smoothing": 0.1},
         "label_smoothing is for cross-entropy, found loss: cosine; leave it out"),
        ("dummy_multimodal_audio_bow", {"output": "linear", "loss": "cosine", "class_weights": "balanced"},
         "class_weights is for cross-entropy, found loss: cosine; leave it out"),
        ("dummy_text_vsm_bow", {"augmentation": {"mixup": 0.2}},
         "augmentation is for networks of patches alone, mlp takes a vector; leave it out"),
        ("dummy_audio", {"augmentation": {"transpose": 96}}, "transpose: 96 moves patches of 96 bins out of them"),
        ("dummy_multimodal_audio_bow", {"network": {"name": "mean"}, "seeds": [1]},
         "mean averages scores, found 'dummy_audio-pred_flatten'; give it <model>-pred_output"),
        ("dummy_text_vsm_bow", {**MEAN, "standardise": True}, "mean averages scores as they are; leave standardise"),
        ("dummy_text_vsm_bow", {**MEAN, "seeds": [3, 4]}, r"mean has nothing random in it; write seeds: \[3\]"),
        ("dummy_audio", {"evaluation": {"ensemble": True}, "seeds": [1]}, "ensemble: true is the mean of several"),
        ("dummy_audio", {"learn_from": "all"}, "which epoch is best; write keep: last and patience: 30"),
        ("dummy_audio", {**ALL, "patience": 29}, "which epoch is best; write keep: last and patience: 30"),
        ("dummy_audio", {**ALL, "optimizer": {"schedule": "plateau"}}, "a plateau by; write schedule: cosine"),
        ("dummy_audio", {**ALL, "output": "sigmoid", "loss": "binary_crossentropy"},
         "thresholds of many labels on; write learn_from: train, or a number"),
        ("dummy_text_vsm_bow", {**MEAN, **ALL}, "for networks that are trained, found mean; leave it out"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_named_with_what_to_write(
    shipped: config.Config, name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TartarusError, match=message):
        checks.refuse_misfits(changed(shipped, name, **options))


def test_layers_of_what_has_learned_from_validation_items_are_for_a_mean_and_its_like(shipped: config.Config) -> None:
    families = deepcopy(dict(shipped.families))
    experiments = families["demo"]["experiments"]
    known = config.Config(shipped.values, shipped.datasets, shipped.archives, families, {})
    experiments["dummy_audio"].update(ALL)
    checks.refuse_misfits(requests.find(known, "demo", "dummy_audio"))
    with pytest.raises(TartarusError, match=r"demo/.*'dummy_audio' has learned .*; write learn_from: train there"):
        checks.refuse_misfits(requests.find(known, "demo", "dummy_multimodal_audio_bow"))
    experiments["dummy_multimodal"].update({**ALL, "evaluation": {"threshold": 0.5}})
    checks.refuse_misfits(requests.find(known, "demo", "dummy_multimodal_audio_bow"))
    experiments["dummy_text_vsm"].update(deepcopy(MEAN))
    checks.refuse_misfits(requests.find(known, "demo", "dummy_text_vsm_bow"))
    # A network that is given the mean is given what has learned, too.
    passed_on = {"learn_from": "train", "features": {"bow": "dummy_text_vsm_bow-pred_output", "audio": "bow"}}
    with pytest.raises(TartarusError, match=r"'dummy_audio' has learned .*; write learn_from: train there"):
        checks.refuse_misfits(changed(known, "dummy_multimodal_audio_bow", **passed_on))


def test_thresholds_are_chosen_on_no_mean_of_what_has_learned_from_validation_items() -> None:
    half = {"evaluation": {"threshold": 0.5}}
    sound = {"network": {"name": "mlp"}, "inputs": ["a"], "output": "sigmoid", "loss": "binary_crossentropy"}
    mean = {**sound, "network": {"name": "mean"}, "inputs": ["m"], "features": {"m": "sound-pred_output"}}
    for more, told in (
        ({}, "'sound' has learned"),
        ({"evaluation": {"threshold": "common"}}, "'sound' has"),
        (half, ""),
    ):
        known = related({"sound": {**sound, **half, **ALL}, "both": {**mean, **more}})
        with pytest.raises(TartarusError, match=told) if told else nullcontext():
            checks.refuse_misfits(requests.find(known, "family", "both"))


@pytest.mark.parametrize(("trained_on", "is_refused"), [("VIEW", True), ("ALBUMS", True), ("OTHERS", False)])
def test_validation_items_are_known_to_what_has_learned_from_them_under_another_name(
    trained_on: str, is_refused: bool
) -> None:
    sound = {"network": {"name": "mlp"}, "inputs": ["a"], "output": "sigmoid", "loss": "binary_crossentropy"}
    half = {"evaluation": {"threshold": 0.5}}
    fusion = {**sound, "inputs": ["m"], "features": {"m": "sound-pred_output"}}
    known = related({"sound": {**sound, **half, **ALL, "dataset": trained_on}, "fusion": fusion})
    with pytest.raises(TartarusError, match="'sound' has learned") if is_refused else nullcontext():
        checks.refuse_misfits(requests.find(known, "family", "fusion"))


def test_softmax_is_not_for_many_labels(shipped: config.Config) -> None:
    datasets = {**shipped.datasets, "DEMO": {**shipped.datasets["DEMO"], "task": "multilabel"}}
    many = config.Config(shipped.values, datasets, shipped.archives, shipped.families, {})
    with pytest.raises(TartarusError, match=r"softmax chooses one class, .* write output: sigmoid"):
        checks.refuse_misfits(requests.find(many, "demo", "dummy_audio"))


def test_every_network_says_what_it_takes() -> None:
    assert {entry.takes for entry in declared().values()} == set(TAKES)


def of_descriptors(known: config.Config, **audio: int) -> Request:
    """Find a request of descriptors on DEMO, whose sound is transformed otherwise."""
    section = known.datasets["DEMO"]
    datasets = {**known.datasets, "DEMO": {**section, "audio": {**section["audio"], **audio}}}
    families = deepcopy(dict(known.families))
    families["demo"]["experiments"]["dummy_text_vsm"]["features"] = {"bow": "descriptors"}
    return requests.find(config.Config(known.values, datasets, {}, families, {}), "demo", "dummy_text_vsm_bow")


def test_descriptors_need_room_and_bins_for_their_octaves(shipped: config.Config) -> None:
    checks.refuse_misfits(of_descriptors(shipped))
    checks.refuse_misfits(of_descriptors(shipped, sample_rate=16000, n_fft=80))
    with pytest.raises(TartarusError, match="octaves up to 12800 Hz, and audio: sample_rate: 12800 must be above that"):
        checks.refuse_misfits(of_descriptors(shipped, sample_rate=12800))
    with pytest.raises(TartarusError, match="at most 200 Hz, and audio: n_fft: 64 gives bins of 345 Hz; write 128 or"):
        checks.refuse_misfits(of_descriptors(shipped, n_fft=64))


def test_what_is_watched_is_what_the_task_has(shipped: config.Config) -> None:
    def refuse(family: str, name: str, **options: Any) -> None:
        families = deepcopy(dict(shipped.families))
        families[family]["experiments"][name].update(options)
        known = config.Config(shipped.values, shipped.datasets, shipped.archives, families, {})
        checks.refuse_misfits(requests.find(known, family, name))

    refuse("ismir", "logistic_audio_multilabel", monitor="roc_auc")
    with pytest.raises(TartarusError, match="accuracy is for items of one class each; write monitor: roc_auc, f1 or"):
        refuse("ismir", "logistic_audio_multilabel", monitor="accuracy")
    with pytest.raises(TartarusError, match="monitor: f1 is of classes, found fact: pmi; write monitor: loss"):
        refuse("ismir", "cosine_audio_multilabel", monitor="f1")
    refuse("ismir", "logistic_audio_multilabel", augmentation={"gain": 3})
