"""The start of Keras, and seeds."""

import random
from types import ModuleType

import numpy as np
from tartarus.learning import backend


def test_a_second_start_does_no_harm(keras: ModuleType) -> None:
    backend.start(threads=1)
    assert keras.ops.convert_to_numpy(keras.ops.sum(keras.ops.ones(3))) == 3


def test_a_seed_reaches_python_numpy_and_the_backend(keras: ModuleType) -> None:
    def drawn(seed: int) -> tuple[float, float, bytes]:
        backend.seed(seed)
        values = keras.random.normal((4,))
        return random.random(), np.random.random(), np.array(values).tobytes()  # noqa: NPY002, S311

    one, again, other = drawn(1), drawn(1), drawn(2)
    assert one == again
    assert all(first != second for first, second in zip(one, other, strict=True))


def test_layers_are_named_anew_after_a_seed(keras: ModuleType) -> None:
    names = set()
    for _ in range(2):
        backend.seed(1)
        names.add(keras.layers.Dense(1).name)
    assert names == {"dense"}


def test_what_keras_was_not_to_import_can_be_imported_afterwards(keras: ModuleType) -> None:
    import matplotlib as mpl
    import pandas as pd
    import sklearn

    assert all(module.__version__ for module in (mpl, pd, sklearn))
