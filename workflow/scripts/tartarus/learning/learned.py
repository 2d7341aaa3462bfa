"""What a trained network looks for: the kernels of its first convolutions, and the words that speak for each class."""

from collections.abc import Iterator, Sequence

import keras
import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.features.text.words import PADDING, SPECIAL
from tartarus.learning.layers import FeatureCard

TEXTS_AT_ONCE = 256


def kernels(model: keras.Model) -> dict[str, np.ndarray]:
    """Take the kernels of the convolutions that see patches as they come in.

    Returns
    -------
    dict
        Layer to its kernels [shape=(n_filters, n_frames, n_bins)], float32. Empty if nothing is
        convolved, or pictures.
    """
    found = {}
    for layer in model.layers:
        # Of patches there is one channel; that of a single filter is not what came in.
        if isinstance(layer, keras.layers.Conv2D) and layer.kernel.shape[2] == 1:
            before = keras.Model(model.inputs, layer.input).layers
            if not any(isinstance(other, keras.layers.Conv2D) for other in before):
                values = keras.ops.convert_to_numpy(layer.kernel).astype(np.float32)
                found[layer.name] = values[:, :, 0].transpose(2, 0, 1)
    return found


def word_weights(model: keras.Model) -> tuple[list[str], np.ndarray]:
    """Ask a model of texts how much each word speaks for each class.

    The weight of word w for class c is z_c(w) - z_c(): the score before softmax or sigmoid of a text that is this word
    alone, less that of a text without a known word. Of a linear model, whose texts are vectors of unit length, that is
    the coefficient.

    Returns
    -------
    words : list of str [length n_words]
        The vocabulary.
    weights : np.ndarray [shape=(n_words, n_classes)], float32

    Raises
    ------
    TartarusError
        If texts are not the only input, or what comes out is not classes.
    """
    cards = [layer for layer in model.layers if isinstance(layer, FeatureCard)]
    output = model.get_layer("output")
    if len(cards) != 1 or not cards[0].words or not isinstance(output, keras.layers.Dense):
        raise TartarusError(
            f"the model '{model.name}' has neither a first convolution over patches nor words as its only input and "
            f"classes as its output; ask for a model that has"
        )
    words = cards[0].words
    before = keras.Model(model.inputs, output.input)
    scores = np.concatenate([before.predict_on_batch(texts) for texts in _texts_of_a_word(model.inputs[0], len(words))])
    kernel = keras.ops.convert_to_numpy(output.kernel)
    weights = ((scores[1:] - scores[0]) @ kernel).astype(np.float32)
    special = len(SPECIAL) if words[0] == SPECIAL[0] else 0
    return words[special:], weights[special:]


def _texts_of_a_word(door: keras.KerasTensor, n_words: int) -> Iterator[np.ndarray]:
    """Make the inputs of a text without words, then of one text for each word that is this word alone."""
    is_ids = door.dtype.startswith("int")
    for first in range(-1, n_words, TEXTS_AT_ONCE):
        numbers = np.arange(first, min(first + TEXTS_AT_ONCE, n_words))
        texts = np.full((len(numbers), *door.shape[1:]), PADDING if is_ids else 0, door.dtype)
        known = numbers >= 0
        if is_ids:
            texts[known, 0] = numbers[known]
        else:
            texts[known, numbers[known]] = 1
        yield texts


def rows_of_kernels(found: dict[str, np.ndarray]) -> list[dict[str, object]]:
    """List the weights of kernels, those with the most in them first: layer, filter, its norm, frame, bin, weight."""
    rows: list[dict[str, object]] = []
    for layer, values in found.items():
        norms = np.linalg.norm(values.reshape(len(values), -1), axis=1)
        for number in np.argsort(-norms, kind="stable"):
            same = {"layer": layer, "filter": int(number) + 1, "norm": f"{norms[number]:.6g}"}
            for (frame, bin_), weight in np.ndenumerate(values[number]):
                rows.append({**same, "frame": frame + 1, "bin": bin_ + 1, "weight": f"{weight:.6g}"})
    return rows


def rows_of_words(
    words: Sequence[str], weights: np.ndarray, classes: Sequence[str], *, most: int = 20
) -> list[dict[str, object]]:
    """List the words with the largest weights for each class, the largest first: class, word, weight.

    Parameters
    ----------
    words : sequence of str
        The vocabulary.
    weights : np.ndarray [shape=(n_words, n_classes)]
        As from `word_weights`.
    classes : sequence of str
        Their names.
    most : int
        So many words of each class.
    """
    order = np.argsort(-weights, axis=0, kind="stable")[:most]
    return [
        {"class": class_, "word": words[place], "weight": f"{weights[place, column]:.6g}"}
        for column, class_ in enumerate(classes)
        for place in order[:, column]
    ]
