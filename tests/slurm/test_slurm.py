"""profiles/slurm on a real cluster, with and without accounting: lost nodes, too little memory or time, the same bytes.

`make test-slurm` runs it: it takes some twenty minutes.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import compare_runs
from tests.workflow.conftest import House, copy_house

from . import cluster as clusters

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif("TARTARUS_SLURM" not in os.environ, reason="it starts daemons: make test-slurm"),
    pytest.mark.skipif(bool(clusters.lacking()), reason=clusters.lacking()),
]
SUBMITTED = re.compile(r"has been submitted with SLURM jobid (\d+) \(log: .*/rule_(\w+)/")
# The least that a job can ask for in time, and less than TensorFlow takes in memory.
TOO_LITTLE = "resources: {text: {minutes: 1}, train: {megabytes: 500}}"


@pytest.fixture(scope="module", params=[True, False], ids=["accounting", "no accounting"])
def cluster(request: pytest.FixtureRequest) -> Iterator[clusters.Cluster]:
    with clusters.Cluster(accounting=request.param) as started:
        yield started


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A run of demo without a cluster."""
    house = copy_house(tmp_path_factory.mktemp("local") / "house")
    house.run("demo", cores=2)
    return house


@pytest.fixture
def fresh(tmp_path: Path) -> House:
    return copy_house(tmp_path / "house")


def run_on_cluster(house: House, *arguments: str, at: dict[str, Callable[[str], None]]) -> str:
    """Run with the profile, on nodes of two CPUs; when a rule's job is first submitted, its number is given to `at`."""
    waiting = dict(at)
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/slurm", "--cores", "2", *arguments]
    with subprocess.Popen(command, cwd=house.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        said = []
        for line in run.stdout:
            said.append(line)
            submitted = SUBMITTED.search(line)
            if submitted and submitted[2] in waiting:
                waiting.pop(submitted[2])(submitted[1])
    assert run.returncode == 0, "".join(said)[-4000:]
    assert not waiting
    return "".join(said)


def asked(said: str, rule: str, resource: str) -> list[int]:
    """What the jobs of a rule asked for, attempt after attempt."""
    found = re.findall(rf"^rule {rule}:\n(?:    .*\n)*?    resources: .*\b{resource}=(\d+)", said, re.MULTILINE)
    return [int(value) for value in found]


def test_a_run_that_loses_a_node_gives_the_bytes_of_a_local_run(cluster: clusters.Cluster, local: House, fresh: House):
    lost = []

    def lose(job: str) -> None:
        lost.append((job, cluster.node_of(job)))
        cluster.lose(lost[0][1])

    said = run_on_cluster(fresh, at={"train_demo_dummy_audio": lose})
    ((job, node),) = lost
    assert cluster.state_of(job) == "NODE_FAIL"
    assert len(asked(said, "train_demo_dummy_audio", "mem_mb")) == 2
    cluster.start(node)
    assert len(compare_runs.files(local.path)) > 300
    assert compare_runs.main(local.path, fresh.path) == 0


def test_a_job_that_lacked_memory_or_time_is_given_more(cluster: clusters.Cluster, local: House, fresh: House):
    jobs = {}

    def note(job: str) -> None:
        jobs["train"] = job

    def hold(job: str) -> None:
        jobs["bow"] = job
        cluster.hold(job)

    (fresh.path / "little.yaml").write_text(TOO_LITTLE, encoding="utf-8")
    target = "results/demo/dummy_text_vsm_bow.json"
    said = run_on_cluster(
        fresh, target, "--configfile", "little.yaml", at={"bow": hold, "train_demo_dummy_text_vsm": note}
    )
    assert cluster.state_of(jobs["bow"]) == "TIMEOUT"
    # It is a step of the job whose memory was too much: Slurm calls the job itself failed.
    assert cluster.state_of(jobs["train"]) == "FAILED"
    (log,) = (fresh.path / ".snakemake/slurm_logs").rglob(f"{jobs['train']}.log")
    assert f"StepId={jobs['train']}.0 exceeded memory limit" in log.read_text(encoding="utf-8")
    assert asked(said, "bow", "runtime") == [1, 2]
    assert asked(said, "train_demo_dummy_text_vsm", "mem_mb") == [500, 1000]
    assert compare_runs.content(fresh.path / target) == compare_runs.content(local.path / target)
