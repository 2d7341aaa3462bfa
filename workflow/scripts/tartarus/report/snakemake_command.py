"""Asking Snakemake about the very workflow that is running: its graph of rules, its report."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from tartarus.base.errors import TartarusError

_NODE = re.compile(r'^\s*(\d+)\[label = "([^"\\]+)', re.MULTILINE)
_EDGE = re.compile(r"^\s*(\d+) -> (\d+)", re.MULTILINE)


def snakemake(arguments: Sequence[str], *, snakefile: str | Path, config: Mapping[str, Any]) -> str:
    """Run Snakemake beside the one that is running, in the same folder with the same configuration.

    Parameters
    ----------
    arguments : sequence of str
        Of the command; it must not run jobs, for it does not lock the folder.
    snakefile : str or Path
        The workflow.
    config : mapping
        The configuration that the running one has, with all that the command line laid over it.

    Returns
    -------
    str
        Its standard output.

    Raises
    ------
    TartarusError
        If it fails; with the end of what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--nolock"]
        file = Path(folder) / "config.yaml"
        file.write_text(yaml.safe_dump(dict(config)), encoding="utf-8")
        command += ["--configfile", str(file)]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise TartarusError(f"snakemake {' '.join(arguments)}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def rule_edges(dot: str) -> list[tuple[str, str]]:
    """Read the edges between rules out of what ``snakemake --rulegraph`` prints."""
    names = dict(_NODE.findall(dot))
    return [(names[source], names[target]) for source, target in _EDGE.findall(dot)]
