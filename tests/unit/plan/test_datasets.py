"""What becomes of the datasets of a configuration, and which cannot be."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tartarus.base.errors import TartarusError
from tartarus.plan import config

from tests.unit.plan.small_config import ARCHIVE, DATASET, VALUES, changed


def test_an_archive_holds_several_datasets_which_know_where_they_are_from(load: Callable) -> None:
    artists = {"task": "recommendation", "sets": ["train", "test"], "settings": {"x": "x"}, "audio": {"hop": 512}}
    loaded = load(dataset={**ARCHIVE, "datasets": {**ARCHIVE["datasets"], "ARTISTS": artists}})
    assert set(loaded.datasets) == {"SONGS", "ARTISTS"}
    assert set(loaded.archives) == {"SONGS"}
    assert loaded.archive("SONGS")["records"] == [1]
    songs, artists = loaded.dataset("SONGS"), loaded.dataset("ARTISTS")
    assert (songs["kind"], songs["archive"], songs["classes"]) == ("archive", "SONGS", 5)
    assert (artists["kind"], artists["archive"], artists["sets"]) == ("archive", "SONGS", ["train", "test"])
    assert songs["audio"] == VALUES["audio"]
    assert artists["audio"] == {**VALUES["audio"], "hop": 512}


def test_a_dataset_may_not_be_in_two_files(load: Callable, tmp_path: Path) -> None:
    with pytest.raises(TartarusError) as error:
        load(values={**VALUES, "datasets": {"OTHER": ARCHIVE}})
    assert str(error.value) == (
        f"{tmp_path}/datasets/OTHER.yaml: the dataset 'SONGS' is in SONGS.yaml already; rename one"
    )


def test_a_view_has_the_features_of_the_whole_and_says_none_of_its_own(load: Callable[..., config.Config]) -> None:
    view = {"title": "Moods", "kind": "view", "view_of": "SONGS", "task": "multilabel", "settings": {"x": "bow"}}
    loaded = load(values={**VALUES, "datasets": {"MOODS": view}})
    assert loaded.dataset("MOODS")["audio"] == loaded.dataset("SONGS")["audio"]
    assert loaded.dataset("MOODS")["settings"] == {**loaded.dataset("SONGS")["settings"], "x": "bow"}
    for own, message in (
        ({"audio": {"hop": 512}}, "audio: a view has the features of SONGS; say it there"),
        ({"view_of": "SONG"}, "view_of: no dataset 'SONG'; did you mean 'SONGS'?"),
    ):
        with pytest.raises(TartarusError, match=re.escape(message)):
            load(values={**VALUES, "datasets": {"MOODS": {**view, **own}}})


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_transform_beyond_half_the_sample_rate_is_refused(load: Callable, rate: int) -> None:
    # 96 bins from C1 end at B8, 7902 Hz; librosa refuses the 96th at 16 kHz, for its filter is as wide as 684 Hz.
    with pytest.raises(TartarusError, match=r"SONGS\.yaml: audio: the highest of 96 bins, at 7902 Hz, reaches 8244 Hz"):
        load(dataset={**DATASET, "audio": {"sample_rate": rate}})
    assert load(dataset={**DATASET, "audio": {"sample_rate": 16000, "bins": 95}})
    assert load(dataset={**DATASET, "audio": {"sample_rate": 8000, "type": "mel"}})


def test_bins_beyond_half_the_sample_rate_are_refused_in_an_archive_too(load: Callable) -> None:
    with pytest.raises(TartarusError, match=r"SONGS\.yaml: audio: the highest of 96 bins, at 7902 Hz, reaches 8244 Hz"):
        load(dataset=changed(ARCHIVE, "datasets", "SONGS", audio={"sample_rate": 8000}))


# --- Folds and shares ------------------------------------------------------------------------------------


def test_each_fold_is_a_dataset_of_its_own(load: Callable[..., config.Config]) -> None:
    loaded = load(dataset={**DATASET, "folds": 2, "shares": {"train": 0.7, "val": 0.1, "test": 0.2}})
    assert set(loaded.datasets) == {"SONGS", "SONGS.1", "SONGS.2"}
    second = loaded.datasets["SONGS.2"]
    assert (second["kind"], second["fold_of"], second["fold"]) == ("fold", "SONGS", 2)
    assert "folds" not in second
    assert second["settings"] == loaded.datasets["SONGS"]["settings"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"folds": 1}, r"folds: 1 is less than the minimum of 2"),
        ({"folds": 2, "task": "recommendation"}, r"SONGS\.yaml: folds: the factors of users differ"),
        ({"shares": {"train": 0.7, "val": 0.2, "test": 0.2}}, r"SONGS\.yaml: shares: .* add up to 1\.1; they must add"),
        ({"shares": {"train": 0.8, "test": 0.2}}, r"shares: 'val' is a required property"),
        (
            {"folds": 2, "kind": "synthetic", "synthesis": {"tracks_per_artist": 2, "seconds": 1, "listeners": 0}},
            "kind",
        ),
    ],
)
def test_folds_and_shares_that_cannot_be_are_told(
    load: Callable[..., config.Config], more: dict[str, Any], said: str
) -> None:
    with pytest.raises(TartarusError, match=said):
        load(dataset={**DATASET, **more})


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"kind": "view", "view_of": "SONGS", "task": "multilabel"}, "view_of: SONGS has folds"),
        ({"kind": "albums", "albums_of": "SONGS", "task": "multilabel", "settings": {}}, "albums_of: SONGS has folds"),
    ],
)
def test_views_and_albums_of_a_dataset_with_folds_are_refused(
    load: Callable[..., config.Config], tmp_path: Path, other: dict[str, Any], said: str
) -> None:
    load(dataset={**DATASET, "folds": 2})
    (tmp_path / "datasets/OTHER.yaml").write_text(yaml.safe_dump({"title": "Other", **other}))
    with pytest.raises(TartarusError, match=said):
        load(dataset={**DATASET, "folds": 2})


def test_a_dataset_may_not_have_the_name_of_a_fold(load: Callable[..., config.Config], tmp_path: Path) -> None:
    load()
    (tmp_path / "datasets/SONGS.1.yaml").write_text(yaml.safe_dump(DATASET))
    with pytest.raises(TartarusError, match=r"folds: 'SONGS\.1' is a fold of SONGS; rename the dataset"):
        load(dataset={**DATASET, "folds": 2})
