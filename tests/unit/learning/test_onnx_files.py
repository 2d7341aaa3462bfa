"""Networks in ONNX files: what they give is what numpy, or onnxruntime called plainly, gives."""

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from tartarus.base.errors import TartarusError
from tartarus.features.sound import pretrained
from tartarus.learning import onnx_files

OPTIONS: dict[str, Any] = {"node": "hidden", "axis": -1, "bins_first": False, "parts": ["mean"]}
FRAMES, BINS, UNITS = 8, 4, 3


def network(path: Path, *, threads: int = 1, **options: Any) -> pretrained.Network:
    """Read a file by its checksum."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return onnx_files.network(path, {**OPTIONS, "weights": digest, **options}, threads=threads)


@pytest.fixture
def weights(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((BINS, UNITS)).astype(np.float32)


def write(path: Path, weights: np.ndarray, shape: list[Any], *, squeezed: bool = False) -> Path:
    """Write a network: frames times weights (`hidden`), their mean over time (`output`)."""
    given = helper.make_tensor_value_info("given", TensorProto.FLOAT, shape)
    result = helper.make_tensor_value_info("output", TensorProto.FLOAT, None)
    tensors, nodes, name = [numpy_helper.from_array(weights, "weights")], [], "given"
    if squeezed:
        tensors.append(numpy_helper.from_array(np.array([0, FRAMES, BINS], np.int64), "shape"))
        nodes.append(helper.make_node("Reshape", ["given", "shape"], ["image"]))
        name = "image"
    nodes.append(helper.make_node("MatMul", [name, "weights"], ["hidden"]))
    nodes.append(helper.make_node("ReduceMean", ["hidden"], ["output"], axes=[1], keepdims=0))
    graph = helper.make_graph(nodes, "made", [given], [result], tensors)
    # Of an operator set from before ReduceMean took its axes as an input.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("length", ["n", 1])
def test_any_node_is_read_and_pooled_over_windows_and_frames(tmp_path, weights, rng, length):
    path = write(tmp_path / "net.onnx", weights, [length, FRAMES, BINS])
    windows = rng.standard_normal((11, FRAMES, BINS)).astype(np.float32)  # more than are computed at once
    frames = (windows @ weights).reshape(-1, UNITS).astype(np.float64)
    found = network(path, parts=["mean", "max", "sd"])(windows)
    assert found.dtype == np.float32
    wanted = np.concatenate([frames.mean(axis=0), frames.max(axis=0), frames.std(axis=0)])
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
    at_end = network(path, node="output", threads=2)(windows)
    np.testing.assert_allclose(at_end, frames.mean(axis=0), rtol=1e-4, atol=1e-6)


def test_another_axis_may_hold_the_vectors(tmp_path, weights, rng):
    path = write(tmp_path / "net.onnx", weights, ["n", FRAMES, BINS])
    windows = rng.standard_normal((2, FRAMES, BINS)).astype(np.float32)
    found = network(path, axis=1)(windows)
    np.testing.assert_allclose(found, (windows @ weights).mean(axis=(0, 2)), rtol=1e-4, atol=1e-6)
    for axis in (0, 3):
        with pytest.raises(TartarusError, match=rf"'hidden' gives float32 of shape \[2, 8, 3\].*axis {axis} holds no"):
            network(path, axis=axis)(windows)


@pytest.mark.parametrize("shape", [[1, 1, FRAMES, BINS], [1, FRAMES, BINS, 1], ["n", 1, "frames", BINS]])
def test_axes_of_length_1_are_put_in_where_they_are_wanted(tmp_path, weights, rng, shape):
    path = write(tmp_path / "net.onnx", weights, shape, squeezed=shape[0] == 1)
    windows = rng.standard_normal((3, FRAMES, BINS)).astype(np.float32)
    found = network(path)(windows)
    np.testing.assert_allclose(found, (windows @ weights).mean(axis=(0, 1)), rtol=1e-4, atol=1e-6)
    turned = network(path, bins_first=True)(np.swapaxes(windows, 1, 2))
    np.testing.assert_array_equal(turned, found)


def test_windows_of_another_shape_are_refused(tmp_path, weights):
    read = network(write(tmp_path / "net.onnx", weights, ["n", FRAMES, BINS]))
    for windows in (np.zeros((1, BINS, FRAMES)), np.zeros((1, 20)), np.zeros((1, FRAMES, BINS + 1))):
        told = ", ".join(map(str, windows.shape[1:]))
        with pytest.raises(TartarusError, match=rf"takes windows of shape \[8, 4\], but .* are \[{told}\]; correct"):
            read(windows.astype(np.float32))


def test_a_node_that_does_not_exist_is_told_beside_those_that_do(tmp_path, weights):
    path = write(tmp_path / "net.onnx", weights, ["n", FRAMES, BINS])
    with pytest.raises(
        TartarusError, match=r"net\.onnx: no node 'hiden'; did you mean 'hidden'\? Known: hidden, output"
    ):
        network(path, node="hiden")


@pytest.mark.parametrize("content", [b"<html>no network</html>", b""])
def test_what_is_no_onnx_file_is_named(tmp_path, content):
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(TartarusError, match=r"net\.onnx: (is not an ONNX file|no node 'hidden')"):
        network(tmp_path / "net.onnx")


def test_another_file_than_named_is_refused(tmp_path, weights):
    path = write(tmp_path / "net.onnx", weights, ["n", FRAMES, BINS])
    with pytest.raises(TartarusError, match=rf"net\.onnx: wrong checksum: SHA-256 [0-9a-f]+, expected {'0' * 64}"):
        network(path, weights="0" * 64)


def test_weights_in_another_file_are_refused(tmp_path, weights):
    path = write(tmp_path / "net.onnx", weights, ["n", FRAMES, BINS])
    model = onnx.load_model_from_string(path.read_bytes())
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    path.write_bytes(model.SerializeToString())
    with pytest.raises(TartarusError, match=r"its weights are in another file"):
        network(path)


def test_what_takes_no_sound_is_refused(tmp_path, weights):
    path = write(tmp_path / "net.onnx", weights, ["n", FRAMES, BINS])
    model = onnx.load_model_from_string(path.read_bytes())
    model.graph.input.append(helper.make_tensor_value_info("tempo", TensorProto.FLOAT, [1]))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(TartarusError, match=r"takes given: tensor\(float\), tempo: tensor\(float\); name a file"):
        network(path)


# The network that the package basic-pitch ships (Spotify, Apache-2.0): its front end is a part of it.
BASIC_PITCH = "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec"


def test_a_network_that_a_package_ships_gives_what_onnxruntime_gives(rng):
    path = Path(os.environ.get("TARTARUS_MIRROR") or "nowhere") / "basic-pitch/nmp.onnx"
    if not path.is_file():
        pytest.skip("nmp.onnx of the package basic-pitch is not in TARTARUS_MIRROR/basic-pitch")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == BASIC_PITCH
    rate, size = 22050, 43844
    samples = np.sin(2 * np.pi * 440 * np.arange(3 * rate) / rate).astype(np.float32)
    options = {"front_end": {"type": "waveform", "sample_rate": rate}, "window": size, "hop": size // 2}
    windows = pretrained.windows(samples, options)
    found = network(path, node="StatefulPartitionedCall:1", parts=["max"])(windows)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (plain,) = session.run(["StatefulPartitionedCall:1"], {session.get_inputs()[0].name: windows[:, :, None]})
    np.testing.assert_allclose(found, plain.max(axis=(0, 1)), atol=1e-5)
    assert found.argmax() == 69 - 21  # the key of 440 Hz on a piano of 88
