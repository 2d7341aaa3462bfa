"""How long an epoch took: what Snakemake measured of the trainings, by the epochs that they had."""

import math
from collections.abc import Sequence
from pathlib import Path

from tartarus.base.errors import TartarusError, telling_damage
from tartarus.items.tables import read_figures, read_rows


def epoch_seconds(benchmarks: Sequence[str], histories: Sequence[str]) -> dict[str, float]:
    """Compute the seconds of an epoch from those of whole jobs: their start is in it.

    Parameters
    ----------
    benchmarks : sequence of str
        What Snakemake measured: ``<name of the result>_seed-<first seed of the job>.tsv``. A result of which one is
        not there has no seconds.
    histories : sequence of str
        The courses of the trainings: ``<name of the result>/seed-<seed>/history.csv``, or with a folder for each fold
        between.

    Returns
    -------
    dict
        Name of the result to seconds. A plain method, whose course is of what it chose among, has none.

    Raises
    ------
    TartarusError
        If a file is damaged.
    """
    seconds: dict[str, float] = {}
    for path in map(Path, benchmarks):
        name = path.stem.rsplit("_seed-", 1)[0]
        remedy = "delete it: the table then has none of its result"
        with telling_damage(path, "no seconds of a training", remedy):
            measured = float(read_rows(path, remedy=remedy)[0]["s"]) if path.is_file() else math.nan
        seconds[name] = seconds.get(name, 0.0) + measured
    epochs: dict[str, int] = {}
    for path in map(Path, histories):
        name = next(part for part in reversed(path.parts[:-2]) if not part.startswith("fold-"))
        course = read_figures(path)
        if not course:
            raise TartarusError(f"{path}: a training without an epoch; delete it to have its model trained anew")
        if "choice" not in course[0]:
            epochs[name] = epochs.get(name, 0) + len(course)
    known = {name: total for name, total in seconds.items() if name in epochs and not math.isnan(total)}
    return {name: total / epochs[name] for name, total in known.items()}
