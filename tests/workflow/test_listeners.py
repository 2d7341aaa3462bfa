"""From plays to recommendations, and from classes to their factors, for a dataset of one's own without any sound."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from tartarus.base.untrusted import open_sparse
from tartarus.items import demo
from tartarus.items.tables import read_rows, write_rows

from .conftest import House
from .test_bad_input import said

SONGS = {
    "title": "Songs with words, and who plays them",
    "kind": "table",
    "task": "recommendation",
    "settings": {"bow": "bow"},
    "plays": {"popularity": "genre"},
}
RECORDS = {"title": "Their albums", "kind": "albums", "albums_of": "SONGS", "task": "recommendation", "settings": {}}
TAGS = {"title": "Their tags", "kind": "view", "view_of": "SONGS", "task": "multilabel"}
LISTEN = {
    "title": "Songs that nobody knows yet",
    "experiments": {
        "words": {
            **{"dataset": "SONGS", "fact": "als", "dim": 3, "inputs": 1, "settings": [["bow"]]},
            **{"output": "factors", "loss": "mean_squared_error", "network": {"name": "mlp", "dense": [8]}},
            **{"epochs": 2, "seeds": [1], "threads": 1},
        }
    },
}


@pytest.fixture
def house(fresh: House) -> House:
    """Two tracks for each artist; nobody plays the first training track, and one user plays test tracks only."""
    folder = fresh.path / "data/raw/SONGS"
    demo.write(folder, tracks_per_artist=2, seconds=1, listeners=40, seed=7)
    rows = read_rows(folder / "items.tsv")
    write_rows(folder / "items.tsv", [{key: row[key] for key in row if key not in ("audio", "image")} for row in rows])
    lost = next(row["id"] for row in rows if row["set"] == "train")
    new = [row["id"] for row in rows if row["set"] == "test"][:2]
    plays = [row for row in read_rows(folder / "plays.tsv") if row["item"] != lost]
    plays += [{"user": "newcomer", "item": id_, "count": "1"} for id_ in new]
    write_rows(folder / "plays.tsv", plays)
    for name, section in (("SONGS", SONGS), ("RECORDS", RECORDS), ("TAGS", TAGS)):
        (fresh.path / f"config/datasets/{name}.yaml").write_text(yaml.safe_dump(section), encoding="utf-8")
    (fresh.path / "config/experiments/listen.yaml").write_text(yaml.safe_dump(LISTEN), encoding="utf-8")
    return fresh


def lines(house: House, name: str) -> list[str]:
    return (house.path / f"data/splits/{name}.tsv").read_text(encoding="utf-8").split()


def open_lines(house: House, name: str) -> list[str]:
    return (house.path / f"data/texts/{name}.jsonl").read_text(encoding="utf-8").splitlines()


def test_plays_become_factors_results_and_lists(house):
    targets = (
        *("results/listen/words_bow.json", "results/listen/top_3_above_-1_words_bow.tsv"),
        *("data/splits/y_val_als_3_RECORDS.npy", "data/splits/items_index_val_RECORDS.tsv"),
        *("data/splits/y_test_pmi_3_TAGS.npy", "data/train_data/X_test_bow_RECORDS.npz"),
    )
    house.run(*targets)
    splits = house.path / "data/splits"
    items = {row["id"]: row for row in read_rows(house.path / "data/raw/SONGS/items.tsv")}
    plays = read_rows(house.path / "data/raw/SONGS/plays.tsv")
    # The item that nobody plays is in no index, and counted.
    unplayed = [row["id"] for row in read_rows(splits / "plays_SONGS.tsv") if row["status"] == "unplayed"]
    train = lines(house, "items_index_train_SONGS")
    assert unplayed
    assert set(train) == {id_ for id_, row in items.items() if row["set"] == "train"} - set(unplayed)
    assert len(np.load(splits / "y_train_als_3_SONGS.npy")) == len(train)
    result = json.loads((house.path / targets[0]).read_text(encoding="utf-8"))
    assert result["items"]["left_out"]["unplayed"] == len(unplayed)
    assert result["items"]["train"] == len(train)
    # The user who plays new items only is in no row.
    users = read_rows(splits / "users_SONGS.tsv")
    known = {row["user"] for row in plays if row["item"] in train}
    assert [row["user"] for row in users if not row["row"]] == sorted({row["user"] for row in plays} - known)
    assert "newcomer" not in known
    assert result["users"]["left_out"] == len({row["user"] for row in plays} - known)
    matrix = open_sparse(splits / "matrix_test_SONGS.npz")
    counts = {(row["item"], row["user"]): float(row["count"]) for row in plays}
    names, test = [row["user"] for row in users if row["row"]], lines(house, "items_index_test_SONGS")
    assert matrix.toarray().tolist() == [[counts.get((item, user), 0) for user in names] for item in test]
    assert len(np.load(splits / "user_factors_als_3_SONGS.npy")) == len(names)
    for name, measure in result["measures"].items():
        assert {"chance", "popularity", "upper_bound"} <= measure.keys(), name
    # An album is played as often as its tracks.
    album_of = {row["id"]: row["album"] for row in read_rows(splits / "albums_SONGS.tsv")}
    albums, listeners = lines(house, "items_index_val_RECORDS"), read_rows(splits / "users_RECORDS.tsv")
    kept = [row["user"] for row in listeners if row["row"]]
    expected = np.zeros((len(albums), len(kept)))
    for (item, user), count in counts.items():
        if album_of[item] in albums and user in kept:
            expected[albums.index(album_of[item]), kept.index(user)] += count
    assert open_sparse(splits / "matrix_val_RECORDS.npz").toarray().tolist() == expected.tolist()
    # What is written of an album is what is written of its tracks.
    words = {json.loads(line)["id"]: json.loads(line)["text"] for line in open_lines(house, "texts_RECORDS")}
    sung = {id_: (house.path / "data/raw/SONGS" / items[id_]["text"]).read_text(encoding="utf-8") for id_ in album_of}
    assert words == {
        album: "\n".join(sung[id_] for id_ in items if album_of[id_] == album) for album in set(album_of.values())
    }
    with np.load(house.path / "data/train_data/X_test_bow_RECORDS.npz") as found:
        new_albums = {album_of[id_] for id_ in items if items[id_]["set"] == "test"}
        assert set(found["index"].astype(str).tolist()) == new_albums
        assert found["shape"][1] > 10
    # Factors of tags: those of an item are the sum of those of its classes.
    y, factors = np.load(splits / "y_test_class_12_TAGS.npy"), np.load(splits / "class_factors_pmi_3_TAGS.npy")
    assert np.allclose(np.load(splits / "y_test_pmi_3_TAGS.npy"), y @ factors, atol=1e-6)
    # Of the test items, every user gets the best three that the user has not played.
    scores = predicted(house) @ np.load(splits / "user_factors_als_3_SONGS.npy").T
    scores[matrix.toarray() > 0] = -np.inf
    best = {
        user: [test[item] for item in np.argsort(-column)[:3]] for user, column in zip(names, scores.T, strict=True)
    }
    listed = read_rows(house.path / targets[1])
    assert {user: [row["item"] for row in listed if row["user"] == user] for user in names} == best
    assert_an_inbox_gets_its_listeners(house, names, test)
    assert "Nothing to be done" in house.run("-n", *targets)
    # A new play concerns what is made of plays, and not the words.
    with (house.path / "data/raw/SONGS/plays.tsv").open("a", encoding="utf-8") as file:
        file.write(f"somebody\t{train[0]}\t2\n")
    rules = {job.split()[0] for job in house.planned(targets[0])}
    assert {"plays", "als", "train_listen_words", "evaluate"} <= rules
    assert not {"texts", "bow"} & rules


def predicted(house: House) -> np.ndarray:
    """Read the factors that the model predicts for the test items."""
    with np.load(house.path / "data/predictions/listen/words_bow/test.npz") as found:
        return np.array(found["scores"][0])


def assert_an_inbox_gets_its_listeners(house: House, names: list[str], test: list[str]) -> None:
    """New songs with the words of test items are for those users for whom the evaluation takes these to be."""
    inbox, songs = house.path / "data/inbox/NEW", house.path / "data/raw/SONGS"
    inbox.mkdir(parents=True)
    texts = {row["id"]: songs / row["text"] for row in read_rows(songs / "items.tsv")}
    rows = [{"id": id_, "text": Path(shutil.copy(texts[id_], inbox)).name} for id_ in test[:2]]
    write_rows(inbox / "items.tsv", [*rows, {"id": "silent", "text": ""}])
    target = "results/listeners/NEW/listen_words_bow.tsv"
    house.run(target)
    scores = predicted(house) @ np.load(house.path / "data/splits/user_factors_als_3_SONGS.npy").T
    found = read_rows(house.path / target)
    for number, id_ in enumerate(test[:2]):
        order = np.argsort(-scores[number], kind="stable")
        its = [row for row in found if row["file"] == id_]
        assert [row["user"] for row in its] == [names[user] for user in order]
        assert [float(row["score"]) for row in its] == pytest.approx(scores[number][order], abs=1e-5)
    assert [(row["file"], row["status"], row["user"]) for row in found[-1:]] == [("silent", "missing", "")]
    # A second run reads what is new alone.
    write_rows(inbox / "items.tsv", [*rows, {"id": "again", "text": rows[0]["text"]}])
    house.run(target)
    assert "files tagged: 1 of 1 done" in (house.path / "logs/listeners/NEW/listen_words_bow.log").read_text()
    again = read_rows(house.path / target)
    assert [row["user"] for row in again if row["file"] == "again"] == [row["user"] for row in again[: len(names)]]


def test_a_wrong_row_of_plays_is_named_and_nothing_is_written(house):
    path = house.path / "data/raw/SONGS/plays.tsv"
    number = len(path.read_text(encoding="utf-8").splitlines()) + 1
    with path.open("a", encoding="utf-8") as file:
        file.write("somebody\tD001\tnan\n")
    text = said(house.fails("data/splits/matrix_test_SONGS.npz"))
    assert f"data/raw/SONGS/plays.tsv: row {number}: user 'somebody', item 'D001': count 'nan' is no number" in text
    assert not list((house.path / "data/splits").glob("*matrix*"))


def test_what_cannot_be_factorised_is_refused_with_the_remedy(house):
    assert "TAGS: plays are for task: recommendation, and its task is multilabel" in said(
        house.fails("-n", "data/splits/matrix_test_TAGS.npz")
    )
    assert "SONGS: factors of classes are for task: multilabel, and its task is recommendation" in said(
        house.fails("-n", "data/splits/y_test_pmi_3_SONGS.npy")
    )
    assert "dim: 30 factors of 12 classes" in said(house.fails("data/splits/y_test_pmi_30_TAGS.npy"))
    (house.path / "data/raw/SONGS/plays.tsv").unlink()
    assert "data/raw/SONGS/plays.tsv: not found; write who played what there" in said(house.fails("-n", "listen"))
