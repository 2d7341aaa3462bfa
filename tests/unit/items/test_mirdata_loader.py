"""Tables by the loaders of mirdata: from a stand-in for a dataset and, where it is installed, from a real loader."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tartarus.base.errors import TartarusError
from tartarus.items import mirdata_loader
from tartarus.items.item_tables import read_items
from tartarus.items.tables import read_rows

GENRES = {"blues.00000": "blues", "hiphop.00001": "hip-hop", "rock.00002": "rock"}


class Dataset:
    """What is used of mirdata.core.Dataset."""

    name, version, bibtex, _license_info = "stand_in", "1.0", "@article{...}", "CC0"

    def __init__(self, folder: Path, tracks: dict[str, dict[str, Any]]) -> None:
        self.track_ids, self._tracks, self._folder = list(tracks), tracks, folder
        self.found: tuple[Any, Any] = ({"metadata": [], "tracks": {}}, {"tracks": {}})

    def track(self, id_: str) -> SimpleNamespace:
        return SimpleNamespace(**{"audio_path": f"{self._folder}/sound/{id_}.wav", **self._tracks[id_]})

    def validate(self, *, verbose: bool) -> tuple[Any, Any]:
        assert not verbose
        return self.found


def rows(folder: Path, tracks: dict[str, dict[str, Any]], sets: dict[str, str] | None = None, **attributes: str) -> Any:
    return mirdata_loader.rows(Dataset(folder, tracks), folder, attributes=attributes, sets=sets or {})


def test_a_row_has_what_the_attributes_tell_sorted_by_id(tmp_path):
    tracks = {
        "b": {"tags": ["rock", "loud", "rock"], "artist": "X", "split": "training", "year": 1970},
        "a": {"tags": [], "artist": None, "split": "test", "year": None, "audio_path": None},
    }
    found = rows(tmp_path, tracks, {"training": "train"}, labels="tags", group="artist", set="split", album="year")
    assert found == [
        {"id": "a", "audio": "", "labels": "", "group": "", "set": "test", "album": ""},
        {"id": "b", "audio": "sound/b.wav", "labels": "rock|loud", "group": "X", "set": "train", "album": "1970"},
    ]


@pytest.mark.parametrize(
    ("track", "attributes", "message"),
    [
        ({"genre": "a"}, {"labels": "genres"}, r"track 'a': genres: no such attribute; did you mean 'genre'\?"),
        ({"genre": "a|b"}, {"labels": "genre"}, r"the label 'a\|b' has a '\|'"),
        ({"genre": 0.5}, {"labels": "genre"}, "found 0.5, expected words"),
        ({"genre": {"piano": 1}}, {"labels": "genre"}, "found {'piano': 1}, expected words"),
        ({"genre": "a", "split": "dev"}, {"labels": "genre", "set": "split"}, "'dev' is no set; write under sets"),
        ({"genre": "a", "artist": ["x", "y"]}, {"labels": "genre", "group": "artist"}, "found 2 words, expected one"),
        ({"genre": "a", "audio_path": "/elsewhere/a.wav"}, {"labels": "genre"}, r"/elsewhere/a\.wav is outside the"),
    ],
    ids=["attribute", "bar", "number", "mapping", "set", "two", "outside"],
)
def test_what_cannot_be_a_row_is_told_with_its_track(tmp_path, track, attributes, message):
    with pytest.raises(TartarusError, match=message) as error:
        rows(tmp_path, {"a": track}, **attributes)
    assert "track 'a'" in str(error.value)


def test_missing_files_are_counted_and_others_refused(tmp_path):
    dataset = Dataset(tmp_path, {})
    dataset.found = ({"metadata": [], "tracks": {"a": ["a.wav"], "b": ["b.wav", "b.txt"]}}, {"tracks": {}})
    assert mirdata_loader.check(dataset, tmp_path) == ["a.wav", "b.txt", "b.wav"]
    dataset.found = ({}, {"metadata": ["genres.csv"], "tracks": {"a": ["a.wav"]}})
    with pytest.raises(
        TartarusError, match=r"2 of the files are others than those of .* stand_in: a\.wav, genres\.csv; put"
    ):
        mirdata_loader.check(dataset, tmp_path)
    with pytest.raises(TartarusError, match="has no tracks"):
        rows(tmp_path, {}, labels="genre")


SECTION = {"kind": "mirdata", "loader": "gtzan_genre", "attributes": {"labels": "genre"}, "title": "T"}


def test_jobs_are_not_planned_before_the_table_is_made_with_these_options(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = r"snakemake --cores 1 data/raw/GTZAN/items\.tsv"
    with pytest.raises(TartarusError, match=rf"not made yet by mirdata's loader gtzan_genre.*{command}"):
        mirdata_loader.refuse_unmade("GTZAN", SECTION)
    folder = Path("data/raw/GTZAN")
    folder.mkdir(parents=True)
    (folder / "items.tsv").write_text("id\n")
    made_with = {key: SECTION[key] for key in ("loader", "attributes")}
    (folder / "SOURCE.json").write_text(json.dumps({"made_with": made_with}))
    mirdata_loader.refuse_unmade("GTZAN", SECTION)
    with pytest.raises(TartarusError, match=f"made with other options.*{command}"):
        mirdata_loader.refuse_unmade("GTZAN", {**SECTION, "version": "mini"})


def test_without_mirdata_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "mirdata", None)
    with pytest.raises(TartarusError, match=r"mirdata is not installed.*requirements-mirdata\.lock"):
        mirdata_loader.load(tmp_path, loader="gtzan_genre")


# --- A real loader ----------------------------------------------------------------------------------------


@pytest.fixture
def gtzan(tmp_path: Path) -> Path:
    """Three files in the layout of GTZAN, and the loader's index of them."""
    pytest.importorskip("mirdata", reason="mirdata is not installed (requirements-mirdata.lock)")
    tracks = {}
    for id_ in GENRES:
        path = tmp_path / f"gtzan_genre/genres/{id_.split('.')[0]}/{id_}.wav"
        path.parent.mkdir(parents=True)
        path.write_bytes(id_.encode())
        checksum = hashlib.md5(id_.encode(), usedforsecurity=False).hexdigest()
        tracks[id_] = {"audio": [str(path.relative_to(tmp_path)), checksum], "beats": [None, None]}
        tracks[id_]["tempo"] = [None, None]
    (tmp_path / "index.json").write_text(json.dumps({"version": "1.0", "tracks": tracks}))
    return tmp_path


OPTIONS = {"loader": "gtzan_genre", "index": "index.json", "attributes": {"labels": "genre"}}


def make(folder: Path, **options: Any) -> None:
    mirdata_loader.make(folder, folder / "items.tsv", folder / "SOURCE.json", options={**OPTIONS, **options})


def test_gtzan_becomes_a_table_with_its_citation(gtzan):
    (gtzan / "gtzan_genre/genres/rock/rock.00002.wav").unlink()
    make(gtzan)
    items = {item.id: item for item in read_items(gtzan / "items.tsv", single=True)}
    assert {id_: item.labels for id_, item in items.items()} == {id_: (genre,) for id_, genre in GENRES.items()}
    assert items["rock.00002"].path("audio") == "gtzan_genre/genres/rock/rock.00002.wav"
    source = json.loads((gtzan / "SOURCE.json").read_text())
    assert source["made_with"] == OPTIONS
    assert (source["loader"], source["version"], source["missing"]) == ("gtzan_genre", "1.0", 1)
    assert "tzanetakis2002gtzan" in source["citation"]
    assert "license" in source["licence"]
    before = (gtzan / "items.tsv").read_bytes()
    make(gtzan)
    assert (gtzan / "items.tsv").read_bytes() == before
    assert len(read_rows(gtzan / "items.tsv")) == len(GENRES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loader": "gtzan"}, "mirdata has no loader 'gtzan'; did you mean 'gtzan_genre'"),
        ({"version": "9"}, "Invalid version 9"),
        ({"index": "other.json"}, r"other\.json: not found; put the index of gtzan_genre there"),
        ({"attributes": {"labels": "gender"}}, "gender: no such attribute; did you mean 'genre'"),
    ],
    ids=["loader", "version", "index", "attribute"],
)
def test_a_real_loader_tells_what_is_wrong(gtzan, options, message):
    with pytest.raises(TartarusError, match=message):
        make(gtzan, **options)
    assert not (gtzan / "items.tsv").exists()


def test_a_real_loader_refuses_other_files(gtzan):
    (gtzan / "gtzan_genre/genres/rock/rock.00002.wav").write_bytes(b"other")
    with pytest.raises(
        TartarusError, match=r"1 of the files are others than those of mirdata's loader gtzan_genre: .*rock"
    ):
        make(gtzan)
