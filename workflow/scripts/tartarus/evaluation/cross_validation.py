"""Results of a dataset with folds: each item is scored once, by the models of the fold that held it out.

Measures are of all items together, and their intervals over all. Scores of different models are then in one list,
which areas under curves take for granted; so every fold is measured by itself too. Thresholds are those of the fold,
chosen on its validation items.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_lines
from tartarus.base.lists import parted
from tartarus.evaluation import evaluate, multiclass, multilabel, prediction_files, results
from tartarus.evaluation.evaluate import Files, Pair
from tartarus.evaluation.measures import or_none
from tartarus.features import store
from tartarus.plan.kinds import SETS

Section = dict[str, Any]
# Files of every fold, one after the other; of what is the same in all, one.
FilesOfFolds = Mapping[str, Sequence[str]]


def measure(
    task: str,
    truth: FilesOfFolds,
    predictions: Files,
    index: Sequence[str],
    *,
    folds: Sequence[int] = (),
    validation: str = "file",
    threshold: str | float = "per_class",
    groups: Mapping[str, str] | None = None,
    ensemble: bool = False,
    samples: int,
    seed: int,
    **options: Any,
) -> Section:
    """Evaluate a model, of a dataset with folds or without.

    Parameters
    ----------
    task, predictions, validation, threshold, groups, ensemble, samples, seed
        As in `evaluate.evaluate`, as are `options`.
    truth : mapping
        The files of `evaluate.evaluate`, in lists: of every fold one; of what is the same in all, one.
    index : sequence of str
        The files of the ids of train, val and test, of every fold in turn.
    folds : sequence of int
        The numbers of the folds; none without folds.

    Returns
    -------
    dict
        As of `evaluate.evaluate`; and `folds`, the measures of each, as in a result file.

    Raises
    ------
    TartarusError
        As `evaluate.evaluate`; or if the task has no classes.
    """
    how: Section = {"groups": groups, "samples": samples, "seed": seed}
    if not folds:
        (only,) = files_of_folds(truth, 1)
        how |= {"validation": validation, "threshold": threshold, "ensemble": ensemble, **options}
        return evaluate.evaluate(task, only, predictions, evaluate.read_sets(index), **how)
    scored = {set_: prediction_files.read(path) for set_, path in predictions.items()}
    if task not in ("multiclass", "multilabel"):
        raise TartarusError(f"folds are for tasks with classes, the task is {task}")
    of_folds = [
        evaluate.pairs_of(files, its, ids, one_class=task == "multiclass")
        for files, its, ids in _sorted(truth, scored, index, folds)
    ]
    test = scored["test"]
    classes = read_lines(truth["classes"][0])
    found: Section = {"parameters": test.parameters, "classes": len(classes)}
    drawn: Section = {"samples": samples, "seed": seed}
    if groups is not None:
        found["bootstrap"], drawn = evaluate.drawing(test.ids, groups, **drawn)
    alone: Section = {"samples": 0, "seed": seed, "of_fold": True}
    y, scores = pooled([its["test"] for its in of_folds])
    if task == "multiclass":
        measured = evaluate.with_ensemble(
            lambda its: multiclass.evaluate(y, its, classes, **drawn), scores, ensemble=ensemble
        )
        each = [multiclass.evaluate(*its["test"], classes, **alone) for its in of_folds]
    else:
        sizes, truths = [len(its["test"][0]) for its in of_folds], [its["val"][0] for its in of_folds]
        drawn |= {"threshold": threshold}
        measured = evaluate.with_ensemble(
            lambda its, *of_val: multilabel.evaluate(
                y, its, classes, validations=[*zip(sizes, zip(truths, of_val, strict=True), strict=True)], **drawn
            ),
            *(scores, *[its["val"][1] for its in of_folds]),
            ensemble=ensemble,
        )
        alone |= {"threshold": threshold}
        each = [multilabel.evaluate(*its["test"], classes, validation=its["val"], **alone) for its in of_folds]
    told = [
        {"fold": fold, "measures": {name: or_none(value["mean"]) for name, value in its["measures"].items()}}
        for fold, its in zip(folds, each, strict=True)
    ]
    return {**found, **measured, "folds": told}


def _sorted(
    truth: FilesOfFolds, scored: evaluate.Scored, index: Sequence[str], folds: Sequence[int]
) -> Iterator[tuple[Files, evaluate.Scored, evaluate.Index]]:
    """Go through the folds: the files of the truth of each, what its models say, and its sets."""
    every = zip(folds, files_of_folds(truth, len(folds)), parted(index, len(folds)), strict=True)
    for fold, files, ids in every:
        its = {set_: predicted.of_fold(fold) for set_, predicted in scored.items()}
        yield files, its, evaluate.read_sets(ids)


def test_pair(
    truth: FilesOfFolds, predictions: str, index: Sequence[str], *, folds: Sequence[int], validation: str
) -> Pair:
    """Find truth and scores of the test items, of all folds if there are some; see `measure`."""
    scored = {"test": prediction_files.read(predictions)}
    if not folds:
        (only,) = files_of_folds(truth, 1)
        return evaluate.of_classes(only, scored["test"], evaluate.read_sets(index), "test", validation=validation)
    every = _sorted(truth, scored, index, folds)
    return pooled(
        [evaluate.of_classes(files, its["test"], ids, "test", validation="file") for files, its, ids in every]
    )


def pooled(of_folds: Sequence[Pair]) -> Pair:
    """Put the truth and the scores of all folds together, in the order of their file."""
    return np.concatenate([y for y, _ in of_folds]), np.concatenate([scores for _, scores in of_folds], axis=1)


def files_of_folds(truth: FilesOfFolds, count: int) -> list[Files]:
    """Sort files by fold."""
    return [{name: paths[fold if len(paths) == count else 0] for name, paths in truth.items()} for fold in range(count)]


def count_items(
    measured: Section,
    index: Sequence[str],
    used: FilesOfFolds,
    statuses: Sequence[str],
    *,
    folds: Sequence[int] = (),
    validation: str = "file",
) -> Section:
    """Count the items that an experiment used, and why others were left out; see `results.count_items`.

    Parameters
    ----------
    measured : dict
        What `measure` has found.
    index : sequence of str
        The files of the ids of train, val and test, of every fold in turn.
    used : mapping
        Set to the files of every input, of every fold in turn.
    statuses : sequence of str
        The tables of what became of raw files.
    folds, validation
        As in `measure`.

    Returns
    -------
    dict
        The same with `items`, as in a result file. With folds, `test` are all items that were scored, `train` and `val`
        the fewest of any fold; and each of the `folds` has its own.
    """
    count = len(folds) or 1
    odd = evaluate.oddities(statuses, dict.fromkeys(path for paths in used.values() for path in paths))
    read = cache(store.read_index)
    inputs = {set_: parted(paths, count) for set_, paths in used.items()}
    found = []
    for fold, sets in enumerate(parted(index, count)):
        own = evaluate.read_sets(sets)
        has = {set_: [read(path) for path in inputs[set_][fold]] for set_ in SETS}
        if folds:
            has = {set_: [_of_set(set_, ids, own) for ids in of_inputs] for set_, of_inputs in has.items()}
        found.append(results.count_items(own, has, odd, validation=validation))
    if not folds:
        return {**measured, "items": found[0]}
    of_folds = [{set_: counts[set_] for set_ in SETS} for counts in found]
    fewest = {set_: min(counts[set_] for counts in of_folds) for set_ in SETS}
    items = {**found[0], **fewest, "test": sum(counts["test"] for counts in of_folds)}
    told = [{**fold, "items": counts} for fold, counts in zip(measured["folds"], of_folds, strict=True)]
    return {**measured, "items": items, "folds": told}


def _of_set(set_: str, ids: Sequence[str], index: evaluate.Index) -> list[str]:
    """Take the ids of one set of a fold from a file with those of all sets, and unknown ids with those of train."""
    own = set(index[set_])
    others = set().union(*index.values()) - own
    return [id_ for id_ in ids if id_ in own or (set_ == "train" and id_ not in others)]
