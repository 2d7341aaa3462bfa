"""The lock and the conda environments say the same, and hold what they must."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tartarus.base.fingerprint import modules

from tests.paths import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
DEV_LOCK = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
PINS = re.compile(r"^([a-z0-9._-]+)==(\S+)(?: ; (.*?))? \\$", re.MULTILINE)


def pinned() -> dict[str, str]:
    return {name: version for name, version, _ in PINS.findall(LOCK)}


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda path: path.stem)
def test_an_environment_pins_what_the_lock_pins(path):
    environment = yaml.safe_load(path.read_text(encoding="utf-8"))
    (packages,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert packages
    for package in packages:
        name, version = package.split("==")
        assert pinned()[re.sub(r"\[.*\]", "", name)] == version, package


def test_every_environment_of_a_rule_is_there():
    used = {
        name for path in (ROOT / "rules").glob("*.smk") for name in re.findall(r"envs/(\S+\.yaml)", path.read_text())
    }
    assert used
    assert all((ROOT / "envs" / name).is_file() for name in used)


@pytest.mark.parametrize("lock", [LOCK, DEV_LOCK], ids=["run", "dev"])
def test_a_lock_has_a_hash_for_every_package_and_no_address(lock):
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) == len(PINS.findall(lock))
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?://|index-url|find-links", lock)


def test_the_lock_for_tests_holds_the_other_at_the_same_versions():
    assert set(PINS.findall(LOCK)) < set(PINS.findall(DEV_LOCK))


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize(
    ("needed", "lock"),
    [(PROJECT["dependencies"], LOCK), (PROJECT["optional-dependencies"]["dev"], DEV_LOCK)],
    ids=["run", "dev"],
)
def test_a_lock_holds_all_that_the_project_needs(needed, lock):
    names = {name for name, _, _ in PINS.findall(lock)}
    assert {re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower() for requirement in needed} <= names


def test_what_only_tests_need_is_not_installed_for_running():
    assert not {"jax", "jaxlib", "mypy", "pytest", "ranx", "ruff"} & set(pinned())


def test_the_version_is_said_once():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]
    assert f"## {PROJECT['version']} - " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_one_version_of_a_package_for_every_python():
    markers = [name for name, _, marker in PINS.findall(LOCK) if "python" in marker]
    names = [name for name, _, _ in PINS.findall(LOCK)]
    assert [name for name in markers if names.count(name) > 1] == []


# Where the name of the import is not that of the distribution.
DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn", "yaml": "pyyaml", "tensorflow": "tensorflow-cpu"}


def run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes, but for what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from run_time(node)


def imported(script: Path) -> set[str]:
    """The distributions that a script imports, itself or through the library."""
    names = set()
    for path in modules(script):
        for node in run_time(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    # PyTorch is another backend, which none of the environments holds.
    foreign = names - set(sys.stdlib_module_names) - {"tartarus", "torch"}
    return {DISTRIBUTIONS.get(name, name) for name in foreign}


def test_an_environment_holds_what_its_scripts_import():
    rule = re.compile(r'"\.\./envs/(\S+\.yaml)".*?script:\s+"\.\./(\S+\.py)"', re.DOTALL)
    pairs = {pair for path in (ROOT / "rules").glob("*.smk") for pair in rule.findall(path.read_text(encoding="utf-8"))}
    assert len(pairs) == len(list((ROOT / "workflow/scripts").glob("*.py")))
    for environment, script in pairs:
        packages = yaml.safe_load((ROOT / "envs" / environment).read_text(encoding="utf-8"))["dependencies"]
        (held,) = [
            {package.split("==")[0] for package in entry["pip"]} for entry in packages if isinstance(entry, dict)
        ]
        assert imported(ROOT / script) - held == set(), f"{environment} for {script}"
