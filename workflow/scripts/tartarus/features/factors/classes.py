"""Factors of classes: classes that often go together lie in the same direction.

The association of two classes is their positive pointwise mutual information, max(0, log(p(a, b) / (p(a) p(b)))), where
p is the share of the items that have a class, or both; of a class with itself it is -log p(a). Its singular value
decomposition U S V gives the factors of the classes, C = U sqrt(S), of which the first columns are kept; an item's
factors are the sum of those of its classes (Oramas et al. 2017, "Multi-label music genre classification from audio,
text, and images using deep features").
"""

import numpy as np
from tartarus.base.errors import TartarusError
from threadpoolctl import threadpool_limits


def association(y: np.ndarray) -> np.ndarray:
    """Compute the positive pointwise mutual information of all pairs of classes.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The classes of the items.

    Returns
    -------
    np.ndarray [shape=(n_classes, n_classes)], float64, 0 or above
        0 for a class that no item has.
    """
    y = np.asarray(y, np.float64)
    share = y.mean(axis=0)
    both, expected = y.T @ y / len(y), np.outer(share, share)
    ratio = np.divide(both, expected, out=np.ones_like(both), where=both > 0)
    return np.maximum(np.log(ratio), 0)


def factorise(y: np.ndarray, dim: int) -> np.ndarray:
    """Find the factors of classes.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The classes of the items that are known.
    dim : int
        How many factors.

    Returns
    -------
    np.ndarray [shape=(n_classes, dim)], float32
        The sign of a column is such that its largest value is above 0; the first of equals decides.

    Raises
    ------
    TartarusError
        If there are more factors than the association of the classes has dimensions.
    """
    # The last bits of sums depend on threads, of which others may have fewer.
    with threadpool_limits(limits=1, user_api="blas"):
        u, s, _ = np.linalg.svd(association(y), hermitian=False)
    rank = int((s > s[0] * len(s) * np.finfo(s.dtype).eps).sum())
    if dim > rank:
        raise TartarusError(
            f"dim: {dim} factors of {y.shape[1]} classes, of which the training and validation items tell {rank} "
            f"dimensions; write dim: {rank} or less"
        )
    factors = u[:, :dim] * np.sqrt(s[:dim])
    # Equal values may differ in the last bits: what is nearly the largest counts as the largest.
    sizes = np.abs(factors)
    first = (sizes > sizes.max(axis=0) * (1 - 1e-6)).argmax(axis=0)
    return (factors * np.sign(factors[first, np.arange(dim)])).astype(np.float32)
