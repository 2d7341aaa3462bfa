"""Maps of vectors: items that are alike are near each other, in two dimensions.

By t-SNE (van der Maaten and Hinton 2008) of the 50 principal components, begun from the first two of these. What is
near means something; how far away what is far, and how large a cluster, does not.
"""

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from tartarus.use.embeddings import Embeddings
from tartarus.use.neighbours import unit
from threadpoolctl import threadpool_limits

MOST_POINTS = 10_000
COMPONENTS = 50
# How many neighbours an item looks at, about: the usual number.
PERPLEXITY = 30.0
FEWEST = 5


def chosen(n_items: int, *, seed: int, most: int = MOST_POINTS) -> np.ndarray:
    """Choose which items are on the map, by chance if they are too many [shape=(n_points,)], ascending."""
    if n_items <= most:
        return np.arange(n_items)
    log.warning("of %d items %d are on the map, drawn by chance", n_items, most)
    return np.sort(np.random.Generator(np.random.PCG64(seed)).choice(n_items, most, replace=False))


def vectors_of(embeddings: Embeddings, numbers: np.ndarray) -> np.ndarray:
    """Read the vectors of some items [shape=(n_points, n_dimensions)], float32; `numbers` ascend over all sets."""
    found = np.empty((len(numbers), embeddings.n_dimensions), np.float32)
    first = done = 0
    for block in embeddings.blocks():
        own = numbers[done:][: np.searchsorted(numbers[done:], first + len(block.ids))]
        found[done : done + len(own)] = block.vectors[own - first]
        first, done = first + len(block.ids), done + len(own)
    return found


def coordinates(vectors: np.ndarray, *, standardise: bool, seed: int) -> np.ndarray:
    """Lay vectors out in two dimensions.

    Parameters
    ----------
    vectors : np.ndarray [shape=(n_points, n_dimensions)]
        What is mapped.
    standardise : bool
        Whether each column is brought to mean 0 and variance 1 first, for columns of different units; else each vector
        is brought to length 1, so that angles count, as for neighbours.
    seed : int
        Of t-SNE, and of the principal components of many columns.

    Returns
    -------
    np.ndarray [shape=(n_points, 2)], float32
        The same on any number of cores; the mean is 0.

    Raises
    ------
    TartarusError
        If there are fewer than five items.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    if len(vectors) < FEWEST:
        raise TartarusError(f"a map of {len(vectors)} items: it takes {FEWEST} at least")
    with threadpool_limits(1):
        if standardise:
            deviation = vectors.std(axis=0)
            x = (vectors - vectors.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
        else:
            x, _ = unit(vectors)
        components = min(COMPONENTS, *x.shape)
        if components < x.shape[1]:
            x = PCA(components, random_state=seed).fit_transform(x)
        perplexity = min(PERPLEXITY, (len(x) - 1) / 3)
        if not np.ptp(x, axis=0).any():
            return np.zeros((len(x), 2), np.float32)  # all alike
        start = "pca" if x.shape[1] > 1 else "random"
        found = TSNE(2, perplexity=perplexity, init=start, random_state=seed, n_jobs=1).fit_transform(x)
    return np.asarray(found - found.mean(axis=0), np.float32)
