"""The lock and the conda environments say the same, and hold what they must."""

import re
import runpy
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from tests.paths import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
DEV_LOCK = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
MIRDATA_LOCK = (ROOT / "requirements-mirdata.lock").read_text(encoding="utf-8")
ONNX_LOCK = (ROOT / "requirements-onnx.lock").read_text(encoding="utf-8")
ESSENTIA_LOCK = (ROOT / "requirements-essentia.lock").read_text(encoding="utf-8")
DOCS_LOCK = (ROOT / "requirements-docs.lock").read_text(encoding="utf-8")
CUDA_LOCK = (ROOT / "requirements-cuda.lock").read_text(encoding="utf-8")
PINS = re.compile(r"^([a-z0-9._-]+)==(\S+)(?: ; (.*?))? \\$", re.MULTILINE)
MAKE = runpy.run_path(str(ROOT / "envs/make_environments.py"))
ENVIRONMENTS = pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda path: path.stem)


@cache
def held(path: Path) -> dict[str, str]:
    """What pip is told to install in an environment: one line for each package."""
    text = path.read_text(encoding="utf-8")
    (lines,) = [entry["pip"] for entry in yaml.safe_load(text)["dependencies"] if isinstance(entry, dict)]
    return {line.split("==")[0]: line for line in lines}


def versions(lock: str) -> dict[str, str]:
    return {name: version for name, version, _ in PINS.findall(lock)}


def test_the_environments_are_what_the_locks_make_of_the_rules():
    made = MAKE["environments"]()
    assert {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "envs").glob("*.yaml")} == made


@ENVIRONMENTS
def test_an_environment_pins_what_the_lock_pins_with_the_same_hashes(path):
    cuda = CUDA_LOCK if path.stem == "tensorflow-cuda" else ""
    lock = cuda + {"mirdata": MIRDATA_LOCK, "onnx": ONNX_LOCK}.get(path.stem, "") + LOCK + ONNX_LOCK
    assert held(path)
    for line in held(path).values():
        requirement, *hashes = line.split(" --hash=")
        entry = re.search(rf"^{re.escape(requirement)} \\\n((?:    --hash=.*\n)+)", lock, re.MULTILINE)
        assert hashes == re.findall(r"--hash=(\S+)", entry[1]), requirement


@ENVIRONMENTS
def test_an_environment_holds_all_that_its_packages_need_here(path):
    # What is installed tells by itself what it needs; NVIDIA's packages are not installed here, nor need extras be.
    if path.stem == "mirdata":
        pytest.importorskip("mirdata", reason="mirdata is not installed (requirements-mirdata.lock)")
    here = [
        Requirement(line.split(" --hash")[0]) for name, line in held(path).items() if not name.startswith("nvidia-")
    ]
    wanted = [requirement.name for requirement in here if not requirement.marker or requirement.marker.evaluate()]
    if path.stem == "tensorflow-cuda":
        wanted = ["tensorflow-cpu" if name == "tensorflow" else name for name in wanted]
    assert wanted
    for name in wanted:
        for needed in map(Requirement, metadata.requires(name) or []):
            if not needed.marker or needed.marker.evaluate({"extra": ""}):
                assert re.sub(r"[-_.]+", "-", needed.name).lower() in held(path), f"{name} needs {needed}"


def test_every_environment_of_a_rule_is_there():
    rules = [path.read_text(encoding="utf-8") for path in (ROOT / "rules").glob("*.smk")]
    asked = sum(len(re.findall(r"^ +conda:$", rule, re.MULTILINE)) for rule in rules)
    assert asked == sum(len(re.findall(r"^ +script:$", rule, re.MULTILINE)) for rule in rules)
    named = {name for rule in rules for name in re.findall(r"envs/(\S+\.yaml)", rule)}
    assert len(named) > 5
    assert all((ROOT / "envs" / name).is_file() for name in named if "{" not in name)


@pytest.mark.parametrize(
    "lock",
    [LOCK, DEV_LOCK, CUDA_LOCK, MIRDATA_LOCK, ONNX_LOCK, ESSENTIA_LOCK, DOCS_LOCK],
    ids=["run", "dev", "cuda", "mirdata", "onnx", "essentia", "docs"],
)
def test_a_lock_has_a_hash_for_every_package_and_no_address(lock):
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) == len(PINS.findall(lock))
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?://|index-url|find-links", lock)


def test_the_lock_for_gpus_differs_from_the_other_in_cuda_alone():
    shared = set(versions(CUDA_LOCK)) & set(versions(LOCK))
    assert {name: versions(CUDA_LOCK)[name] for name in shared} == {name: versions(LOCK)[name] for name in shared}
    more = set(versions(CUDA_LOCK)) - shared
    assert all(name.startswith("nvidia-") for name in more)
    assert {"nvidia-cudnn-cu12", "nvidia-cublas-cu12"} <= more
    assert "tensorflow-cpu" not in shared


def test_the_lock_for_essentia_goes_with_the_other():
    shared = set(versions(ESSENTIA_LOCK)) & set(versions(LOCK))
    assert {"numpy", "pyyaml"} <= shared
    assert {name: versions(ESSENTIA_LOCK)[name] for name in shared} == {name: versions(LOCK)[name] for name in shared}


def test_the_lock_for_the_manual_goes_with_that_for_tests():
    shared = set(versions(DOCS_LOCK)) & set(versions(DEV_LOCK))
    assert {"jinja2", "pygments"} <= shared
    assert {name: versions(DOCS_LOCK)[name] for name in shared} == {name: versions(DEV_LOCK)[name] for name in shared}


@pytest.mark.parametrize("lock", [LOCK, ONNX_LOCK], ids=["run", "onnx"])
def test_the_lock_for_tests_holds_the_other_at_the_same_versions(lock):
    assert set(PINS.findall(lock)) < set(PINS.findall(DEV_LOCK))


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize(
    ("needed", "lock"),
    [
        (PROJECT["dependencies"], LOCK),
        (PROJECT["optional-dependencies"]["dev"], DEV_LOCK),
        (PROJECT["optional-dependencies"]["mirdata"], MIRDATA_LOCK),
        (PROJECT["optional-dependencies"]["onnx"], ONNX_LOCK),
        (PROJECT["optional-dependencies"]["essentia"], ESSENTIA_LOCK),
        (PROJECT["optional-dependencies"]["docs"], DOCS_LOCK),
    ],
    ids=["run", "dev", "mirdata", "onnx", "essentia", "docs"],
)
def test_a_lock_holds_all_that_the_project_needs(needed, lock):
    # Testing needs an extra of the project itself.
    names = {name for name, _, _ in PINS.findall(lock)} | {PROJECT["name"]}
    assert {re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower() for requirement in needed} <= names


def test_what_only_tests_need_is_not_installed_for_running():
    assert not {"jax", "jaxlib", "mypy", "pytest", "ranx", "ruff"} & set(versions(LOCK))


def test_the_version_is_said_once():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]
    assert f"## {PROJECT['version']} - " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_one_version_of_a_package_for_every_python():
    markers = [name for name, _, marker in PINS.findall(LOCK) if "python" in marker]
    names = [name for name, _, _ in PINS.findall(LOCK)]
    assert [name for name in markers if names.count(name) > 1] == []


def test_an_environment_holds_what_its_scripts_import():
    scripts = MAKE["scripts"]()
    assert set().union(*scripts.values()) == set((ROOT / "workflow/scripts").glob("*.py"))
    for environment, of in scripts.items():
        for script in of:
            lacking = MAKE["imported"](script) - held(ROOT / f"envs/{environment}.yaml").keys()
            assert lacking == set(), f"{environment} for {script}"
