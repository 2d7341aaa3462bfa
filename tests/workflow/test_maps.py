"""A map of items, and deformed sound, from the command line."""

import json
from pathlib import Path

import pytest
from tartarus.items.tables import read_rows

from .conftest import House


@pytest.fixture
def models(finished: House) -> set[str]:
    """The models of the family mini that have a result."""
    return {path.parent.name for path in (finished.path / "data/predictions/mini").glob("*/test.npz")}


def test_a_map_tells_what_models_say_of_its_items(finished: House, models: set[str]) -> None:
    page = "results/mini/figures/map_text.html"
    finished.run(page)
    rows = read_rows(finished.path / "results/mini/figures/map_text.tsv")
    assert len(rows) > 40
    assert {f"predicted {model}" for model in models} < set(rows[0])
    test = [row for row in rows if row["set"] == "test"]
    result = json.loads((finished.path / "results/mini/dummy_audio.json").read_text(encoding="utf-8"))
    assert sum(row["right dummy_audio"] != "" for row in test) == result["items"]["test"]
    sounds = [(finished.path / page).parent / row["sound"] for row in rows if row["sound"]]
    assert len(sounds) > 40
    assert all(sound.is_file() for sound in sounds)
    assert finished.planned(page, "results/mini/figures/map_text.png") == set()
    # Sound has no one vector for each item; words are there once more by another name.
    assert "'patches' has no vector for each item" in finished.fails("-n", "results/mini/figures/map_patches.html")


def test_models_of_sound_are_asked_about_deformed_sound(finished: House, models: set[str]) -> None:
    heard = {model for model in models if "text" not in model or "multimodal" in model}
    planned = finished.planned("results/mini/deformed.md")
    asked = {f"{rule} mini {model}" for rule in ("deform", "evaluate_deformed") for model in heard}
    assert planned == {"deformed_table mini", *asked}
    words = next(iter(models - heard))
    said = finished.fails("-n", f"data/predictions/mini/{words}/deformed")
    assert f"mini/{words}: no sound of MINI leads to it, which could be deformed" in said


@pytest.mark.slow
def test_without_a_deformation_measures_are_those_of_the_result(finished: House, models: set[str]) -> None:
    finished.run("results/mini/deformed.md", "results/mini/deformed.tsv")
    for path in Path(finished.path / "data/predictions/mini").glob("*/deformed.json"):
        found = json.loads(path.read_text(encoding="utf-8"))["deformed"]
        result = json.loads((finished.path / f"results/mini/{path.parent.name}.json").read_text(encoding="utf-8"))
        assert set(found) == {"none", "low-pass", "mp3", "noise", "slower", "softer"}
        assert found["none"]["items"] == result["items"]["test"]
        for name, measure in result["measures"].items():
            assert found["none"]["measures"][name]["mean"] == pytest.approx(measure["mean"], abs=1e-6)
    assert "Nothing to be done" in finished.run("-n", "results/mini/deformed.md")
