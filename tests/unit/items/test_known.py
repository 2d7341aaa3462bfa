"""The items that jobs are planned with, and the digests of their rows."""

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tartarus.base.errors import TartarusError
from tartarus.items import demo_tracks, dividing, item_tables, tables
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


def config(task: str = "multiclass", *, shards: int | str = 3) -> Config:
    songs: dict[str, Any] = {"kind": "table", "task": task, "audio": {"shards": shards}}
    albums = {"kind": "albums", "task": "multilabel", "albums_of": "SONGS", "audio": {"shards": 1}}
    original = {
        "kind": "original",
        "task": "multiclass",
        "files": {"audio/x.mp3": "0", "text/x.txt": "1"},
        "classes": ["b", "a"],
        "audio": {},
    }
    made = {
        "kind": "synthetic",
        "task": "multiclass",
        "synthesis": {"tracks_per_artist": 2},
        "label_column": "genre",
        "audio": {"shards": 1},
    }
    view = {"kind": "view", "task": "multilabel", "view_of": "SONGS", "label_column": "album", "audio": {"shards": 1}}
    datasets = {"SONGS": songs, "ALBUMS": albums, "OLD": original, "MADE": made, "VIEW": view}
    return Config({"seed": 7}, datasets, {}, {}, {})


def known(task: str = "multiclass", *, may_write: bool = False, shards: int | str = 3) -> KnownItems:
    told: list[str] = []
    items = KnownItems(config(task, shards=shards), tell=told.append, may_write=lambda: may_write)
    items.told = told
    return items


def test_items_of_a_table_are_those_of_the_job(folder: Path) -> None:
    items = known()
    job = {"dataset": "SONGS"}
    assert [item.id for item in items.of_job(job) or []] == ["A", "B", "C", "D"]
    assert [item.id for item in items.of_job({**job, "set": "train"}) or []] == ["A", "B"]
    shards = [items.of_job({**job, "shard": f"train-{number}"}) or [] for number in range(3)]
    assert sorted(item.id for shard in shards for item in shard) == ["A", "B"]


def test_a_table_may_have_commas_but_not_stand_there_twice(folder: Path) -> None:
    (folder / "items.csv").write_text('id,labels,set,words\nA,rock,train,"one, two"\n', encoding="utf-8")
    with pytest.raises(TartarusError, match=r"items\.tsv and .*items\.csv: which of the two counts\?"):
        known().of("SONGS")
    (folder / "items.tsv").unlink()
    items, job = known(), {"dataset": "SONGS"}
    assert [item.cells["words"] for item in items.of("SONGS") or []] == ["one, two"]
    assert items.table("SONGS") == "data/raw/SONGS/items.csv"
    before = items.rows(job, "text", "words", "entities")
    (folder / "items.csv").write_text("id,labels,set,words\nA,rock,train,one\n", encoding="utf-8")
    assert known().rows(job, "text", "words", "entities") != before
    assert known().label_rows(job) == items.label_rows(job)


def test_albums_are_known_from_their_tracks(folder: Path) -> None:
    assert [(item.id, item.set) for item in known().of("ALBUMS") or []] == [
        ("one", "train"),
        ("two", "val"),
        ("three", "test"),
    ]


def test_a_view_has_the_items_and_sets_of_the_whole_and_classes_of_its_own(folder: Path) -> None:
    with (folder / "items.tsv").open("a", encoding="utf-8") as table:
        table.write("E\t\t\t\ttest\tfour\n")  # of one class, but without any: in no set
    items = known()
    assert [(item.id, item.set, item.labels) for item in items.of("VIEW") or []] == [
        ("A", "train", ("one",)),
        ("B", "train", ("one",)),
        ("C", "val", ("two",)),
        ("D", "test", ("three",)),
    ]
    before = items.view_rows("VIEW")
    (folder / "items.tsv").write_text(HEADER + ROWS.replace("three", "two"), encoding="utf-8")
    assert known().view_rows("VIEW") != before


def test_a_view_by_a_column_that_the_table_lacks_is_refused_with_those_it_has(folder: Path) -> None:
    (folder / "items.tsv").write_text(HEADER.replace("album", "year") + ROWS, encoding="utf-8")
    with pytest.raises(TartarusError, match="no column 'album', which a view takes its classes from; it has id, audio"):
        known().of("VIEW")


def test_items_that_are_fetched_are_not_known() -> None:
    items, job = known(), {"dataset": "OLD"}
    assert items.of("OLD") is None
    assert items.rows(job) == items.training_rows(job)


def test_items_that_are_synthesised_are_known_before_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = demo_tracks.rows(tracks_per_artist=2, seed=7)
    assert [item.id for item in known().of("MADE") or []] == [row["id"] for row in rows]


def test_a_new_track_costs_one_shard_however_many_there_are(folder: Path) -> None:
    def jobs_of(count: int) -> dict[str, tuple[object, ...]]:
        songs = "".join(f"S{number}\t{number}.wav\t\trock\ttrain\t\n" for number in range(count))
        (folder / "items.tsv").write_text(HEADER + songs, encoding="utf-8")
        items = known(shards="auto")
        jobs = [{"dataset": "SONGS", "shard": f"train-{number}"} for number in items.shards("SONGS", "train")]
        return {job["shard"]: (items.shard_of(job).modulus, items.rows(job, "audio")) for job in jobs}

    counts = range(2000, 2020)
    found = [jobs_of(count) for count in counts]
    for before, after in itertools.pairwise(found):
        assert len(before) == len(after) == 8
        assert len(after.items() - before.items()) == 1


def test_a_shard_that_there_is_not_is_told_with_those_that_there_are(folder: Path) -> None:
    items = known()
    jobs = [{"dataset": "SONGS", "shard": f"train-{number}"} for number in range(3)]
    assert [items.shard_of(job).modulus for job in jobs] == [3, 3, 3]
    with pytest.raises(TartarusError, match="SONGS: no shard train-3; the shards of its set are: train-0, train-1, "):
        items.shard_of({"dataset": "SONGS", "shard": "train-3"})


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


# --- Tables that do not tell the sets --------------------------------------------------------------------

UNSPLIT = "id\tlabels\tgroup\n"


def songs(count: int, first: int = 0) -> str:
    return "".join(f"S{number}\t{'rock' if number % 2 else 'jazz'}\t\n" for number in range(first, first + count))


def sets_of(items: KnownItems) -> dict[str, str]:
    return {item.id: item.set for item in items.of("SONGS") or []}


def write_down() -> None:
    """As a run does it, and neither a dry run nor a job."""
    known(may_write=True).of("SONGS")


def test_a_split_is_written_down_by_a_run_only_and_only_where_it_is_ours(folder: Path) -> None:
    job, written = {"dataset": "SONGS"}, Path("data/splits/sets_SONGS.tsv")
    write_down()
    assert known().files_of_split(job) == known().files_of_split({"dataset": "OLD"}) == []
    (folder / "items.tsv").write_text(UNSPLIT + songs(30), encoding="utf-8")
    assert known().files_of_split(job) == []
    assert not written.exists()
    write_down()
    assert known().files_of_split(job) == [str(written)]
    assert [row["set"] for row in tables.read_rows(written)] == list(sets_of(known()).values())


def test_a_job_sees_the_split_that_was_planned_before_and_after_it_is_written_down(folder: Path) -> None:
    (folder / "items.tsv").write_text(UNSPLIT + songs(50), encoding="utf-8")
    planned = sets_of(known())
    write_down()
    assert sets_of(known()) == planned
    found = item_tables.read_items("data/raw/SONGS/items.tsv", **known().reading({"dataset": "SONGS"}))
    assert {item.id: item.set for item in found} == planned


@pytest.mark.parametrize("first", [-100, 50])  # before and behind the old rows
def test_new_rows_move_no_old_one_once_the_split_is_written_down(folder: Path, first: int) -> None:
    (folder / "items.tsv").write_text(UNSPLIT + songs(50), encoding="utf-8")
    before = sets_of(known())
    write_down()
    rows = songs(100, first) + songs(50) if first < 0 else songs(150)
    (folder / "items.tsv").write_text(UNSPLIT + rows, encoding="utf-8")
    after = sets_of(known())
    assert before.items() < after.items()
    counts = Counter(after.values())
    assert all(abs(counts[set_] - share * 150) <= 3 for set_, share in (("train", 0.8), ("val", 0.1), ("test", 0.1)))
    write_down()
    assert sets_of(known()) == after


def test_without_what_was_written_down_new_rows_do_move_old_ones(folder: Path) -> None:
    # Else the test above would say nothing.
    (folder / "items.tsv").write_text(UNSPLIT + songs(50), encoding="utf-8")
    before = sets_of(known())
    (folder / "items.tsv").write_text(UNSPLIT + songs(150), encoding="utf-8")
    assert not before.items() <= sets_of(known()).items()


def test_what_another_seed_has_written_down_does_not_count(folder: Path) -> None:
    (folder / "items.tsv").write_text(UNSPLIT + songs(50), encoding="utf-8")
    before = sets_of(known())
    other = {item.id: item.set for item in item_tables.read_items("data/raw/SONGS/items.tsv", single=True, seed=8)}
    dividing.write_sets("data/splits/sets_SONGS.tsv", other, made_by="8")
    assert other != before
    assert sets_of(known()) == before


def test_items_that_have_become_a_group_are_told_if_they_move(folder: Path) -> None:
    (folder / "items.tsv").write_text(UNSPLIT + songs(30), encoding="utf-8")
    write_down()
    sets = sets_of(known())
    train, val = (next(id_ for id_ in sets if sets[id_] == set_) for set_ in ("train", "val"))
    text = "".join(
        row.replace("\t\n", "\tband\n") if row.split("\t")[0] in (train, val) else row
        for row in songs(30).splitlines(keepends=True)
    )
    (folder / "items.tsv").write_text(UNSPLIT + text, encoding="utf-8")
    items = known()
    assert sets_of(items) == {**sets, val: "train"}
    assert items.told == [f"data/splits/sets_SONGS.tsv: 1 items go to the set of their new group, the first: {val}"]


# --- What is told of a table -----------------------------------------------------------------------------


def test_columns_that_are_not_used_are_told_once(folder: Path) -> None:
    (folder / "items.tsv").write_text("id\tlabels\tset\tyear\ttitle\nA\trock\ttrain\t1977\tx\n", encoding="utf-8")
    items = known()
    items.of("SONGS")
    items.of_job({"dataset": "SONGS", "set": "train"})
    assert items.told == ["data/raw/SONGS/items.tsv: columns that are not used: year, title"]


def test_a_column_without_a_name_is_told_too(folder: Path) -> None:
    # As pandas writes its row numbers.
    (folder / "items.tsv").write_text("\tid\tlabels\tset\n0\tA\trock\ttrain\n", encoding="utf-8")
    items = known()
    items.of("SONGS")
    assert items.told == ["data/raw/SONGS/items.tsv: columns that are not used: one without a name"]


def test_nothing_is_told_of_a_plain_table_nor_of_what_is_made_here(folder: Path) -> None:
    items = known()
    assert all(items.of(dataset) for dataset in ("SONGS", "ALBUMS", "MADE"))
    assert items.told == []


@pytest.mark.parametrize(
    ("task", "what"),
    [
        ("multiclass", "are in no set: they are neither learned from nor measured"),
        ("multilabel", "count as having no class"),
    ],
)
def test_items_without_a_label_are_counted(folder: Path, task: str, what: str) -> None:
    (folder / "items.tsv").write_text(HEADER + ROWS.replace("B\tb.wav\t\trock", "B\tb.wav\t\t"), encoding="utf-8")
    items = known(task)
    items.of("SONGS")
    assert items.told == [f"data/raw/SONGS/items.tsv: 1 of 4 items have no label in column 'labels' and {what}"]


def test_more_than_half_without_a_label_are_hinted_at(folder: Path) -> None:
    (folder / "items.tsv").write_text(HEADER + ROWS.replace("\trock\t", "\t\t").replace("jazz\tval", "\tval"))
    items = known("multilabel")
    items.of("SONGS")
    assert items.told[-1].endswith(
        "more than half lack a label; if another column has the labels, name it as label_column"
    )


def test_an_item_without_its_one_label_is_of_no_job(folder: Path) -> None:
    (folder / "items.tsv").write_text(HEADER + ROWS.replace("B\tb.wav\t\trock", "B\tb.wav\t\t"), encoding="utf-8")
    job = {"dataset": "SONGS"}
    assert [item.id for item in known().of_job(job) or []] == ["A", "C", "D"]
    assert [item.id for item in known("multilabel").of_job(job) or []] == ["A", "B", "C", "D"]
    shards = [known().of_job({**job, "shard": f"train-{number}"}) or [] for number in range(3)]
    assert [item.id for shard in shards for item in shard] == ["A"]
    assert [item.id for item in known().of("ALBUMS") or []] == ["one", "two", "three"]


# --- Folds -----------------------------------------------------------------------------------------------


def folding() -> Config:
    songs = {"kind": "table", "task": "multiclass", "audio": {"shards": 1}}
    folds = {f"SONGS.{fold}": {**songs, "kind": "fold", "fold_of": "SONGS", "fold": fold} for fold in (1, 2)}
    return Config({"seed": 7}, {"SONGS": {**songs, "folds": 2}, **folds}, {}, {}, {})


def folded(*, may_write: bool = False) -> KnownItems:
    return KnownItems(folding(), tell=lambda _: None, may_write=lambda: may_write)


def test_each_fold_has_all_items_in_sets_of_its_own(folder: Path) -> None:
    (folder / "items.tsv").write_text(UNSPLIT + songs(60), encoding="utf-8")
    items = folded()
    every = {item.id for item in items.of_job({"dataset": "SONGS", "set": "all"})}
    assert len(every) == 60
    tested = [{item.id for item in items.of_job({"dataset": f"SONGS.{fold}", "set": "test"})} for fold in (1, 2)]
    assert tested[0] | tested[1] == every
    assert not tested[0] & tested[1]
    assert sum(len(items.of_job({"dataset": "SONGS.1", "set": set_})) for set_ in ("train", "val", "test")) == 60
    assert list(items.shards("SONGS", "all")) == [0]


def test_sets_that_a_dataset_has_not_are_told(folder: Path) -> None:
    (folder / "items.tsv").write_text(UNSPLIT + songs(60), encoding="utf-8")
    with pytest.raises(TartarusError, match=r"SONGS has folds.*ask for that of SONGS\.1 to SONGS\.2"):
        folded().of_job({"dataset": "SONGS", "set": "train"})
    with pytest.raises(TartarusError, match=r"SONGS: no set 'all', for it has no folds; ask for train, val or test"):
        known().of_job({"dataset": "SONGS", "set": "all"})


def test_folds_are_written_down_and_new_rows_move_none(folder: Path) -> None:
    (folder / "items.tsv").write_text(UNSPLIT + songs(60), encoding="utf-8")
    before = {item.id: item.cells["fold"] for item in folded(may_write=True).of("SONGS")}
    assert dividing.read_sets("data/splits/sets_SONGS.tsv", made_by="7, 2 folds") == before
    (folder / "items.tsv").write_text(UNSPLIT + songs(90), encoding="utf-8")
    assert before.items() <= {item.id: item.cells["fold"] for item in folded().of("SONGS")}.items()
    # To a dataset without folds, that says nothing.
    assert set(sets_of(known()).values()) == {"train", "val", "test"}


def test_validation_items_taken_from_those_for_training_are_told(folder: Path) -> None:
    rows = "".join(f"S{number}\t\t\t{'rock' if number % 2 else 'jazz'}\t{'test' if number < 10 else 'train'}\t\n"
                   for number in range(100))  # fmt: skip
    (folder / "items.tsv").write_text(HEADER + rows, encoding="utf-8")
    items = known(may_write=True)
    cut = [item.id for item in items.of("SONGS") if item.set == "val"]
    (told,) = items.told
    assert told.startswith(f"data/raw/SONGS/items.tsv: no item is in val: {len(cut)} of the 90 in train are taken")
    assert Path("data/splits/sets_SONGS.tsv").is_file()
    assert [item.id for item in known().of("SONGS") if item.set == "val"] == cut
