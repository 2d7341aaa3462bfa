"""Networks whose input is a sequence of word ids with the vectors of the words."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers
from tartarus.base.errors import TartarusError
from tartarus.learning.networks.blocks import Input, Shares, Units, dense_layer, joined, network, uniform


@network(takes="word ids")
def text_cnn(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    filters: int = 150,
    widths: Units = (2, 3),
    dense: int = 128,
    dropout: Shares = (0.5, 0.8),
) -> keras.KerasTensor:
    """Convolve over sequences of words (network 4).

    Layers: ``embedding`` (trained further), ``dropout-embedding``, for each width ``conv<width>`` and
    ``pool<width>`` (the maximum over time), ``concatenate``, ``dense1``, ``dropout1``, ``relu1``.

    Parameters
    ----------
    tensors, inputs
        One input of word ids [shape=(length,)], with the vectors of the words as weights.
    filters : int
        Of each width.
    widths : sequence of int
        Of the kernels, in words.
    dense : int
        Units of the hidden layer.
    dropout : (float, float), in [0, 1)
        After the embedding and after the hidden layer.
    """
    embedded = layers.Dropout(dropout[0], name="dropout-embedding")(_embedded(tensors[0], inputs[0]))
    pooled = []
    for width in widths:
        if width > inputs[0].shape[0]:
            raise TartarusError(
                f"text-cnn: a kernel of {width} words on {inputs[0].shape[0]}; make widths smaller or length larger"
            )
        convolved = layers.Conv1D(filters, width, activation="relu", kernel_initializer=uniform(), name=f"conv{width}")(
            embedded
        )
        pooled.append(layers.GlobalMaxPooling1D(name=f"pool{width}")(convolved))
    x = dense_layer(dense, None, "dense1")(joined(pooled))
    x = layers.Dropout(dropout[1], name="dropout1")(x)
    return layers.ReLU(name="relu1")(x)


@network(takes="word ids")
def text_lstm(tensors: Sequence[keras.KerasTensor], inputs: Sequence[Input], *, units: int = 2048) -> keras.KerasTensor:
    """Read sequences of words from first to last (network 41).

    Layers: ``embedding`` (trained further), ``lstm`` (its state after the last word; padding counts as words).

    Parameters
    ----------
    tensors, inputs
        One input of word ids [shape=(length,)], with the vectors of the words as weights.
    units : int
        Of the LSTM.
    """
    embedded = _embedded(tensors[0], inputs[0])
    # Keras would start the biases of the forget gates at 1; here all biases start at zero.
    return layers.LSTM(units, kernel_initializer=uniform(), unit_forget_bias=False, name="lstm")(embedded)


def _embedded(ids: keras.KerasTensor, entry: Input) -> keras.KerasTensor:
    """Put the vectors of words in the place of their ids [shape=(length, n_dimensions)]."""
    weights = np.asarray(entry.weights)
    layer = layers.Embedding(*weights.shape, embeddings_initializer=keras.initializers.Constant(0.0), name="embedding")
    embedded = layer(ids)
    layer.set_weights([weights])
    return embedded
