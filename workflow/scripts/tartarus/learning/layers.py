"""The layers that are Tartarus's own. They use `keras.ops` only, so that they run on every backend."""

from typing import Any

import keras
import numpy as np


def _named_for_files(layer: type) -> type:
    """Register a layer under a name that stays, wherever its module lies.

    Keras writes the name of the module into model files; it reads them by the registered name.
    """
    layer.__module__ = "tartarus.layers"
    return keras.saving.register_keras_serializable("tartarus")(layer)


@_named_for_files
class FeatureCard(keras.layers.Layer):
    """Pass features through, and carry what they are.

    A model that is saved with its cards can refuse features of another kind, and can be used on raw material
    without the files that it was trained from.

    Parameters
    ----------
    signature : dict
        What the columns mean, as in `tartarus.features.store`.
    words : list of str, optional
        The vocabulary: the words that columns or ids stand for.
    n_weights : int
        The length of `weights_of_words`; 0 for none.
    """

    def __init__(
        self, *, signature: dict[str, Any], words: list[str] | None = None, n_weights: int = 0, **options: Any
    ) -> None:
        super().__init__(**{**options, "trainable": False})
        self.signature = signature
        self.words = words
        self.n_weights = n_weights

    def build(self, _: Any) -> None:
        """Make room for the weights of the words (inverse document frequencies)."""
        if self.n_weights:
            self.weights_of_words = self.add_weight(
                shape=(self.n_weights,), initializer="zeros", trainable=False, name="weights_of_words"
            )

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Tell what is needed to make this layer again."""
        own = {"signature": self.signature, "words": self.words, "n_weights": self.n_weights}
        return {**super().get_config(), **own}


@_named_for_files
class UnitLength(keras.layers.Layer):
    """Scale every vector to length 1 (l2-normalise); a vector of zeros stays."""

    def call(self, inputs: Any) -> Any:
        """Divide by the length."""
        return keras.ops.normalize(inputs, axis=-1, order=2)


def standardise(mean: np.ndarray, variance: np.ndarray, *, name: str) -> keras.layers.Layer:
    """Make the layer that standardises every cell: (x - mean) / sqrt(variance).

    Parameters
    ----------
    mean, variance : np.ndarray [shape=shape of one row]
        Of the training features. A cell that never varies is only centred: dividing by its deviation would
        turn the slightest novelty into an enormous value.
    name : str
        Of the layer.

    Returns
    -------
    keras.layers.Normalization
        Its statistics are saved with the model, as weights that are not trained.
    """
    layer = keras.layers.Normalization(axis=tuple(range(1, mean.ndim + 1)), name=name)
    layer.build((None, *mean.shape))
    constant = variance < 1e-6
    layer.adapt_mean.assign(mean.reshape(layer.adapt_mean.shape))
    layer.adapt_variance.assign(np.where(constant, 1.0, variance).reshape(layer.adapt_variance.shape))
    layer.finalize_state()
    return layer
