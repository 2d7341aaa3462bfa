"""What the use of a model needs: written beside it, it needs nothing else, and refuses what is another."""

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tartarus import use
from tartarus.base.errors import TartarusError
from tartarus.base.files import sha256
from tartarus.use import usage

from . import test_tagging
from .test_tagging import TEXTS

sounds, files, planned_fusion = test_tagging.sounds, test_tagging.files, test_tagging.planned_fusion
TOLD = {"windows": {"trim": 0.0, "hop": 0.5}, "computing": {"threads": 1, "precision": "float32"}}
BOTH, SOUND = "data/models/mine/both/seed-1/model.keras", "data/models/mine/sound/seed-1/model.keras"
USAGE = "data/models/mine/both/use.json"


@pytest.fixture
def home(planned_fusion: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a fusion of sound and words, and what its use needs, where they are put; classes and all else are gone."""
    chain = copy.deepcopy(planned_fusion[0])
    source = chain["inputs"][0]["source"]
    folder = tmp_path / "elsewhere"
    for path, place in ((chain["models"][0], BOTH), (source["models"][0], SOUND)):
        (folder / place).parent.mkdir(parents=True)
        shutil.move(path, folder / place)
    chain["models"], source["models"] = [BOTH], [SOUND]
    monkeypatch.chdir(folder)
    Path("classes.tsv").write_text("rock\npop\njazz\n", encoding="utf-8")
    usage.write(USAGE, {"classes": "classes.tsv"}, chain=chain, thresholds={}, **TOLD)
    Path("classes.tsv").unlink()
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_model_is_used_elsewhere_with_the_files_that_it_names_and_no_others(home, planned_fusion, sounds, tmp_path):
    needed = json.loads((home / USAGE).read_text(encoding="utf-8"))
    assert needed["files"] == {path: sha256(home / path) for path in (BOTH, SOUND)}
    for path in (USAGE, *needed["files"]):
        (tmp_path / "copy" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(home / path, tmp_path / "copy" / path)
    shutil.rmtree(home)
    # A link in the place of the folder of all data does no harm.
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/data").symlink_to(tmp_path / "copy/data")
    places = ("copy/data/models/mine/both", f"copy/{BOTH}", "linked/data/models/mine/both")
    for place in places:
        model = use.load(place)
        for id_, wanted in zip(TEXTS, planned_fusion[1], strict=True):
            scores = model.tag(sounds[id_], text=sounds[id_].with_suffix(".txt"))["scores"]
            np.testing.assert_allclose([scores[name] for name in ("rock", "pop", "jazz")], wanted, atol=1e-5)


def test_a_chain_of_which_something_was_trained_anew_is_refused(home):
    (home / SOUND).write_bytes((home / SOUND).read_bytes() + b" ")
    wanted = f"both/use.json: {SOUND}: another file than when this was written; put that one there, or have it written"
    with pytest.raises(TartarusError, match=wanted):
        use.load(home / "data/models/mine/both")
    (home / SOUND).unlink()
    with pytest.raises(
        TartarusError, match=f"{SOUND}: not there, and the model needs it; .* --cores 4 --force {USAGE}"
    ):
        use.load(home / "data/models/mine/both")


def test_what_is_no_model_is_told_with_what_there_is(home):
    with pytest.raises(TartarusError, match="not the path of a model; write data/models/<family>/<model>"):
        use.load(home / "models/mine/both")
    with pytest.raises(TartarusError, match=r"it is not: snakemake --cores 4 data/models/mine/sound/use\.json"):
        use.load(home / "data/models/mine/sound")
    with pytest.raises(TartarusError, match=f"none of the models of {USAGE}, which are {BOTH}"):
        use.load(home / "data/models/mine/both/seed-2/model.keras")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda needed: needed.pop("classes"), "'classes'"),
        (lambda needed: needed["chain"]["inputs"][0].update(oven=1), "oven"),
        (lambda needed: needed.update(thresholds=[0.5]), "thresholds: 1 for 3 classes"),
        (lambda needed: needed.update(class_factors=[[1], [1, 2], [1]]), "class_factors: not as many of every class"),
        (
            lambda needed: needed["chain"]["inputs"][0]["source"]["inputs"][0].update(kind="oven"),
            "makes 'oven' of a file",
        ),
        (lambda needed: needed["files"].pop(SOUND), f"{SOUND}: another file than when this was written"),
    ],
)
def test_what_was_written_otherwise_is_refused(home, change: Callable[[dict[str, Any]], Any], told: str):
    needed = json.loads((home / USAGE).read_text(encoding="utf-8"))
    change(needed)
    (home / USAGE).write_text(json.dumps(needed), encoding="utf-8")
    with pytest.raises(TartarusError, match=f"use.json: .*{told}"):
        use.load(home / "data/models/mine/both")


def test_thresholds_are_those_of_the_validation_items_and_factors_come_back_bit_for_bit(tmp_path, rng):
    y, scores = rng.integers(0, 2, (40, 2)), rng.random((1, 40, 2)).astype(np.float32)
    ids = [f"S{number}" for number in range(40)]
    factors = rng.standard_normal((2, 3)).astype(np.float32)
    names = {key: str(tmp_path / key) for key in ("classes", "m.keras")}
    for path in names.values():
        Path(path).write_text("rock\npop\n", encoding="utf-8")
    np.save(tmp_path / "y.npy", y.astype(np.float32))
    np.save(tmp_path / "factors.npy", factors)
    np.savez(tmp_path / "val.npz", scores=scores, index=np.array(ids), seeds=np.array([1]), parameters=np.array(1))
    for set_ in ("train", "val", "test"):
        (tmp_path / f"items_index_{set_}_SONGS.tsv").write_text("\n".join(ids) + "\n", encoding="utf-8")
    given = {
        "classes": names["classes"],
        "y_val": str(tmp_path / "y.npy"),
        "predictions": str(tmp_path / "val.npz"),
        "index": [str(tmp_path / f"items_index_{set_}_SONGS.tsv") for set_ in ("train", "val", "test")],
    }
    chain = {"models": [names["m.keras"]], "inputs": [{"kind": "bow"}]}
    path = tmp_path / "use.json"
    usage.write(path, given, chain=chain, thresholds={"validation": "file", "threshold": "per_class"}, **TOLD)
    for column, cut in enumerate(usage.read(path)["thresholds"]):
        f1 = {}
        for other in (cut, *scores[0, :, column]):
            said = scores[0, :, column] >= other
            f1[float(other)] = 2 * (said & (y[:, column] == 1)).sum() / (said.sum() + y[:, column].sum())
        assert f1[cut] == max(f1.values())
    only = {"classes": names["classes"], "class_factors": str(tmp_path / "factors.npy")}
    usage.write(path, only, chain=chain, thresholds={}, **TOLD)
    read = usage.read(path)
    assert read["thresholds"] is None
    np.testing.assert_array_equal(np.array(read["class_factors"]).astype(np.float32), factors)


def test_columns_of_recordings_are_asked_for_where_they_are_not(tmp_path):
    for name in ("classes.tsv", "m.keras"):
        (tmp_path / name).write_text("rock\n", encoding="utf-8")
    columns = str(tmp_path / "COLUMNS.tsv")
    chain = {"models": [str(tmp_path / "m.keras")], "inputs": [{"kind": "recordings", "columns": columns}]}
    usage.write(tmp_path / "use.json", {"classes": tmp_path / "classes.tsv"}, chain=chain, thresholds={}, **TOLD)
    with pytest.raises(
        TartarusError, match=r"COLUMNS\.tsv: not there, and the model needs it; put it there, or have it"
    ):
        usage.read(tmp_path / "use.json")
