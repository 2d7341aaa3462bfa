"""What jobs ask a cluster for, and which run beside Snakemake itself; nothing is sent to a cluster here."""

import os
import re
import stat

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


def test_a_second_attempt_asks_for_more_and_a_gpu_only_where_networks_run(fresh: House, tmp_path, monkeypatch):
    conda = tmp_path / "bin" / "conda"
    conda.parent.mkdir()
    conda.write_text(CONDA, encoding="utf-8")
    conda.chmod(conda.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{conda.parent}{os.pathsep}{os.environ['PATH']}")
    overlay = ("--configfile", "o.yaml", "--", "demo")
    (fresh.path / "o.yaml").write_text("{device: gpu, datasets: {DEMO: {audio: {workers: 2}}}}", encoding="utf-8")
    said = fresh.run("-n", "--attempt", "2", "--sdm", "conda", *overlay)
    jobs = asked(said)
    assert {rule for rule, needs in jobs.items() if needs.get("gpu") == "1"} == {
        *(rule for rule in jobs if rule.startswith("train_")),
        *("predict", "predict_layer"),
    }
    assert jobs["train_demo_dummy_audio"]["mem_mb"] == "8000"
    assert jobs["train_demo_dummy_audio"]["runtime"] == "1440"
    assert jobs["spectrograms_cqt"]["mem_mb"] == "4000"  # two workers
    assert jobs["table"]["mem_mb"] == "2000"
    assert "envs/tensorflow-cuda.yaml will be created" in said
    assert "envs/tensorflow.yaml" not in said


def test_every_rule_says_what_it_asks_for_or_that_it_is_local():
    for path in (ROOT / "rules").glob("*.smk"):
        steps = path.read_text(encoding="utf-8").split("    script:\n")[:-1]
        assert all(step.count(f'asks("{path.stem}"') + step.count("localrule: True") == 1 for step in steps), path
