"""What plain methods come down to, as networks: their weights are fitted by scikit-learn, not trained step by step.

So a reference is a model like any other: the same file, the same predictions, results and layers.
"""

from collections.abc import Sequence

import keras
from tartarus.learning.layers import NearestNeighbours, RadialBasis
from tartarus.learning.networks.blocks import Input, Method, joined, network


@network(takes="vectors")
def reference(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    method: Method,
    weighted: bool = False,
) -> keras.KerasTensor:
    """Give what a plain method weighs: the joined vectors, or how alike they are to those of the training items.

    Layers: ``concatenate``; ``kernel`` of svm-rbf, ``neighbours`` of nearest-neighbours.

    Parameters
    ----------
    tensors, inputs
        Vectors.
    method : str
        most-frequent, logistic-regression, linear-svm, svm-rbf, nearest-neighbours; of factors ridge or
        popularity.
    weighted : bool
        Whether a training item counts as often as users played it.
    """
    x = joined(tensors)
    rows = inputs[0].n_rows
    if method == "svm-rbf":
        return RadialBasis(rows, name="kernel", dtype="float32")(x)
    if method == "nearest-neighbours":
        return NearestNeighbours(rows, name="neighbours", dtype="float32")(x)
    return x
