"""Genres and listeners of the look-alike archives: labels with a long tail, factors of classes, factors of plays.

Genres are a tree of two levels. A genre is a direction of the world (a subgenre's is half its parent's), and an
item's chance to bear it rises with the item's coordinate along it, by a logistic curve whose bias gives the genre
the popularity that it is meant to have. Who bears a subgenre bears its parent.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from tartarus.lookalike.world import DIMENSIONS, GRID, Items, product, stream

# fmt: off
_PARENTS = (
    "Pop", "Rock", "Alternative", "Electronic", "Folk", "Jazz", "Country", "Rap", "Metal", "Soul", "Latin", "Blues",
    "World", "Classical", "Gospel", "Reggae", "Punk", "Indie", "Dance", "Soundtrack", "Ambient", "Children", "Comedy",
    "Holiday", "New Age", "Opera", "Funk", "Disco", "Ska", "Lounge", "Chanson",
)
# fmt: on
_STEEPNESS = 6.0
_USERS = 256  # at once
_MEETINGS = 512  # items that a user comes upon
_MOST_PLAYS = 200
FACTORS = 200


@dataclass(frozen=True)
class Genres:
    """The classes of one dataset.

    Attributes
    ----------
    names : list of str
        In column order.
    parent : np.ndarray [shape=(n_classes,)], int
        The column of a subgenre's parent; a genre's own.
    directions : np.ndarray [shape=(DIMENSIONS, n_classes)], float32
        Of unit length.
    biases : np.ndarray [shape=(n_classes,)], float32
        Of the logistic curves.
    """

    names: list[str]
    parent: np.ndarray
    directions: np.ndarray
    biases: np.ndarray

    def labels(self, items: Items, start: int, stop: int, *, name: str) -> np.ndarray:
        """Draw the genres of items, at least one each.

        Returns
        -------
        np.ndarray [shape=(stop - start, n_classes)], bool
        """
        logits = _STEEPNESS * product(items.points(start, stop), self.directions) + self.biases
        y = items.uniforms(f"genres {name}", len(self.names), start, stop) < _logistic(logits)
        bare = ~y.any(axis=1)
        y[bare, logits[bare].argmax(axis=1)] = True
        for column, parent in enumerate(self.parent):
            y[:, parent] |= y[:, column]
        return y

    def one_label(self, items: Items, start: int, stop: int) -> np.ndarray:
        """Draw one class for each item [shape=(stop - start, n_classes)], bool: the highest of noisy logits."""
        noise = gumbel(items.uniforms("genre", len(self.names), start, stop))
        logits = 9 * product(items.points(start, stop), self.directions) + 1.4 * self.biases + noise
        return np.arange(len(self.names)) == logits.argmax(axis=1)[:, None]


def genres(seed: int, name: str, *, parents: int, classes: int, labels: float) -> Genres:
    """Lay out the classes of a dataset.

    Parameters
    ----------
    seed : int
        Of the archive.
    name : str
        The dataset.
    parents, classes : int
        How many genres, and how many with their subgenres.
    labels : float
        How many an item has, on average; half of them subgenres.
    """
    rng = stream(seed, f"genres of {name}")
    chance = 1 / (np.arange(parents) + 2.0)
    children = classes - parents
    chance *= labels * (0.5 if children else 1) / chance.sum()
    above = rng.choice(parents, children, p=np.sqrt(chance) / np.sqrt(chance).sum())
    rare = (np.arange(children) + 6.0) ** -1.1
    below = np.minimum(rare * labels * 0.5 / max(rare.sum(), 1e-9), chance[above] / 2)
    directions = rng.standard_normal((DIMENSIONS, classes))
    directions /= np.linalg.norm(directions, axis=0)
    directions[:, parents:] = directions[:, parents:] + 0.8 * directions[:, above]
    directions /= np.linalg.norm(directions, axis=0)
    count = np.zeros(parents, int)
    names = [*_PARENTS[:parents]]
    for parent in above:
        count[parent] += 1
        names.append(f"{_PARENTS[parent]} {count[parent]}")
    order = np.argsort(names, kind="stable")
    parent_of = np.argsort(order)[np.r_[np.arange(parents), above]][order]
    chances = np.minimum(np.r_[chance, below], 0.6)[order]
    return Genres(
        [names[column] for column in order],
        parent_of,
        directions[:, order].astype(np.float32),
        np.round(_biases(chances), 4).astype(np.float32),
    )


def _logistic(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def _biases(chances: np.ndarray) -> np.ndarray:
    """Find the biases that give classes their chances over standard normal coordinates, by bisection."""
    grid = np.linspace(-6, 6, 601)
    weights = np.exp(-(grid**2) / 2)
    weights /= weights.sum()
    low, high = np.full(len(chances), -60.0), np.full(len(chances), 60.0)
    for _ in range(50):
        middle = (low + high) / 2
        reached = _logistic(_STEEPNESS * grid[:, None] + middle).T @ weights
        low, high = np.where(reached < chances, middle, low), np.where(reached < chances, high, middle)
    return (low + high) / 2


def class_factors(labels: Iterator[np.ndarray], *, dimensions: int) -> np.ndarray:
    """Factorise which classes go together: truncated SVD of their positive pointwise mutual information.

    PPMI(a, b) = max(0, log(p(a, b) / (p(a) p(b)))) [1]_, over items; the factors are the left singular vectors times
    the roots of the singular values. A class's largest coordinate is positive.

    Parameters
    ----------
    labels : iterator of np.ndarray [shape=(n, n_classes)], bool
        The classes of the items, in blocks.
    dimensions : int
        Of the factors.

    Returns
    -------
    np.ndarray [shape=(n_classes, dimensions)], float64

    References
    ----------
    .. [1] Levy, Goldberg: Neural word embedding as implicit matrix factorization. NIPS 2014.
    """
    together, n = np.zeros(()), 0
    for y in labels:
        together, n = together + y.T.astype(np.float64) @ y, n + len(y)
    each = np.maximum(np.diagonal(together), 1)
    ppmi = np.log(np.maximum(together * n / np.outer(each, each), 1))
    left, values, _ = np.linalg.svd(ppmi)
    factors = left[:, :dimensions] * np.sqrt(values[:dimensions])
    factors *= np.sign(factors[np.abs(factors).argmax(axis=0), np.arange(dimensions)])
    return np.round(factors / GRID) * GRID


# --- listeners --------------------------------------------------------------------------------------------


def _taste(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Tell how much each coordinate matters to listeners, and where it lies among the factors."""
    rng = stream(seed, "taste")
    # The coordinates that matter most are, in turn, one that text alone, sound alone and both can see.
    order = np.lexsort((np.arange(DIMENSIONS), np.r_[0:12, 0:22, 0:9, 22:27]))
    weights = np.empty(DIMENSIONS)
    weights[order] = 0.93 ** np.arange(DIMENSIONS)
    axes = np.linalg.qr(rng.standard_normal((FACTORS, DIMENSIONS)))[0].T
    return (weights / np.sqrt((weights**2).sum())).astype(np.float32), axes.astype(np.float32)


def item_factors(items: Items, start: int, stop: int) -> np.ndarray:
    """Imitate the ALS factors of items; popular ones are longer.

    Returns
    -------
    np.ndarray [shape=(stop - start, 200)], float64
    """
    weights, axes = _taste(items.seed)
    noisy = items.points(start, stop) + 0.4 * items.normals("factors", DIMENSIONS, start, stop)
    length = np.exp(0.4 * popularity(items, start, stop))[:, None]
    rest = 0.01 * items.normals("other factors", FACTORS, start, stop)
    return np.round(length * (product(noisy * weights, axes) + rest), 6)


def user_factors(users: Items, start: int, stop: int) -> np.ndarray:
    """Imitate the ALS factors of listeners [shape=(stop - start, 200)], float64."""
    weights, axes = _taste(users.seed)
    noisy = users.points(start, stop) + 0.4 * users.normals("factors", DIMENSIONS, start, stop)
    rest = 0.01 * users.normals("other factors", FACTORS, start, stop)
    return np.round(product(noisy * weights, axes) + rest, 6)


def popularity(items: Items, start: int, stop: int) -> np.ndarray:
    """Draw the logarithm of how popular items are [shape=(stop - start,)]: plays are spread log-normally."""
    return items.normals("popularity", 1, start, stop)[:, 0]


def plays(users: Items, n_users: int, items: Items, n_items: int) -> scipy.sparse.csr_matrix:
    """Let users play items.

    A user comes upon items by their popularity and plays those that are most to the user's taste, with some
    chance (Gumbel noise). One user in thirty plays none; most play few.

    Returns
    -------
    scipy.sparse.csr_matrix [shape=(n_items, n_users)], float64
        How often.
    """
    weights, _ = _taste(users.seed)
    points = items.points(0, n_items) * (weights / np.linalg.norm(weights * weights))
    chance = np.exp(1.2 * popularity(items, 0, n_items).astype(np.float64))
    chance = chance.cumsum() / chance.sum()
    triples: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for start in range(0, n_users, _USERS):
        stop = min(start + _USERS, n_users)
        meetings = users.uniforms("meetings", _MEETINGS, start, stop)
        met = np.sort(np.minimum(np.searchsorted(chance, meetings), n_items - 1), axis=1)
        scores = 5 * np.take_along_axis(product(users.points(start, stop) * weights, points.T), met, axis=1)
        scores += gumbel(users.uniforms("whims", _MEETINGS, start, stop))
        scores[:, 1:][met[:, 1:] == met[:, :-1]] = -np.inf  # met before
        wanted = np.exp(1.8 + users.normals("number of plays", 1, start, stop)).astype(int)
        wanted = np.minimum(wanted, min(_MOST_PLAYS, n_items // 3))
        best = np.argsort(-scores, axis=1, kind="stable")[:, :_MOST_PLAYS]
        liked = np.take_along_axis(scores, best, axis=1) > -np.inf
        user, place = np.nonzero(liked & (np.arange(_MOST_PLAYS) < wanted))
        repeats = -3 * np.log(1 - users.uniforms("repeats", _MOST_PLAYS, start, stop)[user, place])
        triples.append((met[user, best[user, place]], user + start, 1 + np.floor(repeats)))
    item, user, count = (np.concatenate(column) for column in zip(*triples, strict=True))
    return scipy.sparse.csr_matrix((count.astype(np.float64), (item, user)), shape=(n_items, n_users))


def gumbel(uniform: np.ndarray) -> np.ndarray:
    """Turn uniform numbers into the noise that makes the highest score a draw from the softmax of the scores."""
    return -np.log(-np.log(np.clip(uniform, 1e-6, 1 - 1e-6)))
