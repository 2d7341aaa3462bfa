"""The raw files that jobs are planned with: inputs, or a version."""

import os
import time
from pathlib import Path

import pytest
from tartarus.base.errors import TartarusError
from tartarus.items import demo_tracks
from tartarus.items.known import KnownItems
from tartarus.items.known_files import KnownFiles
from tartarus.plan.config import Config

from . import test_known
from .test_known import config, folding, known

folder = test_known.folder


def files(settings: Config | None = None) -> KnownFiles:
    settings = settings or config()
    return KnownFiles(settings, KnownItems(settings), memory="memory")


def test_files_that_are_fetched_or_synthesised_are_known_before_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert files().raw_files({"dataset": "OLD"}, "audio") == ["data/raw/OLD/audio/x.mp3"]
    rows = demo_tracks.rows(tracks_per_artist=2, seed=7)
    assert files().raw_files({"dataset": "MADE"}, "text") == sorted(f"data/raw/MADE/{row['text']}" for row in rows)


def test_a_shard_is_read_by_its_table_and_remembers_what_it_has_read(folder: Path) -> None:
    job = {"dataset": "SONGS", "shard": "train-0"}
    found = files().shard(job, "audio")
    assert found == {"modulus": 3, "reading": known().reading(job), "memory": files().users_files(job, "audio")}


def test_files_of_the_user_are_no_inputs_but_have_a_version(folder: Path) -> None:
    first, second = known().of_job({"dataset": "SONGS", "set": "train"}) or []
    (folder / "b.wav").touch()
    jobs = [{"dataset": "SONGS", "shard": f"train-{number}"} for number in range(3)]
    assert [files().raw_files(job, "audio") for job in jobs] == [[], [], []]
    before = [files().users_files(job, "audio") for job in jobs]
    assert [its["memory"] for its in before] == [f"memory/audio_SONGS_train-{number}.json" for number in range(3)]
    (folder / "b.wav").write_text("a song")
    after = [files().users_files(job, "audio") for job in jobs]
    changed = [job["shard"] for job, old, new in zip(jobs, before, after, strict=True) if old != new]
    # B is in the shard that a naive search finds.
    assert changed == [job["shard"] for job in jobs if second in (known().of_job(job) or [])] != []
    assert first.id == "A"


def test_files_that_a_rule_makes_are_inputs_and_need_no_version() -> None:
    assert files().users_files({"dataset": "OLD", "shard": "train-0"}, "audio") is None
    assert files().users_files({"dataset": "MADE"}, "text") is None


def test_a_file_of_the_user_dated_in_the_future_is_named(folder: Path) -> None:
    (folder / "a.wav").touch()
    (folder / "b.wav").touch()
    os.utime(folder / "b.wav", (time.time() + 7200,) * 2)
    with pytest.raises(TartarusError, match=r"data/raw/SONGS/b\.wav: dated 2\.0 hours in the future"):
        files().raw_files({"dataset": "SONGS", "set": "train"}, "audio")


def test_features_of_what_no_item_has_are_refused_before_anything_runs(folder: Path) -> None:
    job = {"dataset": "SONGS"}
    assert files().raw_files(job, "audio") == files().raw_files(job, "text") == []
    with pytest.raises(TartarusError, match=r"items\.tsv: no item has anything in column 'image', and features"):
        files().raw_files(job, "image")
    (folder / "items.tsv").write_text("id\tlabels\tset\nA\trock\ttrain\nB\trock\ttest\n")
    with pytest.raises(TartarusError, match=r"no item has anything in column 'text' or 'words' or 'entities', and"):
        files().raw_files(job, "text")
    # One item with words, in whichever column, is enough; what others lack, jobs count.
    for column in ("text", "words", "entities"):
        (folder / "items.tsv").write_text(f"id\tlabels\tset\t{column}\nA\trock\ttrain\tx\nB\trock\ttest\t\n")
        assert files().raw_files(job, "text") == files().raw_files(job, "entities") == []


def test_the_gazetteer_of_a_fold_and_of_albums_is_that_of_the_texts(folder: Path) -> None:
    path = "data/raw/SONGS/gazetteer.tsv"
    asked = [(files(), "SONGS"), (files(), "ALBUMS"), (files(folding()), "SONGS"), (files(folding()), "SONGS.2")]
    assert [those.gazetteer({"dataset": dataset}) for those, dataset in asked] == [[]] * 4
    Path(path).touch()
    assert [those.gazetteer({"dataset": dataset}) for those, dataset in asked] == [path] * 4
    assert files().gazetteer({"dataset": "MADE"}) == "data/raw/MADE/gazetteer.tsv"
