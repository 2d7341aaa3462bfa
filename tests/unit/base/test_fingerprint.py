"""The fingerprint of code changes with what code does, and with nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tartarus.base import fingerprint as fingerprint_module
from tartarus.base.fingerprint import fingerprint, modules

from tests.paths import SCRIPTS

SCRIPT = '''"""A script."""

from package import used
import alone

print(used.double(21), alone.NUMBER)
'''
USED = '''"""A module."""

from package.deeper import triple


def double(x):
    """Double a number."""
    # Twice as much.
    return 2 * x


class Box:
    """A box."""

    def open(self):
        """Open it."""
        return triple(1)
'''
WORLD = {
    "script.py": SCRIPT,
    "alone.py": "NUMBER = 7\n",
    "package/__init__.py": "",
    "package/used.py": USED,
    "package/deeper.py": "def triple(x):\n    return 3 * x\n",
    "package/unused.py": "from package import used\n\nNOTHING = 0\n",
}


@pytest.fixture
def written(tmp_path: Path):
    """Write a little world of modules into a folder of its own and give the script.

    A new folder each time, for a file is parsed once in the life of a process.
    """

    def write(**changes: str) -> Path:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, text in {**WORLD, **{key.replace("__", "/") + ".py": text for key, text in changes.items()}}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder / "script.py"

    return write


def test_the_same_code_elsewhere_has_the_same_fingerprint(written) -> None:
    assert fingerprint(written()) == fingerprint(written())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    # Twice as much.\n", ""),
        ("# Twice as much.", "# Two times."),
        ('"""A module."""', '"""Another text."""'),
        ('    """Double a number."""\n', ""),
        ('"""A box."""', '"""A crate."""'),
        ('"""Open it."""', '"""Look into it."""'),
        ("return 2 * x", "return (2*x)"),
        ("\n\n\nclass", "\n\n\n\n\nclass"),
    ],
)
def test_comments_docstrings_and_white_space_do_not_change_it(written, old: str, new: str) -> None:
    assert old in USED
    assert fingerprint(written(package__used=USED.replace(old, new))) == fingerprint(written())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return 2 * x", "return 3 * x"),
        ("def double(x)", "def double(x=1)"),
        ("triple(1)", "triple(2)"),
        ("class Box", "class Crate"),
        ("return 2 * x", 'return "not a docstring"'),
    ],
)
def test_what_code_does_changes_it(written, old: str, new: str) -> None:
    assert old in USED
    assert fingerprint(written(package__used=USED.replace(old, new))) != fingerprint(written())


def test_the_script_itself_changes_it(written) -> None:
    assert fingerprint(written(script=SCRIPT.replace("21", "22"))) != fingerprint(written())


def test_a_text_that_is_not_a_docstring_changes_it(written) -> None:
    changed = SCRIPT.replace("print(", 'print("a text", ')
    assert fingerprint(written(script=changed)) != fingerprint(written(script=changed.replace("a text", "another")))


def test_a_module_that_is_imported_by_a_module_changes_it(written) -> None:
    assert fingerprint(written(package__deeper="def triple(x):\n    return 4 * x\n")) != fingerprint(written())


def test_a_module_that_is_not_imported_does_not_change_it(written) -> None:
    assert fingerprint(written(package__unused="NOTHING = 1\n")) == fingerprint(written())


def test_all_modules_that_are_reached_are_listed(written) -> None:
    script = written()
    names = [path.relative_to(script.parent).as_posix() for path in modules(script)]
    assert names == ["alone.py", "package/__init__.py", "package/deeper.py", "package/used.py", "script.py"]


def test_modules_that_import_each_other_are_listed_once(written) -> None:
    script = written(package__deeper="from package import used\n")
    assert len(modules(script)) == len(set(modules(script))) == 5


def test_the_package_of_a_module_is_found(written) -> None:
    script = written(script="import package.deeper\n")
    assert [path.name for path in modules(script)] == ["__init__.py", "deeper.py", "script.py"]


def test_an_import_within_a_function_is_found(written) -> None:
    script = written(script="def late():\n    from package import deeper\n    return deeper\n")
    assert [path.name for path in modules(script)] == ["__init__.py", "deeper.py", "script.py"]


def test_every_real_script_has_a_fingerprint_of_its_own() -> None:
    scripts = sorted(SCRIPTS.glob("*.py"))
    prints = {fingerprint(script) for script in scripts}
    assert len(prints) == len(scripts)
    assert all(len(text) == 16 and int(text, 16) >= 0 for text in prints)


def test_training_depends_on_the_networks_and_not_on_the_figures() -> None:
    found = {str(path.relative_to(SCRIPTS)).removeprefix("tartarus/") for path in modules(SCRIPTS / "train.py")}
    learning = {f"learning/{name}.py" for name in ("training", "layers", "batches", "backend", "networks/patches")}
    assert {"train.py", "features/store.py", *learning} <= found
    assert not {path for path in found if path.startswith(("report/", "evaluation/"))}
    # Patches may be drawn anew in every epoch: from spectrograms that are there.
    sound = {path.rpartition("/")[2] for path in found if path.startswith("features/sound/")}
    assert sound == {"__init__.py", "patches.py", "redrawn.py", "shards.py"}


# --- What is kept of it ----------------------------------------------------------------------------------


def kept(script: Path) -> list[Path]:
    return sorted(script.parent.rglob("*.fingerprint.json"))


def fresh(script: Path) -> str:
    """Compute the fingerprint as a new process does."""
    for function in (fingerprint, fingerprint_module._parsed, fingerprint_module._local):
        function.cache_clear()
    return fingerprint(script)


def test_what_is_kept_gives_the_same_fingerprint_and_is_of_today(written: Callable[..., Path]) -> None:
    script = written()
    first = fresh(script)
    assert len(kept(script)) == len(modules(script))
    assert fresh(script) == first
    (script.parent / "alone.py").write_text("NUMBER = 8\n")
    changed = fresh(script)
    assert changed != first
    assert len(kept(script)) == len(modules(script))  # what was kept of the former is gone
    (script.parent / "alone.py").write_text("NUMBER = 7\n")
    assert fresh(script) == first


@pytest.mark.parametrize("content", ["", "no JSON", "[]", "3", '{"a": 1}'])
def test_what_is_kept_may_be_damaged(written: Callable[..., Path], content: str) -> None:
    script = written()
    first = fresh(script)
    for path in kept(script):
        path.write_text(content)
    assert fresh(script) == first


def test_a_folder_that_cannot_be_written_to_is_no_hindrance(written: Callable[..., Path]) -> None:
    script = written()
    for folder in {path.parent for path in script.parent.rglob("*.py")}:
        (folder / "__pycache__").write_text("a file, where the folder would be")
    assert len(fresh(script)) == 16
    assert kept(script) == []
