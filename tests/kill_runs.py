"""Kill a run at random moments, take it up again, and compare what comes out with a run that nobody disturbed.

    python tests/kill_runs.py <undisturbed clone> <clone to disturb> <target> <kills> [seed]

Both clones have the same configuration; the first has made the target. In turns the whole run is killed, as by a power
cut, and Snakemake alone, whose jobs go on. In the end every file under data/ and results/ must have the same bytes,
except for what tells the time.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import compare_runs


def start(clone: Path, target: str) -> subprocess.Popen:
    """Start Snakemake in a session of its own, after a run that was killed."""
    python = str(clone / ".venv/bin/python")
    subprocess.run([python, "-m", "snakemake", "--unlock", target], cwd=clone, capture_output=True, check=False)
    command = [python, "-m", "snakemake", "--cores", "2", "--rerun-incomplete", target]
    return subprocess.Popen(
        command, cwd=clone, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def main(before: Path, clone: Path, target: str, kills: int, seed: int) -> int:
    """Kill, take up, compare; 0 if all is the same."""
    rng = random.Random(seed)  # noqa: S311
    done = 0
    while done < kills:
        run = start(clone, target)
        try:
            code = run.wait(rng.uniform(4, 30))
        except subprocess.TimeoutExpired:
            done += 1
            whole = done % 2 == 0
            print(f"kill {done}: {'the whole run' if whole else 'Snakemake alone'}", flush=True)
            (os.killpg if whole else os.kill)(run.pid, signal.SIGKILL)
            run.wait()
            continue
        assert code == 0, f"the run failed with {code}"
        # It was over: begin again with the part that takes longest.
        for folder in ("data/models", "data/predictions", "results"):
            subprocess.run(["rm", "-rf", str(clone / folder)], check=True)
    while start(clone, target).wait() != 0:
        time.sleep(1)  # jobs that outlived their Snakemake hold the folder for a moment
    return compare_runs.main(before, clone)


if __name__ == "__main__":
    _, before, clone, target, kills, *rest = sys.argv
    sys.exit(main(Path(before), Path(clone), target, int(kills), int(rest[0]) if rest else 1))
