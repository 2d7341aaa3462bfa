"""Networks that compute with half the bits: what they say is nearly the same, what they learn is kept whole."""

from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest

from .small_networks import N_OUTPUTS, SMALL


@pytest.fixture(params=["mixed_float16", "mixed_bfloat16"])
def precision(request: pytest.FixtureRequest, keras: ModuleType) -> Iterator[str]:
    """A precision that networks are built with, as `backend.start` sets it."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize(("name", "output"), [("crnn", "softmax"), ("fusion", "linear"), ("cnn", "linear")])
def test_half_the_bits_say_nearly_the_same(
    keras: ModuleType, networks: ModuleType, training: ModuleType, precision: str, name: str, output: str
) -> None:
    small, rng = SMALL[name], np.random.default_rng(3)
    inputs = [networks.Input(**{"signature": {}, **entry}) for entry in small.inputs]

    def build() -> object:
        network = {"name": name, **small.options}
        return networks.build(name, inputs, network=network, output=output, n_outputs=N_OUTPUTS)

    half = build()
    keras.config.set_dtype_policy("float32")
    whole = build()
    keras.config.set_dtype_policy(precision)
    for weight in whole.trainable_weights:
        weight.assign(rng.normal(scale=0.3, size=weight.shape))
    half.set_weights(whole.get_weights())
    drawn = {"int32": lambda shape: rng.integers(0, 5, size=shape), "float32": lambda shape: rng.normal(size=shape)}
    x = [drawn[door.dtype]((6, *door.shape[1:])).astype(door.dtype) for door in whole.inputs]
    x = x if len(x) > 1 else x[0]
    found, expected = half.predict_on_batch(x), whole.predict_on_batch(x)
    assert found.dtype == np.float32
    # bfloat16 has 8 bits: an error of 1 in 256 for each sum, of which there are a few behind one another.
    np.testing.assert_allclose(found, expected, atol=0.04)
    assert not np.array_equal(found, expected), "no layer computes with fewer bits"

    half.compile(optimizer=training.optimizers.make({"name": "adam", "learning_rate": 0.001}), loss="mse")
    before = half.get_weights()
    half.train_on_batch(x, expected + 1)
    assert {str(weight.dtype) for weight in half.trainable_weights} == {"float32"}
    assert any(not np.array_equal(one, other) for one, other in zip(half.get_weights(), before, strict=True))
