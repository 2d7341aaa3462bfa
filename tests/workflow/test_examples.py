"""The examples of config/examples run as they are: on DEMO's tracks, as tables of one's own."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tartarus.items import demo, tables
from tartarus.plan import config

from tests.paths import ROOT

from .conftest import House

EXAMPLES = ROOT / "config/examples"
# By example: the column of DEMO's table with its labels.
MODEL = "fusion_audio_text"  # all models of an example are needed for this one
TRIED = {
    "one-label": "genre",
    "many-labels": "labels",
    "recommendation": "labels",
}
QUICK = {"bootstrap": {"samples": 20}, "experiment": {"threads": 1}}


def copy_example(house: House, name: str) -> tuple[str, str]:
    """Copy an example as a reader does, `cp -r config/examples/<name>/. config`; tell its dataset and its family."""
    shutil.copytree(EXAMPLES / name, house.path / "config", dirs_exist_ok=True)
    (dataset,) = (EXAMPLES / name / "datasets").iterdir()
    (family,) = (EXAMPLES / name / "experiments").iterdir()
    return dataset.stem, family.stem


def write_table(folder: Path, label: str) -> None:
    """Write DEMO's tracks as a table that a user could have written: no set, no further columns."""
    demo.write(folder, tracks_per_artist=2, seconds=6, listeners=20, seed=7)
    rows = tables.read_rows(folder / "items.tsv")
    kept: list[Mapping[str, str]] = [
        {"id": row["id"], "audio": row["audio"], "text": row["text"], "labels": row[label], "group": row["group"]}
        for row in rows
    ]
    tables.write_rows(folder / "items.tsv", kept)


def test_every_example_is_tried():
    assert {path.name for path in EXAMPLES.iterdir()} == set(TRIED)


@pytest.mark.parametrize("name", sorted(TRIED))
def test_an_example_runs_as_it_is_but_for_one_short_training(fresh: House, overlay: Callable[[dict], str], name: str):
    dataset, family = copy_example(fresh, name)
    write_table(fresh.path / "data/raw" / dataset, TRIED[name])
    quick = {"templates": {"mine": {"epochs": 1, "seeds": [1]}}}
    options = ("--configfile", overlay({**QUICK, "experiments": {family: quick}}))
    fresh.run(f"results/{family}/{MODEL}.json", *options)
    result = json.loads((fresh.path / f"results/{family}/{MODEL}.json").read_text(encoding="utf-8"))
    config.validate(result, "result", source=MODEL)
    assert result["dataset"] == dataset
    left_out = result["items"]["left_out"]
    assert sum(result["items"][set_] for set_ in ("train", "val", "test")) + sum(left_out.values()) == 48
    # The family's name builds the others too, with a report; nothing is made again for it.
    planned = {job.split()[0] for job in fresh.planned(family, *options)}
    assert {"evaluate", "table", "report"} <= planned
    assert not {"spectrograms_cqt", "patches", "bow", f"train_{family}_fusion"} & planned
    # Plain methods stand beside them without having been asked for.
    method = "ridge" if name == "recommendation" else "logistic-regression"
    assert {f"train_{family}_{method}", f"train_{family}_{method}-fusion"} <= planned
