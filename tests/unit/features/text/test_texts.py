"""Reading the texts of a dataset."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.features.text import texts
from tartarus.features.text.annotations import Mention
from tartarus.items.item_tables import Item
from tartarus.items.tables import read_rows


def item(id_: str, text: str, set_: str = "train") -> Item:
    return Item(id_, set_, ("rock",), {"text": text})


def test_every_item_has_a_status_and_those_that_have_a_text_a_line(tmp_path: Path) -> None:
    (tmp_path / "full.txt").write_text("one two\nthree\n")
    (tmp_path / "blank.txt").write_text(" \n\t\n")
    (tmp_path / "nothing.txt").write_text("")
    items = [
        item("S1", "full.txt"),
        item("S2", "blank.txt", "val"),
        item("S3", "nothing.txt", "test"),
        item("S4", "gone.txt"),
        item("S5", ""),
    ]
    found = texts.collect(tmp_path / "texts.jsonl", tmp_path / "texts.tsv", items, tmp_path)
    assert found == {"S1": "ok", "S2": "empty", "S3": "empty", "S4": "missing", "S5": "missing"}
    assert read_rows(tmp_path / "texts.tsv") == [
        {"id": "S1", "status": "ok", "words": "3", "detail": ""},
        {"id": "S2", "status": "empty", "words": "0", "detail": f"{tmp_path}/blank.txt has no words"},
        {"id": "S3", "status": "empty", "words": "0", "detail": f"{tmp_path}/nothing.txt is an empty file"},
        {"id": "S4", "status": "missing", "words": "0", "detail": f"{tmp_path}/gone.txt does not exist"},
        {"id": "S5", "status": "missing", "words": "0", "detail": "no text in the table"},
    ]
    assert texts.read(tmp_path / "texts.jsonl") == {
        "train": {"S1": "one two\nthree\n"},
        "val": {"S2": " \n\t\n"},
        "test": {"S3": ""},
    }


def test_a_text_may_stand_in_the_table_itself(tmp_path: Path) -> None:
    items = [
        Item(f"S{number}", "train", (), {"words": words}) for number, words in enumerate(("one, two\n", " \n", ""))
    ]
    found = texts.collect(tmp_path / "texts.jsonl", tmp_path / "texts.tsv", items, tmp_path)
    assert found == {"S0": "ok", "S1": "empty", "S2": "missing"}
    assert texts.read(tmp_path / "texts.jsonl")["train"] == {"S0": "one, two\n", "S1": " \n"}
    assert [row["detail"] for row in read_rows(tmp_path / "texts.tsv")] == [
        "",
        "no words in the column 'words'",
        "no text in the table",
    ]


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=3))
def test_texts_come_back_to_the_letter(tmp_path_factory: pytest.TempPathFactory, written: list[str]) -> None:
    # Line separators of all alphabets among them.
    folder = tmp_path_factory.mktemp("texts")
    for number, text in enumerate([*written, "a\u2028b\u2029c\x85d\x0ce\rf"]):
        (folder / f"{number}.txt").write_bytes(text.encode("utf-8"))
    items = [item(f"S{number}", f"{number}.txt") for number in range(len(written) + 1)]
    texts.collect(folder / "texts.jsonl", folder / "texts.tsv", items, folder)
    found = list(texts.read(folder / "texts.jsonl")["train"].values())
    assert found == [*(text.removeprefix("\ufeff") for text in written), "a\u2028b\u2029c\x85d\x0ce\rf"]


def test_a_text_that_is_not_utf_8_is_refused_with_its_file_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("good")
    (tmp_path / "latin.txt").write_bytes("señor".encode("latin-1"))
    with pytest.raises(TartarusError, match=r"latin\.txt: not UTF-8 \(byte 0xf1 at position 2\)"):
        texts.collect(
            tmp_path / "texts.jsonl",
            tmp_path / "texts.tsv",
            [item("S1", "good.txt"), item("S2", "latin.txt")],
            tmp_path,
        )
    assert not (tmp_path / "texts.jsonl").exists()
    assert not (tmp_path / "texts.tsv").exists()


def test_the_file_of_texts_is_readable_by_people(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("canción\n", encoding="utf-8")
    texts.collect(tmp_path / "texts.jsonl", tmp_path / "texts.tsv", [item("S1", "a.txt")], tmp_path)
    line = (tmp_path / "texts.jsonl").read_text(encoding="utf-8")
    assert "canción" in line
    assert json.loads(line) == {"id": "S1", "set": "train", "text": "canción\n"}


def test_a_text_with_marked_names_is_read_with_them_and_comes_before_a_plain_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    (tmp_path / "a.txt").write_text("plain")
    entities = [{"label": "Elis Regina", "startChar": 3, "endChar": 7, "categories": ["singers"]}]
    (tmp_path / "a.json").write_text(json.dumps([{"index": 0, "text": "Só Elis", "entities": entities}]))
    (tmp_path / "none.json").write_text("[]")
    items = [
        Item("S1", "train", ("rock",), {"text": "a.txt", "entities": "a.json"}),
        Item("S2", "val", ("rock",), {"text": "a.txt", "entities": ""}),
        Item("S3", "test", ("rock",), {"entities": "none.json"}),
        Item("S4", "test", ("rock",), {"entities": "gone.json"}),
    ]
    found = texts.collect(tmp_path / "texts.jsonl", tmp_path / "texts.tsv", items, tmp_path)
    assert found == {"S1": "ok", "S2": "ok", "S3": "empty", "S4": "missing"}
    read = texts.read(tmp_path / "texts.jsonl")
    assert read == {"train": {"S1": "Só Elis"}, "val": {"S2": "plain"}, "test": {"S3": ""}}
    mentions = texts.read_mentions(tmp_path / "texts.jsonl")
    assert mentions == {"S1": [Mention(3, 7, "Elis Regina", ("singers",))], "S3": []}
    assert "1 items have text and entities; their text is that of the entities" in caplog.text


@pytest.mark.parametrize("mentions", ['[[0, 9, "x", []]]', '[[2, 1, "x", []]]', '[[0, 1, "x"]]', "7", "[[0, 1, 2, 3]]"])
def test_damaged_names_are_told(tmp_path: Path, mentions: str) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(f'{{"id": "S1", "set": "train", "text": "abc", "mentions": {mentions}}}\n')
    with pytest.raises(TartarusError, match=r"damaged \(line 1: .*; delete it to have it made anew"):
        texts.read_mentions(path)


def test_missing_texts_are_told_in_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    table = tmp_path / "texts.tsv"
    texts.collect(tmp_path / "texts.jsonl", table, [item(f"S{number}", "") for number in range(5)], tmp_path)
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        f"text S0 is missing: no text in the table (and 4 more; all are in {table})"
    ]


def test_a_text_in_utf_16_is_read_by_its_mark(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("señor", encoding="utf-16")
    texts.collect(tmp_path / "texts.jsonl", tmp_path / "texts.tsv", [item("S1", "a.txt")], tmp_path)
    assert texts.read(tmp_path / "texts.jsonl")["train"] == {"S1": "señor"}


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'{"id": "S1", "set": "train", "text": "a"}\n{"id": "S2", "set"', 2),
        (b'{"id": "S1", "set": "trian", "text": "a"}\n', 1),
        (b'{"id": "S1", "text": "a"}\n', 1),
        (b'{"id": "S1", "set": ["train"], "text": "a"}\n', 1),
        (b'["S1"]\n', 1),
        (b'{"id": "S1", "set": "train", "text": "\\ud800"}\n', 1),
        (b"[" * 100_000 + b"\n", 1),
        (b"\xff\n", None),
    ],
)
def test_damaged_texts_are_named_with_what_to_do(tmp_path: Path, data: bytes, line: int | None) -> None:
    (tmp_path / "texts.jsonl").write_bytes(data)
    with pytest.raises(TartarusError) as error:
        texts.read(tmp_path / "texts.jsonl")
    assert str(error.value).startswith(f"{tmp_path / 'texts.jsonl'}: damaged ({f'line {line}: ' if line else ''}")
    assert str(error.value).endswith("; delete it to have it made anew")


def test_the_real_lyrics_are_all_there(mirror: Path, tmp_path: Path) -> None:
    files = sorted((mirror / "SUPER" / "text").glob("*.txt"))
    items = [item(file.stem, f"text/{file.name}") for file in files]
    statuses = texts.collect(tmp_path / "texts.jsonl", tmp_path / "texts.tsv", items, mirror / "SUPER")
    assert list(statuses.values()) == ["ok"] * 9
    words = {row["id"]: int(row["words"]) for row in read_rows(tmp_path / "texts.tsv")}
    # Counted with wc -w.
    assert words["berlina"] == 125
    assert sum(words.values()) == 1443


def test_the_text_of_an_album_is_those_of_its_tracks_with_the_names_in_their_places(tmp_path: Path) -> None:
    tracks = [
        {"id": "T1", "set": "train", "text": "In Rio", "mentions": [[3, 6, "Rio", ["cities"]]]},
        {"id": "T2", "set": "test", "text": " "},
        {"id": "T3", "set": "train", "text": "plain"},
        {"id": "T4", "set": "train", "text": "Rio, Rio", "mentions": [[0, 3, "Rio", []], [5, 8, "Rio", []]]},
        {"id": "T5", "set": "val", "text": "of no album"},
    ]
    (tmp_path / "tracks.jsonl").write_text("".join(f"{json.dumps(track)}\n" for track in tracks))
    album_of = {"T1": "A", "T3": "A", "T4": "A", "T2": "B", "T6": "C"}
    path, sets = tmp_path / "albums.jsonl", {"A": "train", "C": "val", "B": "test"}
    found = texts.join(path, tmp_path / "a.tsv", tmp_path / "tracks.jsonl", album_of=album_of, set_of=sets)
    assert found == {"A": "ok", "C": "missing", "B": "empty"}
    joined = texts.read(path)
    assert joined == {"train": {"A": "In Rio\nplain\nRio, Rio"}, "val": {}, "test": {"B": " "}}
    (names,) = texts.read_mentions(path).values()
    assert [joined["train"]["A"][name.start : name.end] for name in names] == ["Rio"] * 3
    assert [name.start for name in names] == [3, 13, 18]
    assert read_rows(tmp_path / "a.tsv") == [
        {"id": "A", "status": "ok", "words": "5", "detail": ""},
        {"id": "C", "status": "missing", "words": "0", "detail": "none of its tracks has a text"},
        {"id": "B", "status": "empty", "words": "0", "detail": "the texts of its tracks have no words"},
    ]
