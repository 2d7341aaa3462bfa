"""The experiments of the papers, from look-alikes of their archives to their tables, through the command line."""

import csv
import json
import os
import shutil
import subprocess
import sys
import tarfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml
from PIL import Image
from tartarus.items import tables
from tartarus.plan import config, requests

from tests.paths import ROOT

from .conftest import House, copy_house

# Every command of the original's README, and what does the same here.
README_COMMANDS = {
    "rec_sparse sem-bio": "dlrs/rec_sparse_sem-bio",
    "rec_multi a-sem-emb audio-emb": "dlrs/rec_multi_a-sem-emb_audio-emb",
    "logistic_multilabel_bi model_audio model_text": "ismir/logistic_multilabel_bi_audio_text",
    "logistic_multilabel_bi model_visual model_text": "ismir/logistic_multilabel_bi_visual_text",
    "logistic_multilabel_bi model_visual model_audio": "ismir/logistic_multilabel_bi_visual_audio",
    "cosine_multilabel_bi model_audio model_text": "ismir/cosine_multilabel_bi_audio_text",
    "cosine_multilabel_bi model_visual model_text": "ismir/cosine_multilabel_bi_visual_text",
    "cosine_multilabel_bi model_visual model_audio": "ismir/cosine_multilabel_bi_visual_audio",
    "logistic_multilabel_tri model_audio model_text model_visual": "ismir/logistic_multilabel_tri_audio_text_visual",
    "cosine_multilabel_tri model_audio model_text model_visual": "ismir/cosine_multilabel_tri_audio_text_visual",
    "cosine_text_multilabel VSM": "ismir/cosine_text_multilabel_VSM",
    "cosine_text_multilabel VSM-SEM": "ismir/cosine_text_multilabel_VSM-SEM",
    "logistic_text_multilabel VSM": "ismir/logistic_text_multilabel_VSM",
    "logistic_text_multilabel VSM-SEM": "ismir/logistic_text_multilabel_VSM-SEM",
    "single-label-vector audio": "tismir/single-label-vector_audio",
    "single-label-multimodal audio visual": "tismir/single-label-multimodal_audio_visual",
    "single-label-multimodal audio mm-audio": "tismir/single-label-multimodal_audio_mm-audio",
    "single-label-all audio visual mm-audio mm-visual": "tismir/single-label-all_audio_visual_mm-audio_mm-visual",
}
# What else the papers report or the original's source configures.
FURTHER = [
    "acousticbrainz/genres_allmusic",
    "acousticbrainz/genres_allmusic_multimodal",
    "acousticbrainz/genres_discogs",
    "acousticbrainz/genres_discogs_multimodal",
    "acousticbrainz/genres_discogs_singlemodal_discogs",
    "acousticbrainz/genres_lastfm",
    "acousticbrainz/genres_lastfm_multimodal",
    "acousticbrainz/genres_tagtraum",
    "acousticbrainz/genres_tagtraum_multimodal",
    "dlrs/rec_dense_a-sem-emb",
    "dlrs/rec_multi_sem-bio_audio-emb",
    "dlrs/rec_songs_a-sem-emb",
    "dlrs/rec_songs_audio-emb",
    "dlrs/rec_songs_sem-bio",
    "ismir/audio_cosine_high-3x3",
    "ismir/audio_cosine_high-4x70",
    "ismir/audio_cosine_high-4x96",
    "ismir/audio_cosine_low-3x3",
    "ismir/audio_cosine_low-4x70",
    "ismir/audio_cosine_low-4x96",
    "ismir/audio_logistic_high-3x3",
    "ismir/audio_logistic_high-4x70",
    "ismir/audio_logistic_high-4x96",
    "ismir/audio_logistic_low-3x3",
    "ismir/audio_logistic_low-4x70",
    "ismir/audio_logistic_low-4x96",
    "ismir/audio_logistic_timbre-mlp",
    "ismir/image_logistic_resnet",
    "ismir/cosine_multilabel_vector_audio",
    "ismir/cosine_multilabel_vector_text",
    "ismir/cosine_multilabel_vector_visual",
    "ismir/logistic_multilabel_vector_audio",
    "ismir/logistic_multilabel_vector_text",
    "ismir/logistic_multilabel_vector_visual",
    "tismir/single-label-audio",
    "tismir/single-label-multimodal_mm-audio_mm-visual",
    "tismir/single-label-multimodal_visual_mm-visual",
    "tismir/single-label-vector_mm-audio",
    "tismir/single-label-vector_mm-visual",
    "tismir/single-label-vector_visual",
]
# Not built by the family's name: the original's names of what others make too, and tracks averaged to albums.
ON_DEMAND = [
    "ismir/cosine_audio_multilabel",
    "ismir/logistic_audio_multilabel",
    "ismir/logistic_multilabel_vector_own-audio",
]
FAMILIES = ("acousticbrainz", "dlrs", "ismir", "tismir")
BUILT = sorted([*README_COMMANDS.values(), *FURTHER])
# What is run here: one of each kind of network, input, loss and archive; all are planned. With TARTARUS_PAPERS=all
# (`make test-papers`) everything is run: half an hour.
TRIED = {
    "acousticbrainz/genres_discogs",
    "dlrs/rec_multi_a-sem-emb_audio-emb",
    "dlrs/rec_songs_sem-bio",
    "dlrs/rec_sparse_sem-bio",
    "ismir/audio_cosine_high-4x70",
    "ismir/audio_logistic_low-4x70",
    "ismir/audio_logistic_timbre-mlp",
    "ismir/cosine_multilabel_tri_audio_text_visual",
    "ismir/image_logistic_resnet",
    "ismir/logistic_multilabel_bi_audio_text",
    "ismir/logistic_text_multilabel_VSM-SEM",
    "tismir/single-label-all_audio_visual_mm-audio_mm-visual",
    "tismir/single-label-audio",
    "tismir/single-label-vector_audio",
}
if os.environ.get("TARTARUS_PAPERS") == "all":
    TRIED = {*BUILT, *ON_DEMAND}
WANTED = sorted({*TRIED, "ismir/logistic_multilabel_vector_own-audio"})
# One short training of each: what is shown is that everything runs, not how good it gets.
OVERLAY: dict[str, Any] = {
    "bootstrap": {"samples": 20},
    "experiment": {"seeds": [1], "epochs": 1, "batch_size": 16, "threads": 1},
    # The largest networks, whose sizes are counted in tests/unit/learning: narrower within, but as wide at their ends.
    "experiments": {
        "ismir": {
            "experiments": {
                name: {"network": {"filters": [8, 8, 8, 1024]}}
                for name in (
                    "audio_cosine_high-3x3",
                    "audio_cosine_high-4x70",
                    "audio_logistic_high-3x3",
                    "cosine_audio_multilabel",
                )
            }
            | {"image_logistic_resnet": {"epochs": 1, "network": {"depth": 50, "weights": "none", "frozen": True}}}
        }
    },
    "datasets": {"MuMu": {"datasets": {"MuMu-albums": {"pictures": {"pixels": 32}}}}},
}


def add_own_files(house: House, mirror: Path) -> None:
    """Put a cover for every album of MuMu, and a sound for every track, into own/, with the tables that name them."""
    rng = np.random.default_rng(1)
    for dataset, column, ending in (("MuMu-albums", "image", "png"), ("MuMu-tracks", "audio", "wav")):
        folder = house.path / "data/raw/MuMu/own" / dataset
        folder.mkdir(parents=True)
        rows = []
        with tarfile.open(mirror / "MuMu/ismir-data.tar.gz") as archive:
            for set_ in ("train", "val", "test"):
                index = archive.extractfile(f"ismir-data/splits/items_index_{set_}_{dataset}.tsv")
                assert index is not None
                rows += [{"id": id_, column: f"{id_}.{ending}"} for id_ in index.read().decode().split()]
        for row in rows:
            if column == "image":
                Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(folder / row[column])
            else:
                soundfile.write(folder / row[column], 0.1 * rng.standard_normal(9000), 8000)
        tables.write_rows(folder / "items.tsv", rows)


def overlay() -> dict[str, Any]:
    """Say what is run of each family by its name: what is tried."""
    known, found = loaded(), deepcopy(OVERLAY)
    for family in FAMILIES:
        tried: dict[str, list[list[str]]] = {name: [] for name in known.family(family)["experiments"]}
        asked = requests.requests_of(known, family)
        for request in asked:
            if f"{family}/{request.name}" in TRIED:
                tried[request.experiment].append(list(request.settings))
        experiments = found["experiments"].setdefault(family, {"experiments": {}})["experiments"]
        for request in asked:
            if not isinstance(request.options["inputs"], list) or not tried[request.experiment]:
                experiments.setdefault(request.experiment, {})["settings"] = tried[request.experiment]
    return found


@pytest.fixture(scope="session")
def lookalike(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror with look-alikes of all archives, as small as they come."""
    mirror = tmp_path_factory.mktemp("lookalike")
    command = [sys.executable, "-m", "tartarus.lookalike", "--scale", "0.0001", "--out", str(mirror)]
    subprocess.run(command, check=True, cwd=ROOT / "workflow/scripts")
    return mirror


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory, lookalike: Path) -> tuple[House, str]:
    """A house in which the experiments of the papers were run, and the overlay that it was run with."""
    folder = tmp_path_factory.mktemp("papers")
    house, path = copy_house(folder / "house"), folder / "overlay.yaml"
    path.write_text(yaml.safe_dump(overlay()), encoding="utf-8")
    add_own_files(house, lookalike)
    wanted = [f"results/{name}.json" for name in WANTED]
    wanted += [f"results/{family}/table.{ending}" for family in FAMILIES for ending in ("tsv", "md")]
    wanted += [
        "results/ismir/figures/precision-recall_logistic_multilabel_bi_audio_text.png",
        "results/dlrs/top_5_above_0_rec_multi_a-sem-emb_audio-emb.tsv",
        "results/networks.tsv",
    ]
    house.run(*wanted, "--configfile", str(path), mirror=lookalike)
    return house, str(path)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def loaded() -> config.Config:
    return config.load(yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8")), ROOT / "config")


def test_no_experiment_is_forgotten():
    known = loaded()
    models = [model for family in FAMILIES for model in requests.requests_of(known, family)]
    assert sorted(f"{model.family}/{model.name}" for model in models) == BUILT
    asked_for = {name.partition("/")[2] for name in [*BUILT, *ON_DEMAND]}
    experiments = [name for family in FAMILIES for name in known.family(family)["experiments"]]
    assert [name for name in experiments if not any(target.startswith(name) for target in asked_for)] == []


def test_every_published_row_is_built_or_says_why_not():
    known = loaded()
    for family, paper in known.published.items():
        for name, row in paper["rows"].items():
            assert f"{family}/{name}" in BUILT or "not_built" in row


def test_every_experiment_of_the_papers_is_planned(papers, lookalike):
    house, _ = papers
    asked = [*BUILT, *ON_DEMAND]
    planned = house.planned(*(f"results/{name}.json" for name in asked), mirror=lookalike)
    models = {job.rpartition(" ")[2] for job in planned if job.startswith("evaluate ")}
    assert models == {name.partition("/")[2] for name in asked}


@pytest.mark.parametrize("name", WANTED)
def test_a_result_is_whole(papers, name):
    house, _ = papers
    result = json.loads((house.path / f"results/{name}.json").read_text(encoding="utf-8"))
    config.validate(result, "result", source=name)
    assert "_".join([result["experiment"], *result["settings"]]) == name.partition("/")[2]
    task = {"tismir": "multiclass", "dlrs": "recommendation"}.get(result["family"], "multilabel")
    assert result["task"] == task
    needed = {
        "multiclass": {"accuracy", "f1_macro"},
        "multilabel": {"roc_auc", "pr_auc", "precision@3", "ndcg@5", "adiv@1", "f1_macro"},
        "recommendation": {"map@500", "roc_auc", "pr_auc", "precision@1", "ndcg@3", "adiv@5"},
    }
    assert needed[task] <= set(result["measures"])
    for measure in result["measures"].values():
        assert all(0 <= value <= 1 for value in measure["per_seed"])
    assert result["items"]["train"] >= 48
    assert result["items"]["test"] >= 30
    published = loaded().published.get(result["family"], {"rows": {}})["rows"].get(name.partition("/")[2])
    if published:
        found = {key: measure.get("published") for key, measure in result["measures"].items()}
        assert {key: value for key, value in found.items() if value is not None} == published["figures"]


def test_training_items_are_cut_where_there_is_no_validation_set(papers):
    house, _ = papers
    result = json.loads((house.path / "results/dlrs/rec_sparse_sem-bio.json").read_text(encoding="utf-8"))
    index = (house.path / "data/splits/items_index_train_MSD-A-artists.tsv").read_text(encoding="utf-8").split()
    items = result["items"]
    assert items["train"] == int(0.8 * len(index))
    assert items["train"] + items["val"] == int(0.9 * len(index))
    assert items["left_out"] == {"unused": len(index) - items["train"] - items["val"]}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_table_sets_ours_beside_the_published_figures_in_the_order_of_the_paper(papers, family):
    house, _ = papers
    paper = loaded().published[family]
    rows = read(house.path / f"results/{family}/table.tsv")
    names = ["_".join(filter(None, (row["experiment"], row["settings"]))) for row in rows]
    ours = [name for name in paper["rows"] if f"{family}/{name}" in TRIED]
    assert [name for name in dict.fromkeys(names) if name in ours] == ours
    for name, row in zip(names, rows, strict=True):
        figure = paper["rows"].get(name, {}).get("figures", {}).get(row["measure"])
        if figure is not None:
            assert float(row["published"]) == pytest.approx(figure)
            if row["mean"]:
                assert float(row["difference"]) == pytest.approx(float(row["mean"]) - figure, abs=1e-3)
                assert float(row["epoch_seconds"]) > 0
    text = (house.path / f"results/{family}/table.md").read_text(encoding="utf-8")
    assert paper["source"] in text


def test_published_figures_that_are_no_yardstick_say_so(papers):
    house, _ = papers
    text = (house.path / "results/ismir/table.md").read_text(encoding="utf-8")
    assert "\\* No yardstick: printed with adiv@3 below adiv@1" in text


def test_parameters_are_those_of_the_papers(papers):
    house, _ = papers
    found = {f"{row['family']}/{row['model']}": row for row in read(house.path / "results/networks.tsv")}
    exact = {"low-4x96": "195706", "low-4x70": "352890", "high-4x70": "7390202"}
    for setting, count in exact.items():
        assert found[f"ismir/audio_logistic_{setting}"]["parameters"] == count
    result = json.loads((house.path / "results/ismir/audio_logistic_low-4x70.json").read_text(encoding="utf-8"))
    assert str(result["parameters"]) == exact["low-4x70"]
    for loss in ("logistic", "cosine"):
        for kernels in ("3x3", "4x96", "4x70"):
            assert found[f"ismir/audio_{loss}_low-{kernels}"]["flatten"] == "256"
            assert found[f"ismir/audio_{loss}_high-{kernels}"]["flatten"] == "4096"
    assert found["tismir/single-label-audio"]["flatten"] == "2048"


def test_albums_get_the_mean_of_their_tracks(papers):
    house, _ = papers
    name = "audio_cosine_high-4x70-pred_flatten"
    with np.load(house.path / f"data/train_data/X_test_{name}_MuMu-tracks.npz") as file:
        tracks = dict(zip(file["index"].tolist(), file["features"], strict=True))
    with np.load(house.path / f"data/train_data/X_test_{name}_MuMu-albums.npz") as file:
        albums = dict(zip(file["index"].tolist(), file["features"], strict=True))
    members: dict[str, list[str]] = {}
    for row in read(house.path / "data/splits/albums_MuMu-tracks.tsv"):
        if row["id"] in tracks:
            members.setdefault(row["album"], []).append(row["id"])
    assert set(albums) <= set(members)
    for album, vector in albums.items():
        expected = np.mean([tracks[id_] for id_ in members[album]], axis=0)
        np.testing.assert_allclose(vector, expected, rtol=1e-5, atol=1e-6)


def test_a_list_of_recommendations_names_test_items(papers):
    house, _ = papers
    rows = read(house.path / "results/dlrs/top_5_above_0_rec_multi_a-sem-emb_audio-emb.tsv")
    index = (house.path / "data/splits/items_index_test_MSD-A-songs.tsv").read_text(encoding="utf-8").split()
    assert rows
    assert {row["item"] for row in rows} <= set(index)
    assert {int(row["rank"]) for row in rows} <= {1, 2, 3, 4, 5}
    assert all(float(row["score"]) > 0 for row in rows)


def test_a_second_run_has_nothing_to_do(papers, lookalike):
    house, overlay = papers
    wanted = [f"results/{name}.json" for name in WANTED]
    said = house.run("-n", *wanted, "--configfile", overlay, mirror=lookalike)
    assert "Nothing to be done" in said


# --- AcousticBrainz as it is released ---------------------------------------------------------------------


def test_acousticbrainz_is_made_of_json_files_and_tables_of_genres(tmp_path):
    mirror, house = tmp_path / "mirror", copy_house(tmp_path / "house")
    command = [sys.executable, "-m", "tartarus.lookalike", "--scale", "1e-5", "--out", str(mirror), "--as-released"]
    subprocess.run([*command, "--only", "AcousticBrainz"], check=True, cwd=ROOT / "workflow/scripts")
    (tmp_path / "overlay.yaml").write_text(yaml.safe_dump(OVERLAY), encoding="utf-8")
    target = ("results/acousticbrainz/genres_tagtraum.json", "--configfile", str(tmp_path / "overlay.yaml"))
    house.run(*target, mirror=mirror)
    result = json.loads((house.path / target[0]).read_text(encoding="utf-8"))
    # 90 recordings for training and validation; of the sizes of a set only the seed decides.
    assert result["items"]["train"] + result["items"]["val"] == 90
    assert result["items"]["test"] == 30
    assert result["items"]["left_out"] == {}
    assert result["classes"] == 296
    assert result["parameters"] == 2669 * 256 + 256 + 256 * 296 + 296
    assert not [path for path in (house.path / "data/raw/AcousticBrainz/content").iterdir() if path.is_dir()]
    assert "Nothing to be done" in house.run("-n", *target, mirror=mirror)


# --- What is missing is left out; what is wrong is refused ------------------------------------------------


@pytest.fixture
def unpacked(tmp_path, papers) -> House:
    """A house with the archives unpacked and nothing else, in which files can be spoilt."""
    house = copy_house(tmp_path / "house")
    for archive in ("MuMu", "MSD-A"):
        shutil.copytree(papers[0].path / f"data/raw/{archive}", house.path / f"data/raw/{archive}")
        (house.path / f"data/raw/{archive}/CHECK.tsv").unlink()
    return house


def content(house: House, archive: str, name: str) -> Path:
    (path,) = (house.path / f"data/raw/{archive}/content").rglob(name)
    return path


def test_the_family_leaves_out_what_lacks_its_file_and_says_so(unpacked, lookalike):
    content(unpacked, "MuMu", "patches_val_MuMu-tracks_1_15.hdf5").unlink()
    unpacked.run("data/raw/MuMu/CHECK.tsv", mirror=lookalike)
    said = unpacked.run("-n", "ismir", mirror=lookalike)
    wanted = "left out is audio_logistic_low-4x70, because it lacks data/patches/patches_val_MuMu-tracks_1_15.hdf5"
    assert wanted in said
    assert "train_ismir_audio_logistic_low" not in said
    assert "train_ismir_logistic_multilabel_bi" in said
    said = unpacked.fails("-n", "results/ismir/audio_logistic_low-4x70.json", mirror=lookalike)
    assert "put it into data/raw/MuMu/own" in said


def test_a_file_that_the_user_adds_counts_as_the_archives_own(unpacked, lookalike):
    path = content(unpacked, "MuMu", "patches_val_MuMu-tracks_1_15.hdf5")
    own = unpacked.path / "data/raw/MuMu/own/sound"
    own.mkdir(parents=True)
    path.rename(own / path.name)
    unpacked.run("data/raw/MuMu/CHECK.tsv", mirror=lookalike)
    assert {row["status"] for row in read(unpacked.path / "data/raw/MuMu/CHECK.tsv")} == {"ok"}


def test_missing_and_invalid_files_are_told_apart(unpacked, lookalike):
    content(unpacked, "MSD-A", "X_test_sem-bio_MSD-A-songs.npz").unlink()
    path = content(unpacked, "MSD-A", "X_train_audio-emb_MSD-A-songs.npy")
    rows = np.load(path)
    np.save(path, rows[:-1])
    unpacked.run("data/raw/MSD-A/CHECK.tsv", mirror=lookalike)
    report = {row["path"]: row for row in read(unpacked.path / "data/raw/MSD-A/CHECK.tsv")}
    assert report.pop("data/train_data/X_test_sem-bio_MSD-A-songs.npz")["status"] == "missing"
    invalid = report.pop("data/train_data/X_train_audio-emb_MSD-A-songs.npz")
    assert invalid["status"] == "invalid"
    assert f"found {len(rows) - 1} x 4096, expected {len(rows)} x 4096" in invalid["message"]
    assert path.name in invalid["message"]
    assert {row["status"] for row in report.values()} == {"ok"}
    # A family does without what is missing, but not over what is wrong.
    said = unpacked.fails("-n", "dlrs", mirror=lookalike)
    assert f"found {len(rows) - 1} x 4096" in said
    said = unpacked.fails("results/dlrs/rec_songs_audio-emb.json", mirror=lookalike)
    assert f"found {len(rows) - 1} x 4096" in said
    assert not (unpacked.path / "data/train_data").exists()


def test_users_of_the_original_protocol_are_the_first(papers, lookalike, tmp_path):
    house, overlay = papers
    shutil.copytree(house.path, tmp_path / "house", symlinks=True)
    copy = House(tmp_path / "house")
    values = yaml.safe_load(Path(overlay).read_text(encoding="utf-8"))
    values["experiments"]["dlrs"] = {"experiments": {"rec_sparse": {"evaluation": {"users": 10}}}}
    (tmp_path / "users.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    target = "results/dlrs/rec_sparse_sem-bio.json"
    said = copy.run(target, "--configfile", str(tmp_path / "users.yaml"), mirror=lookalike)
    # Whom to ask about changes no training.
    assert "train_dlrs" not in said
    users = json.loads((copy.path / target).read_text(encoding="utf-8"))["users"]
    assert users["evaluated"] + users["without_items"] == 10
