"""What jobs ask a cluster for, and what the profile says; nothing is sent to a cluster here: tests/slurm."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
import yte

from tests.paths import ROOT

from .conftest import House

# All that a dry run asks of conda.
CONDA = """#!/bin/sh
case "$*" in
  *info*) echo '{"conda_version": "24.11.0", "conda_prefix": "/", "root_prefix": "/", "platform": "linux-64"}' ;;
  *get*) echo '{"get": {"channel_priority": "strict"}}' ;;
  *) echo "conda 24.11.0" ;;
esac
"""


def asked(said: str) -> dict[str, dict[str, str]]:
    """Rule to what its jobs ask for, as a dry run tells it."""
    found = re.findall(r"^rule (\S+):\n(?:    .*\n)*?    resources: (.*)$", said, re.MULTILINE)
    return {rule: dict(entry.split("=", 1) for entry in line.split(", ")) for rule, line in found}


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Put a command into the path that runs a script of the shell."""

    def put(name: str, script: str) -> None:
        (tmp_path / name).write_text(script, encoding="utf-8")
        (tmp_path / name).chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return put


def test_a_second_attempt_asks_for_more_and_a_gpu_only_where_networks_run(fresh: House, command: Callable):
    command("conda", CONDA)
    overlay = ("--configfile", "o.yaml", "--", "demo")
    (fresh.path / "o.yaml").write_text("{device: gpu}", encoding="utf-8")
    said = fresh.run("-n", "--attempt", "2", "--sdm", "conda", *overlay)
    jobs = asked(said)
    assert {rule for rule, needs in jobs.items() if needs.get("gpu") == "1"} == {
        *(rule for rule in jobs if rule.startswith("train_")),
        *("predict", "predict_layer"),
    }
    assert jobs["train_demo_dummy_audio"]["mem_mb"] == "8000"
    assert jobs["train_demo_dummy_audio"]["runtime"] == "1440"
    assert jobs["patches"]["mem_mb"] == "2000"
    assert jobs["table"]["mem_mb"] == "1000"
    assert "envs/tensorflow-cuda.yaml will be created" in said
    assert "envs/tensorflow.yaml" not in said


def test_every_rule_says_what_it_asks_for_or_that_it_is_local():
    for path in (ROOT / "rules").glob("*.smk"):
        steps = path.read_text(encoding="utf-8").split("    script:\n")[:-1]
        assert all(step.count(f'asks("{path.stem}"') + step.count("localrule: True") == 1 for step in steps), path


def profile(name: str) -> dict:
    with (ROOT / "profiles" / name / "config.yaml").open(encoding="utf-8") as file:
        return yte.process_yaml(file)


@pytest.mark.parametrize(
    ("storage", "asked_by"), [("accounting_storage/slurmdbd", "sacct"), ("(null)", "squeue"), ("none", "squeue")]
)
def test_the_profile_asks_for_states_where_slurm_keeps_them(command: Callable, storage: str, asked_by: str):
    command("scontrol", f"#!/bin/sh\necho 'AccountingStorageType   = {storage}'\n")
    assert profile("slurm")["slurm-status-command"] == asked_by


def test_the_profile_is_read_where_slurm_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert profile("slurm")["executor"] == "slurm"


def test_the_profile_for_slurm_says_what_the_default_one_says():
    # But for the GPU of this machine.
    default = yaml.safe_load((ROOT / "profiles/default/config.yaml").read_text(encoding="utf-8"))
    assert default.pop("resources") == {"gpu": 1}
    assert len(default) > 1
    assert default.items() <= profile("slurm").items()


def test_the_group_of_the_profile_is_of_rules_of_reports():
    rules = re.findall(r"^rule (\w+):", (ROOT / "rules/report.smk").read_text(encoding="utf-8"), re.MULTILINE)
    # The others belong to no family's report.
    assert set(profile("slurm")["groups"]) == set(rules) - {
        "compare",
        "deformed_table",
        "inventory",
        "plot_learned",
        "top_list",
    }
