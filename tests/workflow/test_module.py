"""Tartarus from elsewhere: as a module of another workflow, in another folder, by the door of the Workflow Catalog."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.paths import ROOT, SCRIPTS

PARENT = """
configfile: "config/config.yaml"

module tartarus:
    snakefile: "{snakefile}"
    config: config

use rule * from tartarus as tartarus_*

rule mine:
    input: "results/demo/dummy_text_vsm_bow.json"
    default_target: True
"""
SMALL = {
    "datasets": {"DEMO": {"synthesis": {"tracks_per_artist": 2, "seconds": 1, "listeners": 2}}},
    "experiments": {"demo": {"experiments": {"dummy_text_vsm": {"epochs": 1, "seeds": [1]}}}},
}


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if key != "TARTARUS_MIRROR"}
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_another_workflow_builds_a_result_of_its_module(tmp_path):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    text = PARENT.format(snakefile=ROOT / "workflow/Snakefile")
    (tmp_path / "Snakefile").write_text(text, encoding="utf-8")
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(SMALL), encoding="utf-8")
    options = ("--configfile", "small.yaml", "--rerun-triggers", "mtime", "params", "input")
    done = snakemake(tmp_path, *options)
    assert done.returncode == 0, done.stderr[-4000:]
    result = json.loads((tmp_path / "results/demo/dummy_text_vsm_bow.json").read_text(encoding="utf-8"))
    assert result["items"]["train"] == 24
    assert result["measures"]["accuracy"]["per_seed"]
    again = snakemake(tmp_path, *options, "-n")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_another_folder_gets_the_data_and_the_configuration_that_comes_along(tmp_path):
    done = snakemake(ROOT, "--directory", str(tmp_path), "-n", "results/demo/table.md")
    assert done.returncode == 0, done.stderr[-4000:]
    assert "synthesise_DEMO" in done.stdout
    assert not (tmp_path / "config").exists()


def test_a_folder_s_own_configuration_comes_first(tmp_path):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config/experiments/demo.yaml").rename(tmp_path / "config/experiments/other.yaml")
    for path in (tmp_path / "config/experiments").iterdir():
        path.write_text(path.read_text(encoding="utf-8").replace("demo/demo", "other/demo"), encoding="utf-8")
    done = snakemake(ROOT, "--directory", str(tmp_path), "-n", "results/demo/table.md")
    assert done.returncode != 0
    assert "no family 'demo'" in done.stdout + done.stderr


def test_the_door_of_the_workflow_catalog_leads_to_the_same_workflow(tmp_path):
    doors = [snakemake(tmp_path, "-s", str(ROOT / path), "-n").stdout for path in ("Snakefile", "workflow/Snakefile")]
    planned = [set(re.findall(r"^(\w+) +(\d+)$", said, re.MULTILINE)) for said in doors]
    assert ("evaluate", "4") in planned[0]
    assert planned[1] - {("default_family", "1")} == planned[0] - {("all", "1")}


def test_the_library_is_installed_as_pyproject_says(tmp_path):
    folders = {str(path.parent.relative_to(SCRIPTS)).replace("/", ".") for path in SCRIPTS.rglob("__init__.py")}
    code = (
        "from setuptools import find_packages; import tomllib, json; "
        "where = tomllib.load(open('pyproject.toml', 'rb'))['tool']['setuptools']['packages']['find']; "
        "print(json.dumps(find_packages(where['where'][0], include=where['include'])))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)) == folders
