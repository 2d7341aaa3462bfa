"""Networks in ONNX files, whoever trained them, as features of sound; run by onnxruntime, which is an extra."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.errors import REMEDY, TartarusError, suggestion
from tartarus.base.files import sha256
from tartarus.features.sound.pretrained import Network

_WINDOWS_AT_ONCE = 8
_POOLS: dict[str, Callable[..., np.ndarray]] = {"mean": np.mean, "max": np.max, "sd": np.std}


def network(path: str | Path, options: dict[str, Any], *, threads: int = 1) -> Network:
    """Read a network as a function.

    Parameters
    ----------
    path : str or Path
        The ONNX file, which holds all its weights itself and takes one input.
    options : dict
        `weights`, the SHA-256 of the file; `node`, the name of an output of any node; `axis`, where its vectors are,
        all other axes being pooled; `parts`, how: mean, max, sd (the standard deviation), joined in this order;
        `bins_first`, whether it wants windows of a spectrogram as [bins, frames].
    threads : int
        Of onnxruntime, within one operation; last bits may depend on it.

    Returns
    -------
    callable
        Windows [shape=(n_windows, ...)] to a vector [shape=(n,)], float32. Axes of length 1 are put in where the
        network wants them.

    Raises
    ------
    TartarusError
        If onnxruntime is not installed, the file is another or no such network, or it has no such node: those that it
        has are listed. Of the function: if windows do not fit the network.
    """
    if (found := sha256(path)) != options["weights"]:
        raise TartarusError(f"{path}: wrong checksum: SHA-256 {found}, expected {options['weights']}; {REMEDY}")
    session, takes = _opened(path, options["node"], threads)
    # Some networks take one window at a time.
    step = takes.shape[0] if isinstance(takes.shape[0], int) else _WINDOWS_AT_ONCE
    if step not in (1, _WINDOWS_AT_ONCE):
        raise TartarusError(f"{path}: takes {step} windows at a time; name a file that takes 1, or any number")

    def pooled(windows: np.ndarray) -> np.ndarray:
        shaped = _shaped(np.swapaxes(windows, 1, -1) if options["bins_first"] else windows, takes.shape[1:], path)
        found = []
        for first in range(0, len(shaped), step):
            batch = np.ascontiguousarray(shaped[first : first + step], np.float32)
            with _telling(path, f"fails on windows of shape {batch.shape[1:]}; correct front_end and window"):
                (output,) = session.run([options["node"]], {takes.name: batch})
            found.append(_vectors(np.asarray(output), options, path))
        frames = np.concatenate(found)
        return np.concatenate([_POOLS[part](frames, axis=0) for part in options["parts"]]).astype(np.float32)

    return pooled


def _opened(path: str | Path, node: str, threads: int) -> tuple[Any, Any]:
    """Start onnxruntime with a file, one of whose nodes is read; give what runs it, and its input."""
    try:
        import onnx
        import onnxruntime
    except ImportError as error:
        raise TartarusError(
            f"{path}: onnxruntime is not installed ({error}); .venv/bin/pip install -r requirements-onnx.lock, or "
            f"snakemake with --sdm conda"
        ) from error
    with _telling(path, "is not an ONNX file; fetch it anew"):
        model = onnx.load_model_from_string(Path(path).read_bytes())
    graph = model.graph
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in graph.initializer):
        raise TartarusError(f"{path}: its weights are in another file; name a file that holds them itself")
    nodes = [name for each in graph.node for name in each.output if name]
    if node not in nodes:
        raise TartarusError(f"{path}: no node '{node}'; {suggestion(node, nodes)}")
    if node not in {output.name for output in graph.output}:
        graph.output.append(onnx.ValueInfoProto(name=node))
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = threads, 1
    settings.use_deterministic_compute = True
    settings.log_severity_level = 3
    with _telling(path, "cannot be run by onnxruntime; name another file"):
        session = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()
    if len(inputs) != 1 or not inputs[0].shape or inputs[0].type != "tensor(float)":
        told = ", ".join(f"{each.name}: {each.type}" for each in inputs)
        raise TartarusError(f"{path}: takes {told}; name a file that takes windows of sound alone, as floats")
    return session, inputs[0]


@contextmanager
def _telling(path: str | Path, what: str) -> Iterator[None]:
    """Tell what onnx and onnxruntime raise, which are exceptions of no common kind."""
    from google.protobuf.message import DecodeError
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    kinds = [each for each in vars(state).values() if isinstance(each, type) and issubclass(each, Exception)]
    try:
        yield
    except (DecodeError, OSError, RuntimeError, ValueError, *kinds) as error:
        raise TartarusError(f"{path}: {what} ({' '.join(str(error).split())})") from error


def _shaped(windows: np.ndarray, wanted: Sequence[Any], path: str | Path) -> np.ndarray:
    """Put axes of length 1 in where a network wants them; names stand for any length.

    Where [1, 96, 187] is wanted, windows of [96, 187] become that; where [43844, 1] is, those of [43844].
    """
    own = list(windows.shape[1:])
    more, shape = len(wanted) - len(own), []
    for length in wanted:
        if length == 1 and more and (not own or own[0] != 1):
            shape.append(1)
            more -= 1
        elif own and (own[0] == length or not isinstance(length, int)):
            shape.append(own.pop(0))
        else:
            break
    if own or len(shape) != len(wanted):
        raise TartarusError(
            f"{path}: takes windows of shape {list(wanted)}, but those of the configuration are "
            f"{list(windows.shape[1:])}; correct front_end, window or bins_first"
        )
    return windows.reshape(len(windows), *shape)


def _vectors(output: np.ndarray, options: dict[str, Any], path: str | Path) -> np.ndarray:
    """Give all vectors of an output, one below another [shape=(n_vectors, n_numbers)]."""
    axis = options["axis"]
    if output.dtype.kind != "f" or not -output.ndim <= axis < output.ndim or axis % output.ndim == 0:
        raise TartarusError(
            f"{path}: node '{options['node']}' gives {output.dtype} of shape {list(output.shape)}, windows first; its "
            f"axis {axis} holds no vectors; correct node or axis"
        )
    moved = np.moveaxis(output, axis, -1)
    return moved.reshape(-1, moved.shape[-1]).astype(np.float64)
