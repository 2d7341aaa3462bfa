"""Measures: intervals, many labels, rankings."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from case import Case, Facts, Work

if TYPE_CHECKING:
    import scipy.sparse

GENRES, ITEMS, FACTORS = 250, 5000, 200


class Bootstrap(Case):
    """Intervals by 100 bootstrap samples: 15 classes, 3 seeds."""

    name, yardstick, unit = "bootstrap", "scikit-learn for every sample", "items"
    size, quick, smallest = 4691, 100, 50_000

    def ours(self, folder: Path, size: int) -> Work:
        from tartarus.evaluation import multiclass

        y, scores = self.drawn(size)
        return lambda: multiclass.evaluate(y, scores, [str(number) for number in range(15)], samples=100, seed=0)

    def plain(self, folder: Path, size: int) -> Work:
        from sklearn.metrics import accuracy_score, precision_recall_fscore_support

        y, scores = self.drawn(size)
        truth, predicted = y.argmax(axis=1), scores.argmax(axis=2)
        rng = np.random.default_rng(0)

        def work() -> None:
            for _ in range(100):
                drawn = rng.integers(size, size=size)
                for guess in predicted:
                    accuracy_score(truth[drawn], guess[drawn])
                    precision_recall_fscore_support(truth[drawn], guess[drawn], average="macro", zero_division=0)

        return work

    def drawn(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        return np.eye(15)[rng.integers(15, size=size)], rng.random((3, size, 15))


class Labels(Case):
    """All measures of many labels, 2 bootstrap samples: 250 classes, 1 seed."""

    name, yardstick, unit = "labels", "scikit-learn: macro areas alone, of every sample", "items"
    size, quick, smallest = 3147, 60, 4000

    def ours(self, folder: Path, size: int) -> Work:
        from tartarus.evaluation import multilabel

        y, scores = self.drawn(size)
        return lambda: multilabel.evaluate(y, scores, [str(number) for number in range(GENRES)], samples=2, seed=0)

    def plain(self, folder: Path, size: int) -> Work:
        from sklearn.metrics import average_precision_score, roc_auc_score

        y, scores = self.drawn(size)
        rng = np.random.default_rng(0)

        def work() -> None:
            for drawn in [np.arange(size), *rng.integers(size, size=(2, size))]:
                for seed_scores in scores:
                    known = y[drawn].any(axis=0)
                    roc_auc_score(y[drawn][:, known], seed_scores[drawn][:, known], average="macro")
                    average_precision_score(y[drawn][:, known], seed_scores[drawn][:, known], average="macro")

        return work

    def drawn(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        return rng.random((size, GENRES)) < 6 / GENRES, rng.random((1, size, GENRES))


class Ranking(Case):
    """All measures of recommendation: 5000 items, ten of them played."""

    # A million users take eight times as long.
    name, yardstick, unit = "ranking", "the product of matrices alone", "users"
    size, quick, goal, smallest = 120_000, 300, 2 / 3, 10_000

    def prepare(self, folder: Path, size: int) -> None:
        rng = np.random.default_rng(0)
        np.save(folder / f"users_{size}.npy", rng.standard_normal((size, FACTORS), dtype=np.float32))
        predictions = rng.standard_normal((1, ITEMS, FACTORS), dtype=np.float32)
        np.save(folder / "predictions.npy", predictions / np.linalg.norm(predictions, axis=2, keepdims=True))
        users, items = (rng.integers(count, size=10 * size, dtype=np.int32) for count in (size, ITEMS))
        np.savez(folder / f"plays_{size}.npz", users=users, items=items)

    def read(self, folder: Path, size: int) -> tuple["scipy.sparse.csr_matrix", np.ndarray, np.ndarray]:
        import scipy.sparse

        with np.load(folder / f"plays_{size}.npz") as plays:
            pairs = (plays["items"], plays["users"])
        truth = scipy.sparse.csr_matrix((np.ones(len(pairs[0]), np.float32), pairs), shape=(ITEMS, size))
        return truth, np.load(folder / "predictions.npy"), np.load(folder / f"users_{size}.npy", mmap_mode="r")

    def ours(self, folder: Path, size: int) -> Work:
        from tartarus.evaluation import recommendation

        read = self.read(folder, size)

        def work() -> Facts:
            begin = time.perf_counter()
            recommendation.evaluate(*read, samples=10, seed=0)
            return Facts(seconds=time.perf_counter() - begin, **self.shares(*read))

        return work

    def shares(
        self, truth: "scipy.sparse.csr_matrix", predictions: np.ndarray, factors: np.ndarray
    ) -> dict[str, float]:
        """Take the steps of some blocks one by one: microseconds for a user."""
        from tartarus.evaluation import ranking, ranks

        marks, played, names = [], truth.T.tocsr(), ranking.BY_ROW
        rows = min(ranking.rows_at_a_time(ITEMS), len(factors))
        blocks = [slice(first, first + rows) for first in range(0, min(10 * rows, len(factors) - rows + 1), rows)]
        for block in blocks:
            begin = time.perf_counter()
            scores = np.asarray(factors[block]) @ predictions[0].T
            multiplied = time.perf_counter()
            candidates = ranks.ranked(scores, n_hits=played[block].nnz, n_scores=len(factors) * ITEMS)
            hits, _ = ranks.find_hits(played[block], candidates), candidates.first(5)
            ranked = time.perf_counter()
            ranking.measured(hits, names)
            marks.append((multiplied - begin, ranked - multiplied, time.perf_counter() - ranked))
        steps = ("µs of product", "µs of ranks", "µs of measures")
        return dict(zip(steps, np.median(marks, axis=0) / rows * 1e6, strict=True))

    def plain(self, folder: Path, size: int) -> Work:
        from tartarus.evaluation import ranking

        _, predictions, factors = self.read(folder, size)
        rows = ranking.rows_at_a_time(ITEMS)

        def work() -> None:
            for first in range(0, size, rows):
                np.asarray(factors[first : first + rows]) @ predictions[0].T

        return work


class Recommendation(Ranking):
    """All measures of recommendation, for fewer users."""

    name, yardstick = "recommendation", "the original's loop for map@500, scikit-learn for the others"
    size, quick, goal, smallest = 1000, 100, None, None

    def plain(self, folder: Path, size: int) -> Work:
        truth, predictions, factors = self.read(folder, size)
        played = truth.T.tocsr()
        return lambda: [one_user(played[user], predictions[0] @ factors[user]) for user in range(size)]


def one_user(row: "scipy.sparse.csr_matrix", scores: np.ndarray) -> tuple:
    from sklearn.metrics import average_precision_score, ndcg_score, roc_auc_score

    if not row.nnz:
        return ()
    actual, best, y = row.indices, np.argsort(scores)[::-1], row.toarray()[0] > 0
    precisions = [np.isin(best[:k], actual).mean() for k in (1, 3, 5)]
    gains = [ndcg_score([y], [scores], k=k) for k in (1, 3, 5)]
    areas: Sequence[Callable] = (roc_auc_score, average_precision_score)
    return average_precision(actual, best[:500]), precisions, gains, [area(y, scores) for area in areas]


def average_precision(actual: Sequence, predicted: Sequence) -> float:
    """The original's loop: the average precision of the first 500."""
    hits, total = 0, 0.0
    for place, item in enumerate(predicted):
        if item in actual and item not in predicted[:place]:
            hits += 1
            total += hits / (place + 1)
    return total / min(len(actual), 500)
