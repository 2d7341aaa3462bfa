"""The one place that knows which backend Keras runs on."""

import os


def prepare(*, seed: int, threads: int) -> None:
    """Start Keras so that the same inputs give the same bits.

    Everything random is seeded and deterministic operations are chosen. The number of threads is fixed, for
    sums are split among threads, and their last bits depend on how.

    Parameters
    ----------
    seed : int
        For NumPy, Python and the backend.
    threads : int
        Of the backend, within one operation.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        try:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(1)
        except RuntimeError:
            pass  # the threads were chosen by an earlier call in this process
        tf.config.experimental.enable_op_determinism()
    elif keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(True)
    keras.utils.set_random_seed(seed)
