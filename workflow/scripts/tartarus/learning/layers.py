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
class ImageNetColours(keras.layers.Layer):
    """Bring pictures of 8 bits to what residual networks trained on ImageNet have seen.

    Blue, green, red, less the means of ImageNet; "caffe" in Keras, after K. He et al., Deep residual learning for image
    recognition, 2016.
    """

    MEANS = (103.939, 116.779, 123.68)

    def call(self, inputs: Any) -> Any:
        """Turn the colours around and subtract their means."""
        values = keras.ops.cast(inputs, self.compute_dtype)
        return keras.ops.flip(values, axis=-1) - keras.ops.convert_to_tensor(self.MEANS, self.compute_dtype)


@_named_for_files
class Variation(keras.layers.Layer):
    """Cut and flip pictures at random in training, each for itself; else keep their middle.

    Parameters
    ----------
    flip : bool
        Whether every second picture, on average, is mirrored left to right.
    crop : float, in [0, 1)
        The share of each side that is cut off.
    seed : int, optional
        Of the choices; Keras draws one if it is not given.
    """

    def __init__(self, *, flip: bool = False, crop: float = 0.0, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.flip, self.crop, self.seed = flip, crop, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Tell how much is left."""
        count, *sides, colours = input_shape
        return (count, *(self._kept(side) for side in sides), colours)

    def _kept(self, side: int) -> int:
        return side - int(side * self.crop)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Cut and flip [shape=(n, n_pixels, n_pixels, 3)]."""
        values, count = inputs, keras.ops.shape(inputs)[0]
        for axis in (1, 2):
            whole, kept = inputs.shape[axis], self._kept(inputs.shape[axis])
            if kept == whole:
                continue
            begin = keras.ops.full((count, 1), (whole - kept) // 2, "int32")
            if training:
                begin = keras.random.randint((count, 1), 0, whole - kept + 1, "int32", seed=self.seed_generator)
            shape = (count, kept, 1, 1) if axis == 1 else (count, 1, kept, 1)
            places = keras.ops.reshape(begin + keras.ops.arange(kept, dtype="int32"), shape)
            values = keras.ops.take_along_axis(values, places, axis=axis)
        if self.flip and training:
            is_flipped = keras.random.uniform((count, 1, 1, 1), seed=self.seed_generator) < 0.5
            values = keras.ops.where(is_flipped, keras.ops.flip(values, axis=2), values)
        return values

    def get_config(self) -> dict[str, Any]:
        """Tell what is needed to make this layer again."""
        return {**super().get_config(), "flip": self.flip, "crop": self.crop, "seed": self.seed}


@_named_for_files
class UnitLength(keras.layers.Layer):
    """Scale every vector to length 1 (l2-normalise); a vector of zeros stays."""

    def call(self, inputs: Any) -> Any:
        """Divide by the length."""
        return keras.ops.normalize(inputs, axis=-1, order=2)


@_named_for_files
class AttentionPooling(keras.layers.Layer):
    """Average the places of a map, each with a weight that is learned: the softmax, over the places, of u x.

    Source: M. Ilse et al., Attention-based deep multiple instance learning, 2018; here with one linear score.
    """

    def build(self, shape: Any) -> None:
        """Make room for u."""
        self.direction = self.add_weight(shape=(shape[-1],), initializer="zeros", name="direction")

    def call(self, inputs: Any) -> Any:
        """Average [shape=(n, n_frames, n_bins, n_channels)] to [shape=(n, n_channels)]."""
        ops = keras.ops
        places = ops.reshape(inputs, (-1, inputs.shape[1] * inputs.shape[2], inputs.shape[3]))
        share = ops.softmax(ops.sum(places * self.direction, axis=-1), axis=-1)
        return ops.sum(places * share[..., None], axis=1)


@_named_for_files
class BandConvolution(keras.layers.Conv2D):
    """A valid convolution of one channel whose kernels see most bins, computed as one over frames alone.

    For each place of a kernel along the bins there is a kernel of all bins, zero where the small one does not reach:
    with the bins as channels that is a product of large matrices, for which libraries are made. Its weights and
    outputs are those of the layer that it stands for.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Convolve [shape=(n, n_frames, n_bins, 1)] to [shape=(n, frames left, bins left, n_filters)]."""
        ops = keras.ops
        frames, bins = inputs.shape[1:3]
        height, width, _, filters = kernel.shape
        places = bins - width + 1
        # Rows of length bins + 1, one for each place, read as rows of length bins: each begins one further right.
        rows = ops.pad(kernel[:, :, 0], ((0, 0), (0, places), (0, 0)))
        rows = ops.tile(rows, (1, places, 1))[:, : places * bins]
        rows = ops.transpose(ops.reshape(rows, (height, places, bins, filters)), (0, 2, 1, 3))
        whole = ops.reshape(rows, (height, 1, bins, places * filters))
        found = ops.conv(ops.reshape(inputs, (-1, frames, 1, bins)), whole, data_format="channels_last")
        return ops.reshape(found, (-1, frames - height + 1, places, filters))


class _Landmarks(keras.layers.Layer):
    """Compare vectors with those of the training items, which it holds.

    Parameters
    ----------
    n_rows : int
        How many of them there are.
    """

    def __init__(self, n_rows: int, **options: Any) -> None:
        super().__init__(**options)
        self.n_rows = n_rows

    def build(self, shape: Any) -> None:
        """Make room for the vectors, and for what they are centred and scaled by."""

        def room(name: str, *size: int) -> Any:
            return self.add_weight(shape=size, initializer="zeros", trainable=False, name=name)

        self.centre, self.scale = room("centre", shape[-1]), room("scale", shape[-1])
        self.rows = room("rows", self.n_rows, shape[-1])

    def get_config(self) -> dict[str, Any]:
        """Tell what is needed to make this layer again."""
        return {**super().get_config(), "n_rows": self.n_rows}


@_named_for_files
class RadialBasis(_Landmarks):
    """Compute `exp(-|x - r|^2)` of every vector, centred and scaled, and every row r [shape=(n, n_rows)].

    The width of the kernel is in the scale.
    """

    def call(self, inputs: Any) -> Any:
        """Compute the kernel."""
        ops = keras.ops
        x = (inputs - self.centre) * self.scale
        products = ops.matmul(x, ops.transpose(self.rows))
        squares = ops.sum(x * x, axis=-1, keepdims=True) + ops.sum(self.rows * self.rows, axis=-1)
        return ops.exp(-ops.maximum(squares - 2 * products, 0))


@_named_for_files
class NearestNeighbours(_Landmarks):
    """Share out 1 among the k rows that are most alike, by the cosine [shape=(n, n_rows)]; ties go to the first."""

    def build(self, shape: Any) -> None:
        """Make room for k, too."""
        super().build(shape)
        self.k = self.add_weight(shape=(), initializer="ones", trainable=False, dtype="int32", name="k")

    def call(self, inputs: Any) -> Any:
        """Find the neighbours."""
        ops = keras.ops
        x = ops.normalize((inputs - self.centre) * self.scale, axis=-1)
        alike = ops.matmul(x, ops.transpose(ops.normalize(self.rows, axis=-1)))
        rank = ops.argsort(ops.argsort(-alike, axis=-1), axis=-1)
        return ops.cast(rank < self.k, "float32") / ops.cast(self.k, "float32")


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
    layer = keras.layers.Normalization(axis=tuple(range(1, mean.ndim + 1)), dtype="float32", name=name)
    layer.build((None, *mean.shape))
    constant = variance < 1e-6
    layer.adapt_mean.assign(mean.reshape(layer.adapt_mean.shape))
    layer.adapt_variance.assign(np.where(constant, 1.0, variance).reshape(layer.adapt_variance.shape))
    layer.finalize_state()
    return layer
