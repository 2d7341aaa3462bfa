"""Snakemake, imported once and forked for every command: a start takes half of the time that it would by itself.

What runs is what `python -m snakemake` runs: its main function, in a process of its own, with these arguments, folder
and environment.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Done:
    """What a command said, and what it took with all that it began: seconds of processors, and MB of the largest."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float
    megabytes: float


@cache
def _server() -> subprocess.Popen:
    command = [sys.executable, __file__]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # no threads are to be forked
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def run(arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> Done:
    """Run Snakemake in a folder."""
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory() as printed:
        asked = {"arguments": [*arguments], "folder": str(folder), "environment": dict(environment), "printed": printed}
        server.stdin.write(f"{json.dumps(asked)}\n")
        server.stdin.flush()
        status, seconds, megabytes = json.loads(server.stdout.readline())
        said, told = ((Path(printed) / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
    return Done(status, said, told, seconds, megabytes)


def _serve() -> None:
    from snakemake import cli

    cli.get_argument_parser()  # which imports the plugins
    for line in sys.stdin:
        asked = json.loads(line)
        process = os.fork()
        if process == 0:
            _become(**asked)
        _, status, used = os.wait4(process, 0)
        took = [used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]
        print(json.dumps([os.waitstatus_to_exitcode(status), *took]), flush=True)


def _become(arguments: list[str], folder: str, environment: dict[str, str], printed: str) -> None:
    from snakemake import cli

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, name in ((0, os.devnull), (1, f"{printed}/stdout"), (2, f"{printed}/stderr")):
        file = os.open(name, os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT)
        os.dup2(file, descriptor)
        os.close(file)
    sys.argv = ["snakemake", *arguments]
    sys.path[0] = folder
    status = 1
    try:
        cli.main(arguments)
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
