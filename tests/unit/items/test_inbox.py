"""What is found in an inbox."""

from pathlib import Path

import pytest
from tartarus.base.errors import TartarusError
from tartarus.items import inbox


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/inbox/NEW/deep").mkdir(parents=True)
    return tmp_path / "data/inbox/NEW"


def test_sound_is_found_in_folders_with_the_text_of_the_same_stem(folder: Path) -> None:
    for name in ("b.WAV", "a.mp3", "a.txt", "notes.txt", "cover.png", ".hidden.mp3", "deep/c.flac"):
        (folder / name).write_text("x", encoding="utf-8")
    found = inbox.find("NEW")
    assert [one.id for one in found] == ["a.mp3", "b.WAV", "deep/c.flac"]
    assert [one.text and one.text.name for one in found] == ["a.txt", None, None]


def test_the_cover_of_a_sound_has_its_stem_and_the_first_ending_counts(folder: Path) -> None:
    for name in ("a.mp3", "a.png", "a.JPG", "b.mp3", "deep/b.png"):
        (folder / name).write_text("x", encoding="utf-8")
    assert [one.image and one.image.name for one in inbox.find("NEW")] == ["a.JPG", None]
    before = inbox.find("NEW")[0].stamp
    (folder / "a.JPG").write_text("longer", encoding="utf-8")
    assert inbox.find("NEW")[0].stamp != before
    (folder / "items.tsv").write_text("id\timage\nX\tdeep/b.png\n", encoding="utf-8")
    assert [(one.audio, one.image) for one in inbox.find("NEW")] == [(None, Path("data/inbox/NEW/deep/b.png"))]


def test_links_are_followed_once(folder: Path) -> None:
    (folder / "deep/c.flac").write_text("x", encoding="utf-8")
    (folder / "deep/round").symlink_to(folder)  # for ever, if it were followed
    outside = folder.parents[1] / "music"
    outside.mkdir()
    (outside / "d.ogg").write_text("x", encoding="utf-8")
    (folder / "linked").symlink_to(outside)
    assert [one.id for one in inbox.find("NEW")] == ["deep/c.flac", "linked/d.ogg"]


def test_a_table_says_what_belongs_together(folder: Path) -> None:
    (folder / "items.tsv").write_text("id\taudio\ttext\nX\tdeep/x.wav\t\nY\t\ty.txt\n", encoding="utf-8")
    one, other = inbox.find("NEW")
    assert (one.id, one.audio, one.text) == ("X", Path("data/inbox/NEW/deep/x.wav"), None)
    assert (other.audio, other.text) == (None, Path("data/inbox/NEW/y.txt"))
    (folder / "items.tsv").write_text("id\taudio\nX\t../x.wav\n", encoding="utf-8")
    with pytest.raises(TartarusError, match=r"row 2: id 'X': audio '\.\./x\.wav' leaves the folder of the table"):
        inbox.find("NEW")


def test_a_table_may_hold_the_texts_themselves(folder: Path) -> None:
    (folder / "items.csv").write_text('id,audio,words\nX,x.wav,"one, two"\nY,y.wav,\n', encoding="utf-8")
    one, other = inbox.find("NEW")
    assert (one.audio, one.text, one.words, other.words) == (Path("data/inbox/NEW/x.wav"), None, "one, two", "")
    (folder / "items.csv").write_text("id,audio,words\nX,x.wav,three\nY,y.wav,\n", encoding="utf-8")
    assert [former.stamp == new.stamp for former, new in zip((one, other), inbox.find("NEW"), strict=True)] == [
        False,
        True,
    ]
    (folder / "items.tsv").write_text("id\taudio\nX\tx.wav\n", encoding="utf-8")
    with pytest.raises(TartarusError, match=r"items\.tsv and .*items\.csv: which of the two counts\? delete"):
        inbox.find("NEW")


def test_a_stamp_changes_with_every_file_of_an_item(folder: Path) -> None:
    (folder / "a.mp3").write_text("x", encoding="utf-8")
    stamps = {inbox.find("NEW")[0].stamp}
    (folder / "a.txt").write_text("x", encoding="utf-8")
    stamps.add(inbox.find("NEW")[0].stamp)
    (folder / "a.mp3").write_text("longer", encoding="utf-8")
    stamps.add(inbox.find("NEW")[0].stamp)
    assert len(stamps) == 3


def test_pictures_lie_in_their_folder_whatever_ids_are() -> None:
    found = [inbox.Found(id_, None) for id_ in ("a.mp3", "deep/c {1}.flac", "..x")]
    assert list(inbox.pictures(found, "made").values()) == [
        Path("made/a.mp3.png"), Path("made/deep/c {1}.flac.png"), Path("made/..x.png")
    ]  # fmt: skip
    for id_, said in (
        ("../x", "leads out of"),
        ("a/../../x", "leads out of"),
        ("/x", "leads out of"),
        ("é" * 127, "long"),
    ):
        with pytest.raises(TartarusError, match=f"id '{id_[:40]}.*{said}"):
            inbox.pictures([inbox.Found(id_, None)], "made")


def test_an_unknown_or_empty_inbox_is_refused_with_those_that_there_are(folder: Path) -> None:
    with pytest.raises(TartarusError, match=r"data/inbox/NEWS: no such folder; did you mean 'NEW'\? Known: NEW"):
        inbox.find("NEWS")
    with pytest.raises(TartarusError, match=r"data/inbox/NEW: no file of sound in it, by the endings \.wav"):
        inbox.find("NEW")
