"""The items that jobs are planned with, and the digests of their rows."""

from pathlib import Path
from typing import Any

import pytest
from tartarus.items import demo
from tartarus.items.known import KnownItems
from tartarus.plan.config import Config

HEADER = "id\taudio\ttext\tlabels\tset\talbum\n"
ROWS = (
    "A\ta.wav\ta.txt\trock\ttrain\tone\n"
    "B\tb.wav\t\trock\ttrain\tone\n"
    "C\tc.wav\t\tjazz\tval\ttwo\n"
    "D\td.wav\t\tjazz\ttest\tthree\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data/raw/SONGS"
    folder.mkdir(parents=True)
    (folder / "items.tsv").write_text(HEADER + ROWS, encoding="utf-8")
    return folder


def known() -> KnownItems:
    songs: dict[str, Any] = {"kind": "table", "audio": {"shards": 3}}
    albums = {"kind": "albums", "albums_of": "SONGS", "audio": {"shards": 1}}
    original = {
        "kind": "original",
        "files": {"audio/x.mp3": "0", "text/x.txt": "1"},
        "classes": ["b", "a"],
        "audio": {},
    }
    made = {"kind": "synthetic", "synthesis": {"tracks_per_artist": 2}, "label_column": "genre", "audio": {"shards": 1}}
    datasets = {"SONGS": songs, "ALBUMS": albums, "OLD": original, "MADE": made}
    return KnownItems(Config({"seed": 7}, datasets, {}, {}, {}))


def test_items_of_a_table_are_those_of_the_job(folder: Path) -> None:
    items = known()
    job = {"dataset": "SONGS"}
    assert [item.id for item in items.of_job(job) or []] == ["A", "B", "C", "D"]
    assert [item.id for item in items.of_job({**job, "set": "train"}) or []] == ["A", "B"]
    shards = [items.of_job({**job, "shard": f"train-{number}"}) or [] for number in range(3)]
    assert sorted(item.id for shard in shards for item in shard) == ["A", "B"]


def test_albums_are_known_from_their_tracks(folder: Path) -> None:
    assert [(item.id, item.set) for item in known().of("ALBUMS") or []] == [
        ("one", "train"),
        ("two", "val"),
        ("three", "test"),
    ]


def test_items_that_are_fetched_are_not_known_but_their_files_are() -> None:
    items, job = known(), {"dataset": "OLD"}
    assert items.of("OLD") is None
    assert items.raw_files(job, "audio") == ["data/raw/OLD/audio/x.mp3"]
    assert items.classes(job) == ["b", "a"]
    assert items.rows(job) == items.training_rows(job)


def test_items_that_are_synthesised_are_known_before_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = demo.rows(tracks_per_artist=2)
    assert [item.id for item in known().of("MADE") or []] == [row["id"] for row in rows]
    assert known().raw_files({"dataset": "MADE"}, "text") == sorted(f"data/raw/MADE/{row['text']}" for row in rows)


def test_of_files_that_the_user_has_named_only_those_that_are_there_are_inputs(folder: Path) -> None:
    (folder / "b.wav").touch()
    assert known().raw_files({"dataset": "SONGS", "set": "train"}, "audio") == ["data/raw/SONGS/b.wav"]


@pytest.mark.parametrize(
    ("old", "new", "job", "columns", "same"),
    [
        ("b.wav", "z.wav", {"set": "train"}, ["audio"], False),
        ("b.wav", "z.wav", {"set": "train"}, ["text"], True),  # a column that the job does not read
        ("b.wav", "z.wav", {"set": "val"}, ["audio"], True),  # a row of another set
        ("C\tc.wav\t\tjazz\tval", "C\tc.wav\t\tjazz\ttest", {"set": "test"}, [], False),
    ],
)
def test_the_digest_of_rows_changes_with_what_the_job_reads(
    folder: Path, old: str, new: str, job: dict[str, str], columns: list[str], same: bool
) -> None:
    job = {"dataset": "SONGS", **job}
    before = known().rows(job, *columns)
    (folder / "items.tsv").write_text(HEADER + ROWS.replace(old, new), encoding="utf-8")
    assert (known().rows(job, *columns) == before) == same


def test_labels_and_albums_have_digests_of_their_own(folder: Path) -> None:
    job = {"dataset": "SONGS"}
    before = (known().label_rows(job), known().training_rows(job), known().album_rows("ALBUMS"))
    (folder / "items.tsv").write_text(HEADER + ROWS.replace("jazz\tval", "soul\tval"), encoding="utf-8")
    after = (known().label_rows(job), known().training_rows(job), known().album_rows("ALBUMS"))
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, False]
    assert known().classes(job) == ["jazz", "rock", "soul"]
