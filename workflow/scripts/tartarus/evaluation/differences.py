"""How much better a model is than the best plain method: differences of measures, and their intervals.

Both are measured on the same test items (or users), and each of their bootstrap samples draws the same ones of them:
so the difference is taken sample by sample (Efron and Tibshirani 1993, chapter 16). That of two models which err on the
same items has a narrow interval, however wide those of the two are.

The best plain method is, for each measure, the one with the best mean on the test items: a choice in its favour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.arrays import read_arrays
from tartarus.base.errors import REMEDY, TartarusError
from tartarus.base.files import digest, replacing
from tartarus.evaluation.measures import interval

Result = Mapping[str, Any]
# Of lower values of these more is right.
LOWER_IS_BETTER = "median_rank"


@dataclass(frozen=True)
class Difference:
    """A measure beside that of the best plain method.

    Attributes
    ----------
    reference : str
        The name of that method's result.
    mean : float
        The measure minus that of the reference.
    ci95 : tuple of float, optional
        Of the paired difference; None if the measure has no samples, or the two have other test items.
    """

    reference: str
    mean: float
    ci95: tuple[float, float] | None


@dataclass(frozen=True)
class Samples:
    """The bootstrap samples of a result's measures.

    Attributes
    ----------
    of_measures : dict of str to np.ndarray [shape=(samples,)]
        Averaged over the seeds; NaN where a sample has not the measure.
    items : str
        A digest of the test items in their order: of the same items, the same were drawn.
    """

    of_measures: Mapping[str, np.ndarray]
    items: str


def taken_out(measured: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Part what is measured into what a result file holds, and the samples of its measures, by name."""
    samples = {name: np.array(its["sampled"]) for name, its in measured["measures"].items() if "sampled" in its}
    return _without_samples(measured), samples


def _without_samples(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_samples(entry) for key, entry in value.items() if key != "sampled"}
    return [_without_samples(entry) for entry in value] if isinstance(value, list) else value


def write(path: str | Path, samples: Mapping[str, np.ndarray], predictions: str | Path) -> None:
    """Write the samples of a result's measures, and a digest of the test items in its `predictions`."""
    ids = [str(id_) for id_ in read_arrays(predictions, only="index")["index"]]
    named = {f"sampled_{name}": values for name, values in samples.items()}
    with replacing(path) as part, part.open("wb") as file:  # not `write_arrays`, for a sample may lack a measure: NaN
        np.savez(file, allow_pickle=False, **named, items=np.array(digest(ids)))


def read(path: str | Path) -> Samples:
    """Read what `write` has written; TartarusError if it is damaged."""
    found = read_arrays(path)
    if "items" not in found:
        raise TartarusError(f"{path}: no samples of measures; {REMEDY}")
    named = {name.removeprefix("sampled_"): values for name, values in found.items() if name != "items"}
    return Samples(named, str(found["items"]))


def is_reference(result: Result) -> bool:
    """Tell whether a result is that of a plain method."""
    network: Mapping[str, Any] = result["provenance"]["settings"].get("network", {})
    return network.get("name") == "reference"


def to_best_reference(results: Sequence[Result], samples: Sequence[Samples]) -> list[dict[str, Difference]]:
    """Compare results with the best plain method among them, measure by measure.

    Parameters
    ----------
    results : sequence of dict
        Result files, of any datasets: only those of the same dataset and task are compared.
    samples : sequence of Samples
        Of each; empty if there are none.

    Returns
    -------
    list of dict
        For each result, the name of a measure to the difference: nothing where there is no plain method, nor for the
        best one itself.
    """
    return [
        {
            name: _between(number, best, name, results, samples)
            for name in result["measures"]
            for best in [_best(name, result, results)]
            if best is not None and best != number
        }
        for number, result in enumerate(results)
    ]


def _best(measure: str, like: Result, results: Sequence[Result]) -> int | None:
    rivals = [
        number
        for number, other in enumerate(results)
        if is_reference(other) and measure in other["measures"] and _same(like, other)
    ]
    sign = -1 if measure.startswith(LOWER_IS_BETTER) else 1
    return max(rivals, key=lambda number: sign * results[number]["measures"][measure]["mean"], default=None)


def _same(one: Result, other: Result) -> bool:
    return bool((one["dataset"], one["task"]) == (other["dataset"], other["task"]))


def _between(number: int, best: int, measure: str, results: Sequence[Result], samples: Sequence[Samples]) -> Difference:
    given = (samples[number], samples[best]) if samples else (None, None)
    return between(measure, results[number], results[best], *given)


def between(measure: str, ours: Result, theirs: Result, mine: Samples | None, other: Samples | None) -> Difference:
    """Subtract the measure of a reference from that of a result.

    The interval is there if both have `Samples`, of the same test items and as many: then the same were drawn.
    """
    name, ci95 = "_".join([theirs["experiment"], *theirs["settings"]]), None
    if mine and other and mine.items == other.items:
        pair = [given.of_measures.get(measure) for given in (mine, other)]
        if pair[0] is not None and pair[1] is not None and len(pair[0]) == len(pair[1]):
            ci95 = interval(pair[0] - pair[1])
    return Difference(name, ours["measures"][measure]["mean"] - theirs["measures"][measure]["mean"], ci95)
