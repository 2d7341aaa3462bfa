"""The table of a user's own files beside an archive."""

from pathlib import Path

import pytest
from tartarus.base.documents import read_yaml
from tartarus.base.errors import TartarusError
from tartarus.items.known import KnownItems
from tartarus.items.own_files import items_of_shard, read_own, read_table
from tartarus.items.sound_files import SoundFiles
from tartarus.items.tables import write_rows
from tartarus.plan import archives, config, requests
from tartarus.plan.kinds import SETS

from tests.paths import SHIPPED

PLACE = "data/raw/MuMu/own/MuMu-albums/items.tsv"
ROWS = [{"id": f"B{number:04}", "image": f"covers/{number}.jpg"} for number in range(800)]


@pytest.fixture
def shipped() -> config.Config:
    return config.load(read_yaml(SHIPPED / "config.yaml"), SHIPPED)


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_rows(PLACE, ROWS)
    return Path(PLACE)


def test_only_ids_and_paths_count(tmp_path: Path) -> None:
    path = tmp_path / "items.tsv"
    write_rows(path, [{"id": "a|b", "audio": "s.wav", "image": "", "labels": "rock", "set": "nowhere"}])
    (item,) = read_own(path)
    assert (item.id, item.set, item.labels) == ("a|b", "own", ())
    assert (item.path("audio"), item.path("image"), item.path("text")) == ("s.wav", "", "")
    assert read_table(path, is_own=True) == [item]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"id": "a", "image": "../a.jpg"}], r"row 2: id 'a': image '\.\./a\.jpg' leaves the folder"),
        ([{"id": "a", "image": "1"}, {"id": "a", "image": "2"}], r"row 3: id 'a' stands in row 2 already"),
        ([{"track_id": "a", "image": "1"}], r"no column 'id'.*track_id"),
    ],
)
def test_what_is_wrong_is_told_with_its_row(tmp_path: Path, rows: list[dict[str, str]], message: str) -> None:
    write_rows(tmp_path / "items.tsv", rows)
    with pytest.raises(TartarusError, match=message):
        read_own(tmp_path / "items.tsv")


@pytest.mark.usefixtures("table")
def test_shards_hold_every_item_once_whatever_its_set(shipped: config.Config) -> None:
    known = KnownItems(shipped)
    job = {"dataset": "MuMu-albums"}
    shards = known.shards("MuMu-albums", "own")
    assert len(shards) > 1
    read = read_table(known.table("MuMu-albums"), **known.reading(job))
    held = [items_of_shard(read, f"own-{number}", shard.modulus) for number, shard in shards.items()]
    assert sorted(item.id for items in held for item in items) == [row["id"] for row in ROWS]
    assert held == [known.of_job({**job, "shard": f"own-{number}"}) for number in shards]
    files = SoundFiles(shipped, known)
    for set_ in SETS:
        expected = [f"data/pictures/covers_MuMu-albums_own-{number}.hdf5" for number in shards]
        assert files.covers({**job, "set": set_}) == expected


@pytest.mark.usefixtures("table")
def test_a_new_cover_concerns_its_shard_alone(shipped: config.Config) -> None:
    jobs = [
        {"dataset": "MuMu-albums", "shard": f"own-{number}"}
        for number in KnownItems(shipped).shards("MuMu-albums", "own")
    ]
    before = [KnownItems(shipped).rows(job, "image") for job in jobs]
    write_rows(PLACE, [*ROWS, {"id": "new", "image": "new.jpg"}])
    after = [KnownItems(shipped).rows(job, "image") for job in jobs]
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_a_result_lacks_the_table_until_it_is_there(
    shipped: config.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    request = requests.find(shipped, "ismir", "image_logistic_resnet")
    of_its_layer = requests.find(shipped, "ismir", "logistic_multilabel_vector_own-visual")
    for asked in (request, of_its_layer):
        assert archives.missing_for(asked, {}) == [PLACE]
    with pytest.raises(TartarusError, match=r"own/MuMu-albums/items\.tsv: not found; write a table there"):
        SoundFiles(shipped, KnownItems(shipped)).status_files(request)
    write_rows(PLACE, ROWS[:2])
    for asked in (request, of_its_layer):
        assert archives.missing_for(asked, {}) == []
        statuses = SoundFiles(shipped, KnownItems(shipped)).status_files(asked)
        assert statuses == ["data/pictures/covers_MuMu-albums_own-0.tsv"]
    # What comes with the archive needs none.
    assert archives.own_tables(requests.find(shipped, "ismir", "audio_logistic_low-4x70")) == set()
