"""The files that sound passes through, shard by shard."""

from dataclasses import replace
from pathlib import Path

import pytest
from tartarus.base.errors import TartarusError
from tartarus.items.known import KnownItems
from tartarus.items.sound_files import SoundFiles
from tartarus.items.tables import write_rows
from tartarus.plan import config, requests
from tartarus.plan.sharding import MOST

from tests.paths import SHIPPED

SETS = {"train": 3 * MOST, "val": 1, "test": MOST}
SETTINGS = {"a": "bow", "c": "patches_1_15", "p": "pictures", "k": "colours"}
WHOLE = {"dataset": "SONGS", "seeds": [1], "fact": "class", "dim": 3, "validation": "file", "inputs": 1}


def world(shards: int | str) -> tuple[config.Config, SoundFiles]:
    audio = {"shards": shards, "type": "mel"}
    songs = {"kind": "table", "task": "multilabel", "audio": audio, "settings": SETTINGS}
    known = config.Config({"seed": 1}, {"SONGS": songs}, {}, {"mine": {"title": "", "experiments": {"x": WHOLE}}}, {})
    return known, SoundFiles(known, KnownItems(known))


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = ({"id": f"{set_} {n}", "labels": "rock", "set": set_} for set_, count in SETS.items() for n in range(count))
    write_rows("data/raw/SONGS/items.tsv", list(rows))


@pytest.mark.usefixtures("table")
def test_there_is_a_file_for_each_of_so_many_shards() -> None:
    _, files = world(2)
    for set_ in SETS:
        job = {"dataset": "SONGS", "set": set_, "n": "1", "sec": "15"}
        expected = [f"data/spectrograms/spectrograms_mel_SONGS_{set_}-{number}.hdf5" for number in (0, 1)]
        assert files.spectrograms(job) == files.spectrograms_of_patches(job) == expected
        assert files.spectrograms({"dataset": "SONGS"}, set_) == expected
        assert files.track_tables(job) == [f"data/spectrograms/tracks_SONGS_{set_}-{number}.tsv" for number in (0, 1)]


@pytest.mark.usefixtures("table")
def test_a_large_set_has_more_shards_than_a_small_one() -> None:
    _, files = world("auto")
    counts = {set_: len(files.spectrograms({"dataset": "SONGS"}, set_)) for set_ in SETS}
    # 1050 tracks are halved once, to 525 on average, and these once more.
    assert counts == {"train": 4, "val": 1, "test": 1}


@pytest.mark.usefixtures("table")
def test_a_length_of_patches_has_one_name() -> None:
    with pytest.raises(TartarusError, match=r"'patches_1_0\.50'"):
        world(1)[1].spectrograms_of_patches({"dataset": "SONGS", "set": "val", "n": "1", "sec": "0.50"})


@pytest.mark.usefixtures("table")
def test_a_training_that_draws_patches_anew_is_made_from_the_spectrograms_of_its_items() -> None:
    known, files = world(2)
    request = requests.find(known, "mine", "x_c")
    assert files.to_redraw(request) == []
    options = {**request.options, "augmentation": {"fresh": True}}
    drawing = replace(request, options=options)
    assert files.to_redraw(drawing) == files.spectrograms({"dataset": "SONGS"}, "train")
    of_both = replace(request, options={**options, "learn_from": "all"})
    of_val = files.spectrograms({"dataset": "SONGS"}, "val")
    assert files.to_redraw(of_both) == [*files.to_redraw(drawing), *of_val]


@pytest.mark.usefixtures("table")
def test_a_model_s_status_tables_are_those_of_its_raw_material() -> None:
    known, files = world(2)
    text = ["data/texts/texts_SONGS.tsv"]
    audio = [f"data/spectrograms/tracks_SONGS_{set_}-{number}.tsv" for set_ in SETS for number in (0, 1)]
    assert files.status_files(requests.find(known, "mine", "x_a")) == text
    assert files.status_files(requests.find(known, "mine", "x_c")) == audio
    image = [f"data/pictures/covers_SONGS_{set_}-{number}.tsv" for set_ in SETS for number in (0, 1)]
    for covers in ("x_p", "x_k"):
        assert files.status_files(requests.find(known, "mine", covers)) == image


def test_archived_items_have_no_status_tables() -> None:
    shipped = config.load(config.read_yaml(SHIPPED / "config.yaml"), SHIPPED)
    request = requests.find(shipped, "ismir", "audio_logistic_low-3x3")
    assert SoundFiles(shipped, KnownItems(shipped)).status_files(request) == []


def test_what_is_shipped_is_small_enough_for_one_shard_of_each_set() -> None:
    shipped = config.load(config.read_yaml(SHIPPED / "config.yaml"), SHIPPED)
    files = SoundFiles(shipped, KnownItems(shipped))
    for dataset in ("DEMO", "SUPER"):
        for set_ in SETS:
            expected = [f"data/spectrograms/spectrograms_cqt_{dataset}_{set_}-0.hdf5"]
            assert files.spectrograms({"dataset": dataset}, set_) == expected
