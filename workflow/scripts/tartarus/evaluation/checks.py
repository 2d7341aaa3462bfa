"""What scores and truths must be before anything is measured: the first that is not is named."""

from collections.abc import Sequence

import numpy as np
from tartarus.base.errors import TartarusError

ROWS_AT_ONCE = 8192


def refuse_not_finite(
    scores: np.ndarray, *, source: str = "scores", seeds: Sequence[int] = (), ids: Sequence[str] = (), first: int = 0
) -> None:
    """Refuse scores that are not finite: compared with others, they would be right or wrong by accident.

    Parameters
    ----------
    scores : np.ndarray [shape=(n_seeds, n_rows, n_columns)]
        Of several seeds; may be mapped from a file.
    source : str
        Where they come from; for the message.
    seeds : sequence of int [length n_seeds], optional
        For the message; else seeds are counted from 1.
    ids : sequence of str [length n_rows], optional
        For the message; else rows are told by their numbers, from 0.
    first : int
        The number of the first row, where these are a block of more.

    Raises
    ------
    TartarusError
        If a score is NaN or infinite.
    """
    for number, of_seed in enumerate(scores):
        for start in range(0, len(of_seed), ROWS_AT_ONCE):
            finite = np.isfinite(of_seed[start : start + ROWS_AT_ONCE])
            if finite.all():
                continue
            row, column = (int(place) for place in np.argwhere(~finite)[0])
            row += start
            seed = seeds[number] if len(seeds) else f"number {number + 1}"
            raise TartarusError(
                f"{source}: seed {seed}: {_named(row, ids, first)}, column {column}: {of_seed[row, column]} is not a "
                f"finite number; the training diverged, or its inputs hold NaN: lower the learning rate, or mend the "
                f"inputs"
            )


def refuse_other_truth(y: np.ndarray, *, one_class: bool, source: str = "truth", ids: Sequence[str] = ()) -> None:
    """Refuse a truth that is not made of zeros and ones, or does not give each item one class where it must.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)]
        The truth.
    one_class : bool
        Whether each item has exactly one class.
    source, ids
        For the message; see `refuse_not_finite`.

    Raises
    ------
    TartarusError
        Naming the first row that is wrong.
    """
    for start in range(0, len(y), ROWS_AT_ONCE):
        block = y[start : start + ROWS_AT_ONCE]
        wrong = ((block != 0) & (block != 1)).any(axis=1)
        what = "holds other values than 0 and 1"
        if one_class and not wrong.any():
            wrong, what = block.sum(axis=1) != 1, "does not have exactly one class"
        if wrong.any():
            row = start + int(wrong.argmax())
            raise TartarusError(
                f"{source}: {_named(row, ids)} {what}; mend it, or delete its file to have it made anew"
            )


def _named(row: int, ids: Sequence[str], first: int = 0) -> str:
    return f"item '{ids[row]}'" if len(ids) else f"row {first + row}"
