"""Planning for a table of many rows with a file each."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from case import ROOT, Case, Facts, Work

TARGET = "results/own/audio.json"
DATASET = {
    "title": "A table of many rows",
    "kind": "table",
    "task": "multiclass",
    "settings": {"patches": "patches_1_15"},
}
FAMILY = {
    "title": "One training on its sound",
    "experiments": {"audio": {"extends": "super/dummy_audio", "dataset": "OWN", "dim": 2, "settings": []}},
}


def snakemake(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments, "--", TARGET]
    done = subprocess.run(command, cwd=folder / "house", capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit((done.stdout + done.stderr)[-2000:])
    return done.stdout + done.stderr


class Planning(Case):
    """Planning (snakemake -n) for a table with a file for each row."""

    name, yardstick, unit = "planning", "", "rows"
    size, quick, rounds, seconds, megabytes = 100_000, 20, 1, 10, 500

    def prepare(self, folder: Path, size: int) -> None:
        house = folder / "house"
        shutil.rmtree(house, ignore_errors=True)
        house.mkdir()
        for part in ("CITATION.cff", "Snakefile", "rules", "workflow", "config", "envs", "profiles"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, house / part)
        raw = house / "data/raw/OWN"
        raw.mkdir(parents=True)
        (raw / "0.wav").touch()
        rows = ["id\taudio\tlabels\tset"]
        for number in range(size):
            # Not more than ext4 allows links of a file.
            if number % 50_000 == 0:
                original = raw / f"{number}.wav"
                original.touch()
            else:
                os.link(original, raw / f"{number}.wav")
            rows.append(f"T{number}\t{number}.wav\t{'ab'[number % 2]}\t{('train', 'val', 'test')[number // 2 % 3]}")
        (raw / "items.tsv").write_text("\n".join(rows) + "\n")
        (house / "config/datasets/OWN.yaml").write_text(yaml.safe_dump(DATASET))
        (house / "config/experiments/own.yaml").write_text(yaml.safe_dump(FAMILY))

    def ours(self, folder: Path, size: int) -> Work:
        return lambda: Facts({"kB of text": len(snakemake(folder, "-n")) / 1000})


class NothingToDo(Planning):
    """Planning for the same table when all is made."""

    name, seconds = "nothing-to-do", 8

    def ours(self, folder: Path, size: int) -> Work:
        def work() -> Facts:
            text = snakemake(folder, "-n")
            assert "Nothing to be done" in text, text[:2000]
            return Facts({"kB of text": len(text) / 1000})

        return work

    def prepare(self, folder: Path, size: int) -> None:
        super().prepare(folder, size)
        lines = [line.split("\t") for line in snakemake(folder, "--summary").splitlines()]
        (head,) = [number for number, line in enumerate(lines) if line[0] == "output_file"]
        for path in [folder / "house" / line[0] for line in lines[head + 1 :] if len(line) > 1]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            # The same time for all: none is newer than what it was made of.
            os.utime(path, (2e9, 2e9))
