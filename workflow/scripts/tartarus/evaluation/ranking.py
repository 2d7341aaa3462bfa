"""How good rankings are.

Every row is a query (an item, or a user) for which the columns, its candidates (classes, or items), are ranked by
their scores; those that belong to it are relevant. R is the number of relevant candidates of a row, and a row
without any is undefined: NaN. Rank 1 is the best. Of equal scores, the candidate with the lower column comes first
(see `ranks`); the areas under curves have no such order: ties count half in ROC-AUC, and are one step of the
precision-recall curve, as in scikit-learn.

- precision@k: the share of relevant candidates among the first k (of k, even if there are fewer candidates).
- ndcg@k: the sum of 1 / log2(rank + 1) over the relevant among the first k, divided by the same sum of the ideal
  ranking, in which the relevant come first (Järvelin and Kekäläinen 2002). The original takes its ideal from the
  retrieved candidates alone, which is higher or equal.
- `map@500`: the mean over rows of the sum of precision@i over the ranks i <= 500 of relevant candidates, divided by
  min(R, 500), as in the Million Song Dataset Challenge (McFee et al. 2012).
- roc_auc, pr_auc: of every row; pr_auc is average precision. Undefined also where every candidate is relevant.
- adiv@k: the share of the candidates that are among the first k of any row.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tartarus.evaluation import checks, ranks
from tartarus.evaluation.ranks import Hits

if TYPE_CHECKING:
    # Who only asks for the names of measures does not wait for it.
    import scipy.sparse

CUTOFF = 500


def precision(hits: Hits, k: int) -> np.ndarray:
    """Compute precision@k of every row [shape=(n_rows,)]."""
    return hits.sum(hits.rank <= k) / k * np.where(np.isnan(hits.relevant), np.nan, 1)


def ndcg(hits: Hits, k: int) -> np.ndarray:
    """Compute ndcg@k of every row [shape=(n_rows,)]."""
    gains = np.where(hits.rank <= k, 1 / np.log2(hits.rank + 1), 0)
    ideal = np.cumsum(1 / np.log2(np.arange(1, k + 1) + 1))
    return hits.sum(gains) / _look_up(ideal, np.minimum(hits.relevant, k))


def _look_up(values: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Take the number-th of some values, counted from 1; NaN where the number is NaN."""
    return np.append(values, np.nan)[np.where(np.isnan(number), len(values), number - 1).astype(int)]


def average_precision(hits: Hits, k: int) -> np.ndarray:
    """Compute the average precision among the first k of every row [shape=(n_rows,)]; its mean is map@k."""
    precisions = np.where(hits.rank <= k, hits.places / hits.rank, 0)
    return hits.sum(precisions) / np.minimum(hits.relevant, k)


def chance_average_precision(relevant: np.ndarray, n_columns: int, k: int) -> np.ndarray:
    """Compute what to expect of `average_precision` if the candidates are ranked by chance.

    A candidate at rank i is relevant with probability R / n; given that, each of the i - 1 before it is with
    probability (R - 1) / (n - 1). The sum over the ranks up to k follows from that.

    Parameters
    ----------
    relevant : np.ndarray [shape=(n_rows,)], int, at least 1
        R, how many candidates of each row are relevant.
    n_columns : int
        n, how many candidates there are.
    k : int
        The last rank that counts.

    Returns
    -------
    np.ndarray [shape=(n_rows,)], values in (0, 1]

    Examples
    --------
    >>> float(chance_average_precision(np.array([4]), 4, 500)[0])  # all candidates are relevant
    1.0
    """
    ranks = min(k, n_columns)
    harmonic = float(np.sum(1 / np.arange(1, ranks + 1)))
    before = (relevant - 1) / max(n_columns - 1, 1) * (ranks - harmonic)
    return relevant / n_columns * (harmonic + before) / np.minimum(relevant, k)


def chance(relevant: np.ndarray, n_columns: int) -> dict[str, np.ndarray]:
    """Compute what to expect of the measures of every row if the candidates are ranked by chance, without ties.

    Of adiv@k: k different candidates of n are drawn for each row, so one is never among them with (1 - k / n)^rows.

    Parameters
    ----------
    relevant : np.ndarray [shape=(n_rows,)], int
        How many candidates of each row are relevant.
    n_columns : int
        How many candidates there are.

    Returns
    -------
    dict of str to np.ndarray [shape=(n_rows,)]
        By the names of `NAMES`; NaN where a measure is undefined. Of adiv a single number.
    """
    known = np.where(relevant > 0, relevant, 1)
    density = known / n_columns
    defined = np.where(relevant > 0, 1.0, np.nan)
    of_curves = np.where(relevant < n_columns, defined, np.nan)
    found = {
        "roc_auc": of_curves / 2,
        "pr_auc": of_curves * chance_average_precision(known, n_columns, n_columns),
        f"map@{CUTOFF}": defined * chance_average_precision(known, n_columns, CUTOFF),
    }
    gains = np.cumsum(1 / np.log2(np.arange(1, n_columns + 1) + 1))
    for k in (1, 3, 5):
        shown = min(k, n_columns)
        found[f"precision@{k}"] = defined * density * shown / k
        found[f"ndcg@{k}"] = defined * density * gains[shown - 1] / gains[np.minimum(known, k) - 1]
        found[ADIV.name_at(k)] = np.array(1 - (1 - shown / n_columns) ** len(relevant))
    return found


def roc_auc(hits: Hits) -> np.ndarray:
    """Compute the area under the ROC curve of every row [shape=(n_rows,)]."""
    relevant = hits.relevant
    below = hits.n_columns - hits.above - hits.level
    # Among themselves, the relevant candidates win half of their comparisons.
    wins = hits.sum(below + hits.level / 2) - relevant**2 / 2
    return wins / (relevant * _others(hits))


def pr_auc(hits: Hits) -> np.ndarray:
    """Compute the area under the precision-recall curve of every row [shape=(n_rows,)]: average precision."""
    ends = np.flatnonzero(np.append((np.diff(hits.row) != 0) | (np.diff(hits.above) != 0), True))
    right = hits.places[ends[np.searchsorted(ends, np.arange(len(hits.row)))]]
    areas = hits.sum(right / (hits.above + hits.level)) / hits.relevant
    return np.where(np.isnan(_others(hits)), np.nan, areas)


def _others(hits: Hits) -> np.ndarray:
    """Count the candidates of every row that are not relevant; NaN instead of 0."""
    return np.where(hits.relevant < hits.n_columns, hits.n_columns - hits.relevant, np.nan)


def rows_at_a_time(n_columns: int) -> int:
    """Choose the rows of a block: what the processor's cache holds, some hundreds if 64 MB hold them."""
    return max(1, min(max(2**20 // n_columns, 256), 2**24 // n_columns))


@dataclass(frozen=True)
class Measure:
    """What there is to know of a ranking measure. Results and tables follow from its row in `MEASURES`.

    Attributes
    ----------
    name : str
        As in results; ``@`` and the cutoff follow where there is one.
    formula : callable
        `Hits`, and the cutoff where there is one, to the measure of every row [shape=(n_rows,)]; its mean over the
        rows is reported. None for what is no mean of rows: adiv.
    cutoffs : tuple of int
        How many ranks count; empty: all.
    on_pages : tuple of int
        The cutoffs that table.md and pictures show; the others are in table.tsv only.
    of_labels : bool
        Whether the classes of an item are ranked so too, for many labels. (Areas under curves are by class there.)
    may_be_zero : bool
        Whether a row without a relevant candidate can count as 0: nothing that is relevant was found. (An area under
        a curve has no value there.)
    """

    name: str
    formula: Callable[..., np.ndarray] | None
    cutoffs: tuple[int, ...] = ()
    on_pages: tuple[int, ...] = ()
    of_labels: bool = True
    may_be_zero: bool = True

    def name_at(self, k: int) -> str:
        """Name the measure at a cutoff."""
        return f"{self.name}@{k}"

    def names(self) -> list[str]:
        """List the names of the measure, one for each cutoff."""
        return [self.name_at(k) for k in self.cutoffs] or [self.name]


# In the order of tables.
MEASURES = (
    Measure("roc_auc", roc_auc, of_labels=False, may_be_zero=False),
    Measure("pr_auc", pr_auc, of_labels=False, may_be_zero=False),
    Measure("precision", precision, cutoffs=(1, 3, 5), on_pages=(1,)),
    Measure("ndcg", ndcg, cutoffs=(1, 3, 5), on_pages=(5,)),
    ADIV := Measure("adiv", None, cutoffs=(1, 3, 5), on_pages=(1, 3, 5)),
    Measure("map", average_precision, cutoffs=(CUTOFF,), on_pages=(CUTOFF,), of_labels=False),
)
NAMES = tuple(name for measure in MEASURES for name in measure.names())
OFF_PAGES = tuple(measure.name_at(k) for measure in MEASURES for k in measure.cutoffs if k not in measure.on_pages)
# Those that every row has; of these, those that can be 0 without anything relevant, and those of an item's classes.
BY_ROW = tuple(name for measure in MEASURES if measure.formula for name in measure.names())
MAY_BE_ZERO = tuple(name for measure in MEASURES if measure.may_be_zero for name in measure.names() if name in BY_ROW)
OF_LABELS = tuple(name for measure in MEASURES if measure.formula and measure.of_labels for name in measure.names())


def measured(hits: Hits, names: Collection[str]) -> dict[str, np.ndarray]:
    """Compute measures of every row, by their names: each [shape=(n_rows,)]."""
    found = {}
    for measure in MEASURES:
        for name, cutoff in zip(measure.names(), measure.cutoffs or (None,), strict=True):
            if name in names and measure.formula:
                found[name] = measure.formula(hits) if cutoff is None else measure.formula(hits, cutoff)
    return found


class Rankings:
    """The measures of many rows, gathered block by block.

    Parameters
    ----------
    n_rows, n_columns : int
        Of all blocks together.
    names : collection of str
        Which measures, of `BY_ROW`.

    Attributes
    ----------
    by_row : dict of str to np.ndarray [shape=(n_rows,)], float32
        The measures of every row; NaN where they are undefined.
    """

    def __init__(self, n_rows: int, n_columns: int, names: Collection[str] = BY_ROW) -> None:
        self.by_row = {name: np.full(n_rows, np.nan, np.float32) for name in names}
        self._n_scores = n_rows * n_columns
        self._shown = {k: np.zeros(n_columns, bool) for k in ADIV.cutoffs}

    def add(self, first: int, truth: "scipy.sparse.csr_matrix", scores: np.ndarray) -> None:
        """Measure a block of rows, of which `first` is the number of the first.

        Parameters
        ----------
        truth : csr_matrix [shape=(n_rows of the block, n_columns)]
            Its entries are the relevant candidates, each once.
        scores : np.ndarray [shape=(n_rows of the block, n_columns)]
            Of the candidates.

        Raises
        ------
        TartarusError
            If a score is not finite.
        """
        checks.refuse_not_finite(scores[None])
        candidates = ranks.ranked(scores, n_hits=truth.nnz, n_scores=self._n_scores)
        hits = ranks.find_hits(truth, candidates)
        best = candidates.first(min(max(ADIV.cutoffs), scores.shape[1]))
        for k, shown in self._shown.items():
            shown[best[:, :k]] = True
        for name, values in measured(hits, self.by_row.keys()).items():
            self.by_row[name][first : first + len(scores)] = values

    def means(self) -> dict[str, float]:
        """Average every measure over the rows where it is defined; NaN if there is none."""
        return {
            name: float(values[known].mean(dtype=np.float64)) if known.any() else np.nan
            for name, values in self.by_row.items()
            for known in [~np.isnan(values)]
        }

    def diversity(self) -> dict[str, float]:
        """Compute adiv@k."""
        return {ADIV.name_at(k): float(shown.mean()) for k, shown in self._shown.items()}
