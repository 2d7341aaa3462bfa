"""How a plain method's regularisation is chosen: by what it says of items from which it has not learned.

Where there are few items, those for validation are too few to choose by. Then all items that are not for test are
parted into inner folds, groups whole, each class alike, and each fold is asked about by what was fitted on the others.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import average_precision_score
from tartarus.items.splits import share_out

# With more items, those for validation are enough to choose by, and fits take long.
FEW_ITEMS = 2000
INNER_FOLDS = 5
PATIENCE = 2
# Of the factor that makes probabilities of distances: few items may all be right, whatever the factor.
SHARPEST = 10.0

# Numbers of items that are learned from, and of those that are then asked about.
Part = tuple[np.ndarray, np.ndarray]


def inner_folds(ids: Sequence[str], y: np.ndarray, *, groups: Mapping[str, str], seed: int) -> list[Part]:
    """Part items into folds, each of which is asked about once; by what was fitted on the others.

    Parameters
    ----------
    ids : sequence of str [shape=(n_items,)]
        Their order does not matter.
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
    groups : mapping
        Id to group, which is in one fold as a whole; an item without any is one by itself.
    seed : int
        Of the parting.

    Returns
    -------
    list of (np.ndarray, np.ndarray)
        Of each fold the numbers of the items in the others, and of its own; empty if there are too many items for
        that, or fewer groups than folds.
    """
    group_of = [groups.get(id_, id_) for id_ in ids]
    if len(ids) > FEW_ITEMS or len(set(group_of)) < INNER_FOLDS:
        return []
    labels = [[str(column) for column in np.flatnonzero(row)] for row in y]
    shares = {str(number): 1 / INNER_FOLDS for number in range(INNER_FOLDS)}
    fold_of = np.array(share_out(group_of, labels, seed=seed, shares=shares))
    parts = [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in shares]
    return [(learned, asked) for learned, asked in parts if len(asked)]


def are_learned(learned: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Tell which items are of a class that was learned; of no other can be said what is right.

    Such an item would count against every choice, and most against those that are sure of anything.

    Parameters
    ----------
    learned, asked : np.ndarray [shape=(n_items, n_classes)]
        The ground truth of the items that are learned from, and of those that are asked about; one 1 in each row.

    Returns
    -------
    np.ndarray [shape=(n_items,)], bool
        Of the items that are asked about.

    Examples
    --------
    >>> are_learned(np.array([[1, 0, 0], [0, 1, 0]]), np.array([[0, 1, 0], [0, 0, 1]])).tolist()
    [True, False]
    """
    return np.take(learned.any(axis=0), asked.argmax(axis=1))


def choose(
    choices: Sequence[float],
    said: Iterable[Sequence[np.ndarray]],
    truths: Sequence[np.ndarray],
    output: str,
    *,
    is_scaled: bool,
) -> tuple[list[dict[str, float]], float, float]:
    """Choose what is best on items from which the method has not learned, the first of equally good ones.

    It stops where the choices have become worse `PATIENCE` times in a row: the last are the dearest to fit.

    Parameters
    ----------
    choices : sequence of float
        From the strongest regularisation to the weakest.
    said : iterable of sequence of np.ndarray
        For each choice, the scores of the items of each part, before the output's activation
        [shape=(n_items, n_outputs)].
    truths : sequence of np.ndarray [shape=(n_items, n_outputs)]
        The ground truth of each part.
    output : str
        Of one class (softmax), the best is that under which the truth is likeliest; of many (sigmoid), that of the
        largest micro-averaged average precision; of factors, that of the least squared error. On average of the parts.
    is_scaled : bool
        Whether the softmax of the scores are probabilities. Else that of their multiple is; see `sharpness`.

    Returns
    -------
    course : list of dict
        For each choice its number, its value, how many inner folds it was tried in (0 if there is but one part), and
        how good it was: minus the cross-entropy, the average precision, or minus the squared error.
    choice : float
    factor : float
        What makes logarithms of probabilities of its scores; 1 if they need none.
    """
    course: list[dict[str, float]] = []
    best, chosen, factor = -np.inf, choices[0], 1.0
    since = 0
    for choice, scores in zip(choices, said, strict=True):
        needed = output == "softmax" and not is_scaled
        times = sharpness(np.concatenate(scores), np.concatenate(truths)) if needed else 1.0
        good = float(np.mean([_goodness(times * own, y, output) for own, y in zip(scores, truths, strict=True)]))
        folds = len(truths) if len(truths) > 1 else 0
        course.append({"epoch": len(course) + 1, "choice": choice, "inner_folds": folds, "val_goodness": good})
        since = 0 if good >= best else since + 1
        if good > best:
            best, chosen, factor = good, choice, times
        if since == PATIENCE:
            break
    return course, chosen, factor


def _goodness(scores: np.ndarray, y: np.ndarray, output: str) -> float:
    if output == "softmax":
        return _likelihood(scores, y)
    if output == "sigmoid":
        return float(average_precision_score(y, scores, average="micro")) if y.any() else 0.0
    return -float(((scores - y) ** 2).mean())


def _likelihood(scores: np.ndarray, y: np.ndarray) -> float:
    """Compute the mean logarithm of the probability of the true class."""
    return float(np.take_along_axis(log_softmax(scores, axis=1), y.argmax(axis=1)[:, None], axis=1).mean())


def sharpness(distances: np.ndarray, y: np.ndarray) -> float:
    """Find the factor of distances whose softmax is likeliest to tell the truth: the inverse of a temperature.

    Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017. The order of classes stays.

    Parameters
    ----------
    distances : np.ndarray [shape=(n_items, n_classes)]
        Of items from which the method has not learned.
    y : np.ndarray [shape=(n_items, n_classes)]
        One 1 in each row.

    Returns
    -------
    float
        In 0.1 to 10.
    """
    widest = np.log(SHARPEST)
    found = minimize_scalar(
        lambda exponent: -_likelihood(np.exp(exponent) * distances, y), bounds=(-widest, widest), method="bounded"
    )
    return float(np.exp(found.x))
