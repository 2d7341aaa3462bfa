"""The one place that knows which backend Keras runs on."""

import os


def start(*, threads: int) -> None:
    """Start Keras so that the same inputs give the same bits.

    Deterministic operations are chosen, and the number of threads is fixed: sums are split among threads, and
    their last bits depend on how. To be called before anything else imports Keras.

    Parameters
    ----------
    threads : int
        Of the backend, within one operation.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

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
