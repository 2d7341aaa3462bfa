"""Which jobs start what: TensorFlow takes seconds, and no module reaches for a later step."""

import ast
from pathlib import Path

import pytest
from tartarus.base.fingerprint import modules

from tests.paths import SCRIPTS

HEAVY = {"keras", "tensorflow", "torch", "jax"}
LEARNING = {"train", "predict", "predict_layer", "inventory"}
AUDIO = {"spectrograms"}


def packages(path: Path) -> set[str]:
    """Every package that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.stem)
def test_a_script_starts_only_what_it_needs(script):
    reached = set().union(*(packages(module) for module in modules(script)))
    assert bool(reached & HEAVY) == (script.stem in LEARNING)
    assert ("librosa" in reached) == (script.stem in AUDIO)


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.stem)
def test_a_script_is_thin(script):
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 40


def test_every_script_belongs_to_a_rule():
    rules = "".join(path.read_text(encoding="utf-8") for path in (SCRIPTS.parents[1] / "rules").glob("*.smk"))
    for script in SCRIPTS.glob("*.py"):
        assert f"scripts/{script.name}" in rules


def test_only_one_module_knows_tensorflow():
    assert [path.stem for path in (SCRIPTS / "tartarus").glob("*.py") if "tensorflow" in packages(path)] == ["backend"]


# From raw files to the report; a module imports only from its own step and those before.
STEPS = (
    {
        "__init__",
        "errors",
        "files",
        "arrays",
        "foreign",
        "hdf5",
        "fingerprint",
        "logs",
        "config",
        "targets",
        "archives",
        "tables",
    }
    | {"statuses"},
    {"demo", "fetch", "original", "records", "members", "unpacking", "lookalike", "lookalike_archives"}
    | {"lookalike_features", "lookalike_files", "lookalike_genres", "lookalike_world"},
    {"mpeg", "shards", "spectrograms", "patches", "texts", "vsm", "word2vec", "features", "checking", "importing"}
    | {"albums"},
    {"backend", "layers", "losses", "blocks", "networks", "networks_of_patches", "networks_of_vectors"}
    | {"networks_of_words", "inventory", "batches", "models", "training", "prediction"},
    {"measures", "multiclass", "ranking", "multilabel", "recommendation", "thresholds"}
    | {"evaluation", "results", "tabulate", "figures", "nested"},
)


def test_data_go_forward_only():
    step = {name: number for number, names in enumerate(STEPS) for name in names}
    paths = {path.stem: path for path in (SCRIPTS / "tartarus").glob("*.py")}
    assert set(paths) == set(step)
    for name, path in paths.items():
        direct = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "tartarus":
                direct |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tartarus."):
                direct.add(node.module.split(".")[1])
        assert all(step[other] <= step[name] for other in direct & set(step)), name
