"""Which jobs start what: TensorFlow takes seconds, and no module reaches for a later step."""

import ast
import graphlib
from pathlib import Path

import pytest
from tartarus.base.fingerprint import modules

from tests.paths import SCRIPTS

LIBRARY = SCRIPTS / "tartarus"
HEAVY = {"keras", "tensorflow", "torch", "jax"}
LEARNING = {
    *("train", "predict", "predict_layer", "inventory", "tags", "tag_figures", "listeners"),
    *("convert_musicnn", "track_musicnn", "inbox_neighbours", "deform", "plot_learned"),
}
AUDIO = {
    *("check_table", "spectrograms", "track_statistics", "set_statistics", "tags", "tag_figures", "listeners"),
    *("convert_musicnn", "track_musicnn", "track_onnx", "inbox_neighbours", "deform"),
}


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
    knowing = [path.relative_to(LIBRARY) for path in LIBRARY.rglob("*.py") if "tensorflow" in packages(path)]
    assert knowing == [Path("learning/backend.py")]


def test_packages_import_nothing_by_themselves():
    # Whoever imports a module of a package runs the package too: it would widen every fingerprint and every start.
    for path in LIBRARY.rglob("__init__.py"):
        if path.parent.name != "networks":  # a registry
            # The door for programs of one's own opens by name what is behind it.
            assert packages(path) <= ({"importlib", "typing"} if path.parent.name == "use" else set()), path


# From raw files to the report, a folder for each step.
STEPS = ("base", "plan", "items", "features", "archives", "learning", "evaluation", "use", "report")


def reached(path: Path) -> set[str]:
    """The steps from which a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tartarus."):
            found.add(node.module.split(".")[1])
    return found


def test_every_folder_is_a_step():
    folders = {path.name for path in LIBRARY.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {*STEPS, "lookalike"}
    assert [path.name for path in LIBRARY.glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.py")), ids=lambda path: str(path.relative_to(LIBRARY)))
def test_data_go_forward_only(path):
    step = path.relative_to(LIBRARY).parts[0]
    if step in STEPS:
        assert reached(path) <= set(STEPS[: STEPS.index(step) + 1])


def test_no_module_imports_itself_in_a_circle():
    graph = {
        path: {
            found
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tartarus")
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
            for found in [SCRIPTS.joinpath(*name.split(".")).with_suffix(".py")]
            if found.is_file()
        }
        for path in LIBRARY.rglob("*.py")
    }
    sorter = graphlib.TopologicalSorter(graph)
    sorter.prepare()  # raises CycleError
    assert sorter.is_active()
