"""The walk-through of docs/own-data.md: from a folder of sound and a table to a table of results, in one command."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from tartarus.base.arrays import read_arrays
from tartarus.items.tables import read_rows

from tests.workflow.conftest import House

DATASET = {"title": "My record collection", "kind": "table", "task": "multiclass"}
WORDS = {"extends": "own/words", "dataset": "MINI", "epochs": 2, "seeds": [1]}
# Of what `words` and a plain method say.
MEAN = {
    "extends": "own/sound-mean",
    "dataset": "MINI",
    "features": {"network": "words-pred_output", "plain": "logistic-regression_bow-pred_output"},
}
METHODS = ("most-frequent", "logistic-regression", "linear-svm", "svm-rbf")
OURS = ("sound", "sound-mean")


def test_a_table_has_plain_methods_that_nobody_asked_for_and_the_difference_to_the_best(finished: House) -> None:
    family = {"title": "Mine", "experiments": {"words": WORDS, "mean": MEAN}}
    (finished.path / "config/experiments/mine.yaml").write_text(yaml.safe_dump(family), encoding="utf-8")
    finished.run("results/mine/table.md")
    rows = [row for row in read_rows(finished.path / "results/mine/table.tsv") if row["measure"] == "accuracy"]
    plain = {row["experiment"]: float(row["mean"]) for row in rows if row["settings"] == "bow"}
    assert tuple(plain) == METHODS
    (ours,) = [row for row in rows if row["experiment"] == "words"]
    best = max(plain, key=lambda method: plain[method])
    assert ours["best_reference"] == f"{best}_bow"
    assert float(ours["beyond_reference"]) == pytest.approx(float(ours["mean"]) - plain[best], abs=2e-4)
    assert float(ours["beyond_ci95_low"]) <= float(ours["beyond_reference"]) <= float(ours["beyond_ci95_high"])
    scores = {
        name: read_arrays(finished.path / f"data/predictions/mine/{name}/test.npz")["scores"]
        for name in ("mean", "words", "logistic-regression_bow")
    }
    np.testing.assert_allclose(scores["mean"], (scores["words"] + scores["logistic-regression_bow"]) / 2, atol=1e-6)
    assert "beyond reference" in (finished.path / "results/mine/table.md").read_text(encoding="utf-8")
    assert finished.planned("results/mine/table.md") == set()


@pytest.mark.slow
def test_three_hundred_recordings_become_a_table_within_ten_minutes_of_processor_time(fresh: House) -> None:
    mirror = Path(os.environ.get("TARTARUS_MIRROR") or "nowhere") / "instruments"
    if not mirror.is_dir():
        pytest.skip("the recordings are not here: TARTARUS_MIRROR names no folder of instruments")
    folder = fresh.path / "data/raw/MyMusic"
    folder.mkdir(parents=True)
    shutil.copy(mirror / "items.tsv", folder)
    shutil.copytree(mirror / "audio", folder / "audio")
    family = {"title": "Mine", "experiments": {name: {"extends": f"own/{name}", "dataset": "MyMusic"} for name in OURS}}
    (fresh.path / "config/datasets/MyMusic.yaml").write_text(yaml.safe_dump(DATASET), encoding="utf-8")
    (fresh.path / "config/experiments/mine.yaml").write_text(yaml.safe_dump(family), encoding="utf-8")
    took = fresh.snakemake("mine", cores=2)
    assert took.returncode == 0, took.stderr[-4000:]
    rows = read_rows(fresh.path / "results/mine/table.tsv")
    found = {row["experiment"]: float(row["mean"]) for row in rows if row["measure"] == "accuracy"}
    print(f"{took.seconds:.0f} s of processor time", found)
    assert set(found) == {*OURS, *METHODS}
    assert found["most-frequent"] < 0.2
    # One split of 30 test recordings: a figure moves by 0.07 by chance.
    assert min(found["svm-rbf"], found["logistic-regression"]) > 0.6
    # Two cores, five minutes.
    assert took.seconds < 600
