"""Whole runs: what comes out, twice the same, for a dataset of one's own and for the original's real data."""

import csv
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tartarus.items.tables import read_rows
from tartarus.plan import config as configuration
from tartarus.plan import requests

from tests.paths import ROOT
from tests.unit.learning.small_networks import SMALL

from .conftest import LOST, House, add_mini, copy_house
from .test_documentation import demo_table

FAMILY = ("dummy_audio", "dummy_text_vsm_bow", "dummy_text_w2v_w2v", "dummy_multimodal_audio_bow")


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file whose bytes are promised: not those that tell times."""
    files = [path for part in ("data", "results") for path in (folder / part).rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name not in ("report.html", "table.md", "table.tsv")
    }


def test_one_core_and_two_cores_give_the_same_bytes(finished_house, tmp_path):
    other = copy_house(tmp_path / "house")
    add_mini(other)
    other.run("results/mini/dummy_audio.json", "data/train_data/X_test_dummy_audio-pred_flatten_MINI.npz", cores=1)
    first, second = digests(finished_house.path), digests(other.path)
    assert any(name.endswith("model.keras") for name in second)
    assert {name: first[name] for name in second} == second


def test_the_page_made_again_has_the_same_bytes(finished):
    page = finished.path / "results/mini/index.html"
    before = page.read_bytes()
    page.unlink()
    finished.run("results/mini/index.html", "--forcerun", "shown_items", "table", "plot_classes", cores=1)
    assert page.read_bytes() == before


def test_other_networks_train_and_are_measured(finished):
    known = configuration.load(yaml.safe_load((ROOT / "config/config.yaml").read_text("utf-8")), ROOT / "config")
    # One of each kind of input; all are trained in tests/unit/learning.
    tried = ("cnn-with-bow", "late-fusion_audio_text", "text-lstm_w2v")
    asked = [request for request in requests.requests_of(known, "networks") if request.name in tried]
    assert len(asked) == len(tried)
    # Small enough to be trained in seconds; what is not said is as in the family `networks`.
    experiments = {
        request.experiment: {
            "extends": [f"networks/{request.experiment}", "mini/mini"],
            "network": SMALL[request.options["network"]["name"]].options,
            "seeds": [1],
            "seeds_per_job": 1,
        }
        for request in asked
    }
    family = {"title": "Networks on a dataset of one's own", "experiments": experiments}
    (finished.path / "config/experiments/small.yaml").write_text(yaml.safe_dump(family), encoding="utf-8")
    finished.run(*(f"results/small/{request.name}.json" for request in asked))
    for request in asked:
        result = json.loads((finished.path / f"results/small/{request.name}.json").read_text(encoding="utf-8"))
        assert 0 <= result["measures"]["accuracy"]["mean"] <= 1
        assert result["provenance"]["settings"]["network"]["name"] == request.options["network"]["name"]


ALBUMS = {
    "title": "The albums of MINI",
    "kind": "albums",
    "albums_of": "MINI",
    "task": "multiclass",
    "settings": {"audio": "dummy_audio-pred_flatten"},
}
VIEW_OF_ALBUMS = {
    "title": "The albums of MINI, for another task",
    "kind": "view",
    "view_of": "MINI-albums",
    "task": "multiclass",
    "settings": {"timbre": "timbre"},
}
OF_ALBUMS = {
    "title": "Genres of albums",
    "experiments": {
        "albums": {
            "extends": "mini/mini",
            "dataset": "MINI-albums",
            "inputs": 1,
            "network": {"name": "mlp"},
            "output": "softmax",
            "loss": "categorical_crossentropy",
        },
    },
}
OF_VIEW = {
    "title": "Tags of tracks",
    "experiments": {
        "tags": {
            "extends": "mini/mini",
            "dataset": "MINI-tags",
            "dim": 12,
            "inputs": 1,
            "network": {"name": "mlp"},
            "output": "sigmoid",
            "loss": "binary_crossentropy",
        }
    },
}
VIEW = {"title": "The tags of MINI", "kind": "view", "view_of": "MINI", "task": "multilabel", "label_column": "labels"}


def test_albums_learn_from_the_mean_of_their_tracks(finished):
    (finished.path / "config/datasets/MINI-albums.yaml").write_text(yaml.safe_dump(ALBUMS), encoding="utf-8")
    (finished.path / "config/experiments/albums.yaml").write_text(yaml.safe_dump(OF_ALBUMS), encoding="utf-8")
    said = finished.run("results/albums/albums_audio.json")
    # The vectors of the tracks are there; nothing of theirs is made again.
    assert re.findall(r"^(?:local)?rule (\S+):", said, re.MULTILINE).count("predict_layer") == 0
    tracks = read_rows(finished.path / "data/raw/MINI/items.tsv")
    albums = read_rows(finished.path / "data/raw/MINI-albums/items.tsv")
    assert {row["id"] for row in albums} == {row["album"] for row in tracks}
    with np.load(finished.path / "data/train_data/X_train_dummy_audio-pred_flatten_MINI.npz") as file:
        of_track = dict(zip(file["index"].tolist(), file["features"], strict=True))
    with np.load(finished.path / "data/train_data/X_train_dummy_audio-pred_flatten_MINI-albums.npz") as file:
        of_album = dict(zip(file["index"].tolist(), file["features"], strict=True))
    for album, vector in of_album.items():
        members = [of_track[row["id"]] for row in tracks if row["album"] == album and row["id"] in of_track]
        np.testing.assert_allclose(vector, np.mean(members, axis=0), rtol=1e-5, atol=1e-6)
    result = json.loads((finished.path / "results/albums/albums_audio.json").read_text(encoding="utf-8"))
    assert result["items"]["train"] == len(of_album)
    assert result["items"]["test"] == sum(row["set"] == "test" for row in albums)
    assert "Nothing to be done" in finished.run("-n", "results/albums/albums_audio.json")
    # What is measured of sound is averaged, too, and a view of the albums has what they have.
    (finished.path / "config/datasets/MINI-views.yaml").write_text(yaml.safe_dump(VIEW_OF_ALBUMS), encoding="utf-8")
    finished.edit("config/experiments/albums.yaml", "dataset: MINI-albums", "dataset: MINI-views")
    planned = finished.planned("results/albums/albums_timbre.json")
    assert {"album_means timbre MINI-albums", "set_statistics test timbre MINI", "view_MINI-views"} <= planned
    assert not any(job.startswith(("album_means dummy", "set_statistics test timbre MINI-")) for job in planned)


def test_a_view_learns_another_truth_from_features_that_are_there(finished):
    (finished.path / "config/datasets/MINI-tags.yaml").write_text(yaml.safe_dump(VIEW), encoding="utf-8")
    (finished.path / "config/experiments/tracks.yaml").write_text(yaml.safe_dump(OF_VIEW), encoding="utf-8")
    said = finished.run("results/tracks/tags_audio.json")
    made = set(re.findall(r"^(?:local)?rule (\S+):", said, re.MULTILINE))
    assert made == {"view_MINI-tags", "index", "classes", "targets", "train_tracks_tags", "predict", "evaluate"}
    rows = {row["id"]: row for row in read_rows(finished.path / "data/raw/MINI/items.tsv")}
    classes = (finished.path / "data/splits/genre_labels_MINI-tags.tsv").read_text(encoding="utf-8").split()
    ids = (finished.path / "data/splits/items_index_test_MINI-tags.tsv").read_text(encoding="utf-8").split()
    truth = np.load(finished.path / "data/splits/y_test_class_12_MINI-tags.npy")
    assert [[name in rows[id_]["labels"].split("|") for name in classes] for id_ in ids] == truth.astype(bool).tolist()
    result = json.loads((finished.path / "results/tracks/tags_audio.json").read_text(encoding="utf-8"))
    whole = json.loads((finished.path / "results/mini/dummy_audio.json").read_text(encoding="utf-8"))
    assert result["items"]["left_out"] == whole["items"]["left_out"]
    assert "Nothing to be done" in finished.run("-n", "results/tracks/tags_audio.json")


def test_results_count_what_was_left_out(finished_house):
    for name in FAMILY:
        result = json.loads((finished_house.path / f"results/mini/{name}.json").read_text(encoding="utf-8"))
        configuration.validate(result, "result", source=name)
        lost = {"missing": 1, "undecodable": 1} if name in (FAMILY[0], FAMILY[3]) else {}
        wordless = [path for path in (finished_house.path / "data/raw/MINI/text").iterdir() if not path.stat().st_size]
        noted = {} if name == "dummy_audio" else {"empty": len(wordless)}
        assert result["items"]["left_out"] == lost
        assert result["items"]["noted"] == noted
        assert sum(result["items"][set_] for set_ in ("train", "val", "test")) == 48 - len(LOST) * bool(lost)


def test_results_name_their_inputs_with_checksums(finished_house):
    result = json.loads((finished_house.path / f"results/mini/{FAMILY[3]}.json").read_text(encoding="utf-8"))
    inputs = result["provenance"]["inputs"]
    assert "data/models/mini/dummy_multimodal_audio_bow/seed-2/model.keras" in inputs
    assert "data/train_data/X_train_dummy_audio-pred_flatten_MINI.npz" in inputs
    for path, checksum in inputs.items():
        assert hashlib.sha256((finished_house.path / path).read_bytes()).hexdigest() == checksum


def test_the_table_holds_every_result_of_the_family(finished_house):
    folder = finished_house.path / "results/mini"
    with (folder / "table.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for name in FAMILY:
        result = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        mine = [row for row in rows if "_".join(filter(None, (row["experiment"], row["settings"]))) == name]
        assert {row["measure"]: row["mean"] for row in mine} == {
            measure: f"{values['mean']:.4f}" for measure, values in result["measures"].items()
        }
        assert f"| {name}" in (folder / "table.md").read_text(encoding="utf-8")


def test_the_report_holds_every_picture(finished_house):
    html = (finished_house.path / "results/mini/report.html").read_text(encoding="utf-8")
    for picture in (finished_house.path / "results/mini/figures").glob("*.png"):
        assert picture.name in html
    assert "index.html" in html
    for category in ("Page", "Results", "Confusion matrices", "Learning curves", "Spectrograms", "Chain of rules"):
        assert category in html


def test_the_outputs_of_a_layer_are_those_of_a_keras_sub_model(finished_house):
    from tartarus.learning import backend

    backend.start(threads=1)
    import keras
    from tartarus.learning import layers  # noqa: F401 (registers the layers that the file holds)

    folder = finished_house.path / "data"
    model = keras.saving.load_model(folder / "models/mini/dummy_text_vsm_bow/seed-1/model.keras")
    x = np.load(folder / "train_data/X_test_bow_MINI.npz")
    import scipy.sparse

    dense = scipy.sparse.csr_matrix((x["data"], x["indices"], x["indptr"]), shape=x["shape"]).toarray()
    expected = keras.Model(model.inputs, model.get_layer("dense2").output).predict(dense, verbose=0)
    written = np.load(folder / "train_data/X_test_dummy_text_vsm_bow-pred_dense2_MINI.npz")
    assert written["index"].tolist() == x["index"].tolist()
    np.testing.assert_allclose(written["features"], expected, atol=1e-6)


def test_a_log_and_a_benchmark_for_every_job(finished_house):
    logs = {path.relative_to(finished_house.path / "logs") for path in (finished_house.path / "logs").rglob("*.log")}
    folder = finished_house.path / "benchmarks"
    assert {path.with_suffix("") for path in logs} == {
        path.relative_to(folder).with_suffix("") for path in folder.rglob("*.tsv")
    }
    course = (finished_house.path / "logs/train/mini/dummy_audio_seed-1.log").read_text(encoding="utf-8")
    assert "epoch 2 of 2" in course
    assert "to go" in course


@pytest.fixture(scope="session")
def super_house(tmp_path_factory, mirror):
    """A finished run of the family super, on the original's data."""
    house = copy_house(tmp_path_factory.mktemp("super") / "house")
    house.said = house.run("super", mirror=mirror)
    return house


@pytest.mark.original
def test_super_makes_its_four_results(super_house):
    for name in FAMILY:
        result = json.loads((super_house.path / f"results/super/{name}.json").read_text(encoding="utf-8"))
        configuration.validate(result, "result", source=name)
        assert result["items"]["train"] == result["items"]["val"] == result["items"]["test"] == 3
        assert result["seeds"] == [1, 2, 3]
        assert [row["class"] for row in result["per_class"]] == ["Cumbia", "Merengue", "Reggaeton"]
    assert "Nothing to be done" in super_house.run("-n", "super")


@pytest.mark.original
def test_the_splits_of_super_are_those_of_the_original(super_house, mirror):
    for set_ in ("train", "val", "test"):
        ours = super_house.path / "data/splits"
        theirs = mirror / "SUPER/splits"
        ids = f"items_index_{set_}_SUPER.tsv"
        assert (ours / ids).read_text(encoding="utf-8").split() == (theirs / ids).read_text(encoding="utf-8").split()
        y = f"y_{set_}_class_3_SUPER.npy"
        np.testing.assert_array_equal(np.load(ours / y), np.load(theirs / y))
    labels = "genre_labels_SUPER.tsv"
    assert (ours / labels).read_text(encoding="utf-8").split() == (theirs / labels).read_text(encoding="utf-8").split()


@pytest.mark.original
def test_the_silent_track_is_used_with_a_warning(super_house):
    assert "track S8 is silent" in super_house.said
    result = json.loads((super_house.path / "results/super/dummy_audio.json").read_text(encoding="utf-8"))
    assert result["items"]["noted"] == {"silent": 1}
    assert result["items"]["left_out"] == {}


@pytest.mark.original
def test_every_file_of_super_can_be_asked_for_alone(super_house):
    shutil.rmtree(super_house.path / "data/patches")
    others = [target for target in SUPER_TARGETS if not target.startswith("data/patches")]
    assert len(others) == len(SUPER_TARGETS) - 1
    assert "Nothing to be done" in super_house.run("-n", *others)
    assert super_house.planned(SUPER_TARGETS[0]) == {"patches train SUPER 1 15"}


# DESIGN: the original's commands for SUPER, as targets.
SUPER_TARGETS = (
    "data/patches/patches_train_SUPER_1_15.hdf5",
    "data/train_data/X_train_bow_SUPER.npz",
    "data/train_data/X_train_w2v_SUPER.npz",
    "results/super/dummy_audio.json",
    "results/super/dummy_text_vsm_bow.json",
    "results/super/dummy_text_w2v_w2v.json",
    "data/train_data/X_train_dummy_audio-pred_flatten_SUPER.npz",
    "results/super/dummy_multimodal_audio_bow.json",
)


def test_every_file_of_super_is_planned_from_nothing(fresh):
    planned = fresh.planned(*SUPER_TARGETS)
    assert {"fetch_SUPER", "import_SUPER", "patches train SUPER 1 15", "bow SUPER", "w2v SUPER"} <= planned
    assert {f"evaluate super {name}" for name in FAMILY} <= planned


def test_the_dag_of_super_is_the_chain_from_raw_files_to_the_report(fresh):
    dot = fresh.snakemake("--dag", "dot", "super").stdout
    names = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)', dot, re.MULTILINE))
    edges = {(names[a], names[b]) for a, b in re.findall(r"^\s*(\d+) -> (\d+)", dot, re.MULTILINE)}
    steps = [
        "fetch_SUPER",
        "spectrograms_cqt",
        "patches",
        "train_super_dummy_audio",
        "predict_layer",
        "train_super_dummy_multimodal",
        "predict",
        "evaluate",
        "table",
        "page",
        "report",
        "super",
    ]
    for step in itertools.pairwise(steps):
        assert step in edges


@pytest.mark.skipif(not shutil.which("dot"), reason="draws with dot: install Graphviz")
def test_dot_draws_the_dag(fresh):
    dot = fresh.snakemake("--dag", "dot", "super").stdout
    svg = subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, text=True, check=True).stdout
    assert svg.count('class="node"') > 40


def test_the_picture_in_the_readme_shows_the_rules_of_today(fresh):
    dot = fresh.snakemake("--rulegraph", "dot", "super").stdout
    today = set(re.findall(r'label = "(\w+)"', dot))
    svg = (ROOT / "docs/rulegraph.svg").read_text(encoding="utf-8")
    assert set(re.findall(r">(\w+)</text>", svg)) == today


def test_listed_rules_say_what_they_do(fresh):
    listed = fresh.snakemake("--list-rules").stdout
    for line in filter(None, listed.splitlines()):
        assert re.fullmatch(r"[\w.-]+ \(.+\.\)", line), line


def test_a_dataset_may_take_its_settings_from_an_overlay(finished, overlay):
    settings = overlay({"datasets": {"MINI": {"patches": {"offsets": "even"}}}})
    planned = finished.planned("data/models/mini/dummy_audio/seed-1/model.keras", "--configfile", settings)
    assert planned == {"patches train MINI 2 2", "patches val MINI 2 2", "train_mini_dummy_audio mini dummy_audio"}


def test_the_default_family_is_demo():
    values = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    assert values["default_family"] == "demo"


def test_every_modality_of_demo_learns_and_their_fusion_beats_both(fresh):
    results = {name: f"results/demo/{name}.json" for name in FAMILY}
    fresh.run(*results.values())
    measured = {
        name: json.loads((fresh.path / path).read_text(encoding="utf-8"))["measures"]["accuracy"]
        for name, path in results.items()
    }
    # Four classes, as many test items of each: chance is a quarter.
    for name, accuracy in measured.items():
        assert accuracy["ci95"][0] > 0.25, name
    fusion = measured["dummy_multimodal_audio_bow"]["mean"]
    assert fusion > measured["dummy_audio"]["mean"]
    assert fusion > measured["dummy_text_vsm_bow"]["mean"]
    # The README's table is of a run like this one; on another processor the trainings may differ by some items.
    for name, printed in demo_table().items():
        assert [measured[name]["mean"], *measured[name]["ci95"]] == pytest.approx(printed, abs=0.05), name


def test_vectors_are_taken_elsewhere_and_searched(finished):
    made = {
        "results/embeddings/MINI/audio.parquet",
        "results/embeddings/MINI/audio_vectors.tsv",
        "results/neighbours/MINI/audio.tsv",
    }
    said = finished.run(*sorted(made))
    rules = set(re.findall(r"^(?:local)?rule (\S+):", said, re.MULTILINE))
    assert rules == {"embeddings", "embeddings_projector", "neighbours"}
    frame = pd.read_parquet(finished.path / "results/embeddings/MINI/audio.parquet").set_index("id")
    source = finished.path / "data/train_data/X_test_dummy_audio-pred_flatten_MINI.npz"
    with np.load(source) as file:
        for id_, vector in zip(file["index"].tolist(), file["features"], strict=True):
            np.testing.assert_array_equal(frame.loc[id_, "vector"], vector)
    table = {row["id"]: row["genre"] for row in read_rows(finished.path / "data/raw/MINI/items.tsv")}
    assert {id_: list(labels) for id_, labels in frame["labels"].items()} == {id_: [table[id_]] for id_ in frame.index}
    rows = read_rows(finished.path / "results/neighbours/MINI/audio.tsv")
    assert len(rows) == 10 * len(frame)
    one, other = (np.asarray(frame.loc[rows[0][name], "vector"], float) for name in ("id", "neighbour"))
    assert float(rows[0]["cosine"]) == pytest.approx(
        one @ other / np.linalg.norm(one) / np.linalg.norm(other), abs=1e-5
    )
    assert "Nothing to be done" in finished.run("-n", *sorted(made))
    assert "has no vector for each item" in finished.fails("-n", "results/neighbours/MINI/patches.tsv")
    assert "did you mean 'audio'?" in finished.fails("-n", "results/neighbours/MINI/audi.tsv")


def test_files_that_nobody_labelled_are_tagged_and_later_only_new_ones(finished):
    inbox, raw = finished.path / "data/inbox/NEW", finished.path / "data/raw/MINI"
    (inbox / "deep").mkdir(parents=True)
    rows = {row["id"]: row for row in read_rows(raw / "items.tsv") if row["id"] not in LOST}
    first, second, third = list(rows.values())[:3]
    shutil.copy(raw / first["audio"], inbox / "one.wav")
    shutil.copy(raw / first["text"], inbox / "one.txt")
    shutil.copy(raw / second["audio"], inbox / "deep/two.wav")
    (inbox / "noise.mp3").write_text("no sound", encoding="utf-8")
    targets = ("results/tags/NEW/mini_dummy_audio.tsv", f"results/tags/NEW/mini_{FAMILY[3]}.tsv")
    figures = "results/tags/NEW/figures/mini_dummy_audio"
    said = finished.run(*targets, figures)
    assert set(re.findall(r"^(?:local)?rule (\S+):", said, re.MULTILINE)) == {"usage", "tags", "tag_figures"}
    drawn = {path.relative_to(finished.path / figures).as_posix() for path in (finished.path / figures).rglob("*.png")}
    assert drawn == {"deep/two.wav.png", "one.wav.png"}
    audio, both = (read_rows(finished.path / target) for target in targets)
    assert [(row["file"], row["status"]) for row in audio] == [
        ("deep/two.wav", "ok"),
        ("noise.mp3", "undecodable"),
        ("one.wav", "ok"),
    ]
    assert [bool(row["classes"]) for row in both] == [False, False, True]
    assert both[0]["detail"] == "no text beside it, which the model needs"
    assert "Nothing to be done" in finished.run("-n", *targets, figures)
    shutil.copy(raw / third["audio"], inbox / "three.wav")
    finished.run(targets[0], figures)
    assert read_rows(finished.path / targets[0])[:3] == audio
    for rule, done in (("tags", "tagged"), ("tag_figures", "drawn")):
        log = (finished.path / f"logs/{rule}/NEW/mini_dummy_audio.log").read_text(encoding="utf-8")
        assert f"files {done}: 1 of 1 done" in log
    assert len([*(finished.path / figures).rglob("*.png")]) == 3


# Behind the page's own example.
TOLD = """
import json
print(json.dumps({"said": said, "embedded": vector.tolist(), "heard": heard.shape}))
"""


def example_for(house: House) -> str:
    """Take the example of docs/using.md, for a model and a file of a house."""
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/using.md").read_text(encoding="utf-8"), re.DOTALL)
    return example.replace("data/models/super", f"{house.path}/data/models/mini").replace("song.mp3", "one.wav") + TOLD


def test_a_program_gets_what_the_targets_write(finished):
    inbox, raw = finished.path / "data/inbox/NEW", finished.path / "data/raw/MINI"
    inbox.mkdir(parents=True)
    # Of 3 s, of which a patch is 2: what is left between the trimmed ends is one window.
    row = next(row for row in read_rows(raw / "items.tsv") if row["id"] not in LOST)
    shutil.copy(raw / row["audio"], inbox / "one.wav")
    (inbox / "two.wav").write_text("no sound", encoding="utf-8")
    near = "results/neighbours/MINI/NEW/audio.tsv"
    finished.run("results/tags/NEW/mini_dummy_audio.tsv", near)
    whole = json.loads((finished.path / "results/tags/NEW/mini_dummy_audio.json").read_text(encoding="utf-8"))
    environment = {**os.environ, "PYTHONPATH": str(finished.path / "workflow/scripts")}
    # From another folder than the models'.
    command = [sys.executable, "-c", example_for(finished)]
    done = subprocess.run(command, cwd=inbox, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["said"]["scores"] == dict(zip(whole["classes"], whole["files"][0]["scores"], strict=True))
    assert list(found["said"]["scores"].values()) == sorted(found["said"]["scores"].values(), reverse=True)
    assert (
        "|".join(found["said"]["classes"])
        == read_rows(finished.path / "results/tags/NEW/mini_dummy_audio.tsv")[0]["classes"]
    )
    assert found["heard"][1] == 96
    vectors, ids = [], []
    for set_ in ("train", "val", "test"):
        with np.load(finished.path / f"data/train_data/X_{set_}_dummy_audio-pred_flatten_MINI.npz") as file:
            vectors += list(file["features"] / np.linalg.norm(file["features"], axis=1, keepdims=True))
            ids += file["index"].tolist()
    cosines = np.array(vectors) @ found["embedded"] / np.linalg.norm(found["embedded"])
    rows = read_rows(finished.path / near)
    assert [(row["file"], row["status"]) for row in rows] == [("one.wav", "ok")] * 10 + [("two.wav", "undecodable")]
    nearest = np.argsort(-cosines)[:10]
    assert [float(row["cosine"]) for row in rows[:10]] == pytest.approx(cosines[nearest].tolist(), abs=1e-5)
    assert rows[0]["neighbour"] == ids[nearest[0]]


def test_what_cannot_tag_is_told_with_what_can(finished):
    (finished.path / "data/inbox/NEW").mkdir(parents=True)
    unknown = finished.fails("-n", "results/tags/NEWS/mini_dummy_audio.tsv")
    assert "data/inbox/NEWS: no such folder; did you mean 'NEW'?" in unknown
    assert "did you mean 'mini'?" in finished.fails("-n", "results/tags/NEW/mimi_dummy_audio.tsv")
    assert "no file of sound in it" in finished.fails("-n", "results/tags/NEW/mini_dummy_audio.tsv")
    assert "tags are classes" in finished.fails("-n", "results/tags/NEW/dlrs_rec_sparse_sem-bio.tsv")


def test_what_a_model_has_learned_is_drawn_when_it_is_asked_for(finished):
    finished.run("results/mini/figures/learned_dummy_text_vsm_bow.png")
    table = finished.path / "results/mini/figures/learned_dummy_text_vsm_bow.tsv"
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    assert header == "class\tword\tweight"
    classes = (finished.path / "data/splits/genre_labels_MINI.tsv").read_text(encoding="utf-8").split()
    assert {row.split("\t")[0] for row in rows} == set(classes)
    assert table.with_suffix(".svg").read_text(encoding="utf-8").startswith("<?xml")
    said = finished.fails("results/mini/figures/learned_dummy_multimodal_audio_bow.png")
    assert "what is drawn of a model is the filters of its first convolution over patches" in said


def test_files_for_tensorboard_make_no_model_stale(finished_house):
    assert finished_house.planned("mini", "--config", "tensorboard=True") == set()


def test_a_run_beside_another_that_made_the_same_differs_in_nothing(finished, finished_house):
    finished.run("results/compare.html", "--config", f"compare={finished_house.path}/results/mini,mini")
    rows = [row for row in read_rows(finished.path / "results/compare.tsv") if row["side"] == "mini"]
    assert {row["result"] for row in rows} == set(FAMILY)
    assert {row["difference_ci95_low"] for row in rows if row["measure"] == "accuracy"} == {"0.0"}
    page = (finished.path / "results/compare.html").read_text(encoding="utf-8")
    assert page.count("all is the same") == len(FAMILY)
    said = finished.fails("results/compare.html", "--config", "compare=mini")
    assert "compare: mini; write at least two families or folders of results" in said
