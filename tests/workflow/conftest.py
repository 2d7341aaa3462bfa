"""The command line on small data: a copy of the repository, with a dataset of one's own and its experiments."""

import fcntl
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from sklearn.model_selection import StratifiedKFold
from tartarus.items import demo, tables

from tests.paths import ROOT

from . import prepared

HOUSE = ("CITATION.cff", "Snakefile", "rules", "workflow", "config", "envs", "profiles")
LOST = {"D002": "no audio in the table", "D003": "noise instead of sound"}

MINI = {
    "title": "A dataset of one's own: a table, sounds and lyrics",
    "kind": "table",
    "task": "multiclass",
    "label_column": "genre",
    "max_missing": 0.1,
    "audio": {"shards": 2},
    "w2v": {"length": 20, "dimensions": 8},
    "settings": {
        "patches": "patches_2_2",
        "bow": "bow",
        "w2v": "w2v",
        "audio": "dummy_audio-pred_flatten",
        "text": "dummy_text_vsm_bow-pred_dense2",
    },
}
FAMILY = {
    "title": "The experiments of super on a dataset of one's own",
    "templates": {
        "mini": {
            "dataset": "MINI",
            "dim": 4,
            "epochs": 2,
            "batch_size": 16,
            "seeds": [1, 2],
            "seeds_per_job": 2,
            "threads": 1,
        }
    },
    "experiments": {
        name: {"extends": [f"super/{name}", "mini"]}
        for name in ("dummy_audio", "dummy_text_vsm", "dummy_text_w2v", "dummy_multimodal")
    },
}
FAMILY["experiments"]["dummy_audio"]["network"] = {"filters": [4, 4]}
FAMILY["experiments"]["dummy_text_w2v"]["network"] = {"filters": 4}


@dataclass(frozen=True)
class Job:
    """A planned job: its rule and its wildcards."""

    rule: str
    wildcards: str = ""

    def __str__(self) -> str:
        return f"{self.rule} {self.wildcards}".strip()


@dataclass
class House:
    """A copy of the repository in which commands are run."""

    path: Path

    def snakemake(self, *arguments: str, cores: int = 2, mirror: Path | None = None) -> prepared.Done:
        environment = {key: value for key, value in os.environ.items() if key != "TARTARUS_MIRROR"}
        if mirror:
            environment["TARTARUS_MIRROR"] = str(mirror)
        return prepared.run(["--cores", str(cores), *arguments], folder=self.path, environment=environment)

    def run(self, *arguments: str, **options: object) -> str:
        done = self.snakemake(*arguments, **options)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout + done.stderr

    def fails(self, *arguments: str, **options: object) -> str:
        done = self.snakemake(*arguments, **options)
        assert done.returncode != 0
        return done.stdout + done.stderr

    def planned(self, *targets: str, **options: object) -> set[str]:
        """The jobs that a dry run plans, without the targets by name."""
        said = self.run("-n", *targets, **options)
        found = re.findall(r"^(?:local)?rule (\S+):\n((?:    .*\n)*)", said, re.MULTILINE)
        # Where there are many of a kind, a line tells a job: its rule and its wildcards.
        jobs = set(re.findall(r"^Job \d+: (.*)$", said, re.MULTILINE))
        assert found or jobs or "Nothing to be done" in said
        for rule, details in found:
            wildcards = re.search(r"^    wildcards: (.*)$", details, re.MULTILINE)
            values = [entry.split("=")[1] for entry in wildcards[1].split(", ")] if wildcards else []
            jobs.add(" ".join([rule, *values]))
        return {job for job in jobs if job not in ("all", "mini", "demo", "super")}

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


def copy_house(target: Path) -> House:
    target.mkdir(parents=True)
    for name in HOUSE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name)  # with what Python keeps of it: it need not be compiled again
        else:
            shutil.copy2(source, target / name)
    return House(target)


def add_mini(house: House) -> None:
    """Put a dataset of one's own into a house: 48 tracks of 3 s, of which one has no audio and one no sound."""
    (house.path / "config/datasets/MINI.yaml").write_text(yaml.safe_dump(MINI), encoding="utf-8")
    (house.path / "config/experiments/mini.yaml").write_text(yaml.safe_dump(FAMILY), encoding="utf-8")
    folder = house.path / "data/raw/MINI"
    demo.write(folder, tracks_per_artist=2, seconds=3, listeners=2, seed=7)
    house.edit("data/raw/MINI/items.tsv", "D002\taudio/D002.wav", "D002\t")
    (folder / "audio/D003.wav").write_bytes(b"no sound at all" * 100)
    (folder / "text/D004.txt").write_text("", encoding="utf-8")


def add_instruments(house: House, mirror: Path, **dataset: object) -> list[dict[str, str]]:
    """Put 300 recordings of ten instruments into a house, in five stratified folds; give the rows of their table."""
    source = mirror / "instruments/items.tsv"
    if not source.is_file():
        pytest.skip("the recordings of instruments are not here: TARTARUS_MIRROR names no folder of them")
    folder = house.path / "data/raw/INSTRUMENTS"
    shutil.copytree(source.parent, folder)
    rows = tables.read_rows(source)
    labels = [each["labels"] for each in rows]
    for fold, (_, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=0).split(labels, labels), start=1):
        for number in test:
            rows[number]["fold"] = str(fold)
    tables.write_rows(folder / "items.tsv", rows)
    section = {"title": "Instruments", "kind": "table", "task": "multiclass", "folds": 5, **dataset}
    (house.path / "config/datasets/INSTRUMENTS.yaml").write_text(yaml.safe_dump(section), encoding="utf-8")
    return rows


@pytest.fixture(scope="session")
def finished_house(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> House:
    """A finished run of the family mini, with two cores. Not to be changed: copy it.

    It is made once, by the first process of pytest-xdist that wants it; the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"finished-{testrun_uid}"
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "house/results/mini/report.html").is_file():
            shutil.rmtree(place, ignore_errors=True)
            house = copy_house(place / "house")
            add_mini(house)
            house.run("mini", cores=2)
    return House(place / "house")


@pytest.fixture
def finished(finished_house: House, tmp_path: Path) -> House:
    """A copy of a finished run, with the times of its files."""
    shutil.copytree(finished_house.path, tmp_path / "house", symlinks=True)
    return House(tmp_path / "house")


@pytest.fixture
def fresh(tmp_path: Path) -> House:
    """A copy of the repository in which nothing was run."""
    return copy_house(tmp_path / "house")


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[[dict], str]:
    """Write an overlay for --configfile and give its path."""

    def write(values: dict) -> str:
        path = tmp_path / "overlay.yaml"
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        return str(path)

    return write
