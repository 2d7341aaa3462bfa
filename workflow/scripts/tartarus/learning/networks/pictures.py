"""Networks whose input are pictures [shape=(n_pixels, n_pixels, 3)], of 8 bits; what these become first is inside."""

from collections.abc import Sequence

import keras
from keras import layers
from tartarus.base.errors import TartarusError
from tartarus.learning.layers import ImageNetColours, Variation
from tartarus.learning.networks.blocks import Depth, Input, Share, SomeUnits, Weights, network

_LEAST_PIXELS = 32  # that a residual network takes


@network(takes="pictures")
def picture_cnn(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    filters: SomeUnits = (16, 32, 64, 64),
    dropout: Share = 0.0,
    flip: bool = False,
    crop: Share = 0.0,
) -> keras.KerasTensor:
    """Convolve over pictures: small enough to learn on a laptop.

    Layers: ``variation`` (if asked for), ``scale`` (to -1 to 1), for each convolution ``conv<i>`` (3 x 3, same, ReLU)
    and ``shrink<i>`` (the maximum of 2 x 2), ``pool`` (the maximum over the picture), ``dropout-pool``.

    Parameters
    ----------
    tensors, inputs
        Pictures.
    filters : sequence of int
        Of each convolution.
    dropout : float, in [0, 1)
        Of what is pooled.
    flip, crop
        As `tartarus.learning.layers.Variation` takes them.
    """
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(_varied(tensors[0], flip, crop))
    for number, count in enumerate(filters, start=1):
        x = layers.Conv2D(count, 3, padding="same", activation="relu", name=f"conv{number}")(x)
        if min(x.shape[1:3]) < 2:
            raise TartarusError(
                f"picture-cnn: nothing is left of the pictures after {number} convolutions; make filters fewer, crop "
                f"smaller or pictures: pixels larger"
            )
        x = layers.MaxPooling2D(2, name=f"shrink{number}")(x)
    return layers.Dropout(dropout, name="dropout-pool")(layers.GlobalMaxPooling2D(name="pool")(x))


@network(takes="pictures")
def resnet(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    depth: Depth = 50,
    weights: Weights = "imagenet",
    frozen: bool = False,
    flip: bool = False,
    crop: Share = 0.0,
) -> keras.KerasTensor:
    """Look at pictures with a residual network (K. He et al., Deep residual learning for image recognition, 2016).

    Layers: ``variation`` (if asked for), ``colours`` (what ImageNet's pictures were brought to), ``resnet`` (50 or 101
    layers, which `tartarus.learning.pretrained` gives their weights), ``pool`` (the mean over the picture, 2048
    numbers).

    Parameters
    ----------
    tensors, inputs
        Pictures of 32 x 32 or more.
    depth : int
        50 or 101.
    weights : str
        imagenet (trained on it), none (begun at random), or the path of a file of such weights without the output.
    frozen : bool
        Whether the layers stay as they are, with the statistics of their normalisation, so that only the output learns.
    flip, crop
        As `tartarus.learning.layers.Variation` takes them.
    """
    x = _varied(tensors[0], flip, crop)
    if min(x.shape[1:3]) < _LEAST_PIXELS:
        raise TartarusError(
            f"resnet: {x.shape[1]} pixels are left, it takes {_LEAST_PIXELS} or more; make crop smaller"
        )
    make = {50: keras.applications.ResNet50, 101: keras.applications.ResNet101}[depth]
    body = make(include_top=False, weights=None, input_shape=x.shape[1:], name="resnet")
    body.trainable = not frozen
    return layers.GlobalAveragePooling2D(name="pool")(body(ImageNetColours(name="colours")(x)))


def _varied(pictures: keras.KerasTensor, flip: bool, crop: float) -> keras.KerasTensor:
    return Variation(flip=flip, crop=crop, name="variation")(pictures) if flip or crop else pictures
