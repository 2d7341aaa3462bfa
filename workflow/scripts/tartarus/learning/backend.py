"""The one place that knows which backend Keras runs on."""

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.errors import TartarusError

# Keras and TensorFlow import these if they find them, for functions that are not used here: three seconds a job.
_NOT_NEEDED = ("matplotlib", "pandas", "sklearn", "tensorboard")
_OTHER_BACKENDS = ("jax", "jaxlib")


def start(*, threads: int, precision: str = "float32", device: str = "cpu") -> None:
    """Start Keras so that the same inputs give the same bits.

    Deterministic operations are chosen, and the number of threads is fixed: sums are split among threads, and
    their last bits depend on how. To be called before anything else imports Keras.

    Parameters
    ----------
    threads : int
        Of the backend, within one operation.
    precision : str
        What layers compute in, where they are not made otherwise: ``float32``, or ``mixed_float16`` or
        ``mixed_bfloat16``: with half the bits, while weights keep all.
    device : str
        ``cpu``, where GPUs are hidden, so that nobody shares one by accident; or ``gpu``.

    Raises
    ------
    TartarusError
        If there is no GPU where one is wanted.
    """
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    hidden = _NOT_NEEDED if os.environ["KERAS_BACKEND"] == "jax" else _NOT_NEEDED + _OTHER_BACKENDS
    with _hidden(hidden), _quiet(), _uncollected():
        import keras

    if device == "gpu" and not keras.distribution.list_devices("gpu"):
        raise TartarusError(
            f"device: gpu, but {keras.backend.backend()} finds none: install its build with CUDA (docs/running.md, "
            f"GPU), or say device: cpu"
        )
    keras.config.set_dtype_policy(precision)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):
            # Otherwise TensorFlow takes all of its memory at once, and a second job has none.
            tf.config.experimental.set_memory_growth(gpu, True)
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.experimental.enable_op_determinism()
        tf.get_logger().setLevel("ERROR")
    elif keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(True)


def seed(number: int) -> None:
    """Seed Python, NumPy and the backend, and forget the layers that were made before."""
    import keras

    keras.utils.clear_session()
    keras.utils.set_random_seed(number)


def read_checkpoint(prefix: str) -> dict[str, np.ndarray]:
    """Read the variables of a TensorFlow checkpoint: name to value. Nothing that it holds is run.

    Parameters
    ----------
    prefix : str
        What the names of its files, ``<prefix>.index`` and ``<prefix>.data-00000-of-00001``, begin with; a folder with
        its slash, where they have nothing else before the dot.

    Raises
    ------
    TartarusError
        If the files are damaged or not there.
    """
    import tensorflow as tf

    try:
        # tf.train.load_checkpoint does not take a folder for a prefix.
        reader = tf.compat.v1.train.NewCheckpointReader(prefix)
        return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
    except (tf.errors.OpError, ValueError, RuntimeError) as error:
        raise TartarusError(
            f"{prefix}: not a checkpoint ({error}); delete its files to have them fetched anew"
        ) from error


class EventFile:
    """Records of events as TensorBoard reads them; TensorFlow writes them, whatever the backend.

    Parameters
    ----------
    path : str or Path
        The file; it is begun anew.
    now : float
        Seconds since 1970, which every event has.
    """

    def __init__(self, path: str | Path, now: float) -> None:
        try:
            import tensorflow as tf
        except ImportError as error:
            raise TartarusError(
                "tensorboard: true, but TensorFlow, which writes its files, is not installed; write tensorboard: false"
            ) from error
        self._kinds = tf.compat.v1
        self._file = tf.io.TFRecordWriter(str(path))
        self._append(self._kinds.Event(wall_time=now, file_version="brain.Event:2"))

    def write(self, step: int, values: Mapping[str, float], now: float) -> None:
        """Add the values of a step, by their names, and hand them to the disk."""
        summary = self._kinds.Summary(
            value=[self._kinds.Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        )
        self._append(self._kinds.Event(wall_time=now, step=step, summary=summary))

    def _append(self, event: Any) -> None:
        self._file.write(event.SerializeToString())
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def adam_in_one_pass(
    variable: Any, momentum: Any, velocity: Any, gradient: Any, rates: tuple[Any, float, float, float], *, step: Any
) -> bool:
    """Take a step of Adam, if the backend has it as one operation; tell whether it was taken.

    Parameters
    ----------
    variable, momentum, velocity
        What is changed: the variable of the backend, and Keras' own for its moments.
    gradient : tensor
        Of the loss.
    rates : (float, float, float, float)
        The learning rate, beta 1, beta 2, epsilon.
    step : tensor of int
        The number of the step; the first is 1.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    if not isinstance(gradient, tf.Tensor):  # of an embedding: a row for each word that occurred
        return False
    rate, beta_1, beta_2, epsilon = (tf.cast(value, variable.dtype) for value in rates)
    number = tf.cast(step, variable.dtype)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=momentum.value.handle,
        v=velocity.value.handle,
        beta1_power=beta_1**number,
        beta2_power=beta_2**number,
        lr=rate,
        beta1=beta_1,
        beta2=beta_2,
        epsilon=epsilon,
        grad=tf.cast(gradient, variable.dtype),
    )
    return True


@contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Let imports of these packages fail, unless they were imported before."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no rubbish while much is made that stays: an import of TensorFlow takes a sixth less time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what compiled code says while it starts off the screen; exceptions are not affected."""
    sys.stderr.flush()
    screen, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(screen, 2)
        os.close(screen)
        os.close(nowhere)
