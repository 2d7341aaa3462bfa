"""Pretrained networks that features name: which there are, what their vectors depend on, what a result tells."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from tartarus.base.documents import read_yaml
from tartarus.base.errors import TartarusError
from tartarus.plan import chains, config, given, pretrained, requests
from tartarus.plan.feature_kinds import PRETRAINED, feature_file, kind_of
from tartarus.plan.jobs import Jobs

from tests.paths import SHIPPED

DIGEST = "ab" * 32
OWN: dict[str, Any] = {
    "file": "pitch.onnx",
    "sha256": DIGEST,
    "licence": "Apache-2.0",
    "front_end": {"type": "waveform", "sample_rate": 22050},
    "window": 43844,
    "node": "notes",
}
SONGS: dict[str, Any] = {
    "title": "Songs",
    "kind": "table",
    "task": "multiclass",
    "settings": {"musicnn": "pretrained_MSD-musicnn_mean-max", "pitch": "pretrained_pitch_mean-sd"},
    "pretrained": {"pitch": OWN},
}
FAMILY = {
    "title": "Tried",
    "experiments": {
        "heard": {
            **{"dataset": "SONGS", "inputs": 1, "settings": [["musicnn"]], "dim": 3, "network": {"name": "mlp"}},
            **{"output": "softmax", "loss": "categorical_crossentropy"},
        }
    },
}


def load(tmp_path: Path, dataset: dict[str, Any], **values: Any) -> config.Config:
    for folder, content in (("datasets/SONGS", dataset), ("experiments/tried", FAMILY)):
        path = tmp_path / f"{folder}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return config.load({**read_yaml(SHIPPED / "config.yaml"), **values}, tmp_path)


def test_a_name_tells_the_network_and_its_parts() -> None:
    assert kind_of("pretrained_MSD-musicnn_mean-max") is PRETRAINED
    assert PRETRAINED.parts("pretrained_MSD-musicnn_mean-max") == {"network": "MSD-musicnn", "parts": "mean-max"}
    assert feature_file("pretrained_a_b", "test", "SONGS") == "data/train_data/X_test_pretrained_a_b_SONGS.npz"


def test_what_vectors_depend_on_is_a_parameter_and_names_their_weights(tmp_path: Path) -> None:
    songs = load(tmp_path, SONGS)
    known = Jobs(songs)
    musicnn = known.statistical_options({"dataset": "SONGS", "statistics": "pretrained_MSD-musicnn_mean-max"})
    assert musicnn["weights"] == pretrained.MUSICNN["MSD-musicnn"].weights
    assert musicnn["parts"] == ["mean", "max"]
    own = known.statistical_options({"dataset": "SONGS", "statistics": "pretrained_pitch_mean-sd"})
    assert own["weights"] == DIGEST
    assert (own["window"], own["hop"]) == (43844, 43844)
    assert own["front_end"]["fmax"] == 11025
    assert known.pretrained_file({"dataset": "SONGS", "statistics": "pretrained_pitch_mean"}) == (
        "data/raw/weights/pitch/pitch.onnx"
    )


def test_a_result_names_checksum_and_licence_through_other_models(tmp_path: Path) -> None:
    songs = load(tmp_path, {**SONGS, "settings": {**SONGS["settings"], "hidden": "heard_musicnn-pred_output"}})
    for name in ("heard_musicnn", "heard_hidden"):
        told = given.training_options(requests.find(songs, "tried", name))["pretrained"]
        network = told["pretrained_MSD-musicnn_mean-max"]
        assert network["sha256"] == pretrained.MUSICNN["MSD-musicnn"].files
        assert network["licence"].startswith("ISC")
    told = given.training_options(requests.find(songs, "tried", "heard_pitch"))["pretrained"]
    assert told == {
        "pretrained_pitch_mean-sd": {"network": "pitch", "licence": "Apache-2.0", "sha256": {"pitch.onnx": DIGEST}}
    }
    shipped = config.load(read_yaml(SHIPPED / "config.yaml"), SHIPPED)
    assert "pretrained" not in given.training_options(requests.find(shipped, "demo", "dummy_audio"))


def test_a_file_of_an_inbox_is_heard_by_the_network_of_training(tmp_path: Path) -> None:
    songs = load(tmp_path, SONGS)
    heard = chains.chain(requests.find(songs, "tried", "heard_musicnn"))
    network = "data/models/pretrained/MSD-musicnn.keras"
    assert heard["inputs"] == [{"kind": PRETRAINED.name, "network": network, "min_seconds": 1.0}]
    assert list(chains.models(heard))[-1] == network
    heard = chains.chain(requests.find(songs, "tried", "heard_pitch"))
    network, threads = "data/raw/weights/pitch/pitch.onnx", songs.values["experiment"]["threads"]
    wanted = {"kind": PRETRAINED.name, "network": network, "min_seconds": 1.0, "threads": threads}
    assert heard["inputs"] == [wanted]
    assert list(chains.models(heard))[-1] == network


def test_where_files_are_had(tmp_path: Path) -> None:
    known = Jobs(load(tmp_path, SONGS))
    source = known.source_of_weights({"network": "pitch", "file": "pitch.onnx"})
    assert source == {"url": "", "files": {"pitch.onnx": DIGEST}, "algorithm": "sha256", "mirror": "pitch"}
    with pytest.raises(TartarusError, match=r"other\.onnx: not the file of pitch, which is pitch\.onnx"):
        known.source_of_weights({"network": "pitch", "file": "other.onnx"})
    source = pretrained.source_of_musicnn({"network": "MTT-musicnn"})
    assert source["mirror"] == "musicnn/MTT_musicnn"
    assert source["url"].endswith("/musicnn/MTT_musicnn")


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ("pretrained_MSD-musicn_mean", r"SONGS\.yaml: settings: x: .* no pretrained network .* 'MSD-musicnn'\? "),
        ("pretrained_MSD-musicnn_means", r"MSD-musicnn gives no 'means'; did you mean 'mean'\? Known: cnn1, cnn2"),
        ("pretrained_pitch_mean-maxx", r"pitch gives no 'maxx'; did you mean 'max'\? Known: max, mean, sd; several"),
    ],
)
def test_what_is_not_there_is_told_beside_what_is(tmp_path: Path, features: str, message: str) -> None:
    with pytest.raises(TartarusError, match=message):
        load(tmp_path, {**SONGS, "settings": {**SONGS["settings"], "x": features}})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"sha256": "abc"}, r"pretrained: pitch: sha256: 'abc' is not a SHA-256 of 64 hexadecimal digits"),
        ({"file": "../pitch.onnx"}, r"file: '\.\./pitch\.onnx' is not the name of a file"),
        ({"front_end": {"type": "mel", "sample_rate": 16000}}, r"front_end: 'bins' is a required property"),
        (
            {"front_end": {"type": "stft", "sample_rate": 8000, "n_fft": 4, "hop": 1, "scale": "log"}},
            r"'offset' is a req",
        ),
        ({"nodes": "x"}, r"unknown key 'nodes'; did you mean 'node'\?"),
        ({"url": "http://example.org"}, r"pretrained: pitch: url: begins with http://"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(TartarusError, match=message):
        load(tmp_path, {**SONGS, "pretrained": {"pitch": {**OWN, **wrong}}})


def test_one_name_means_one_file(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    other = {**SONGS, "pretrained": {"pitch": {**OWN, "sha256": "cd" * 32}}}
    (tmp_path / "datasets/OTHERS.yaml").write_text(yaml.safe_dump(other), encoding="utf-8")
    with pytest.raises(TartarusError, match=r"SONGS: pretrained: pitch: OTHERS means another file by this name"):
        load(tmp_path, SONGS)
    (tmp_path / "datasets/OTHERS.yaml").unlink()
    with pytest.raises(TartarusError, match=r"MSD-musicnn is a network of musicnn; give yours another name"):
        load(tmp_path, {**SONGS, "pretrained": {**SONGS["pretrained"], "MSD-musicnn": OWN}})
