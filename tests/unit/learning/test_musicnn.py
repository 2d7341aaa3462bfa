"""The musicnn networks: what the authors' own give for two real sounds, and what is said of other weights."""

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.features.sound import pretrained as front_ends
from tartarus.features.sound import spectrograms
from tartarus.learning import backend
from tartarus.plan import pretrained

SOUNDS = ("TRWJAZW128F42760DD_test", "joram-moments_of_clarity-08-solipsism-59-88")
REFERENCE = {"mean": "mean_pool", "max": "max_pool", "penultimate": "penultimate", "taggram": "taggram"}


@pytest.fixture(scope="session")
def musicnn(keras: ModuleType) -> ModuleType:
    from tartarus.learning import musicnn

    return musicnn


@pytest.fixture(scope="session")
def published() -> Path:
    folder = Path(os.environ.get("TARTARUS_MIRROR") or "nowhere") / pretrained.IN_MIRROR
    if not (folder / "oracle.npz").is_file():
        pytest.skip("the published networks and their outputs are not here: TARTARUS_MIRROR names no folder of musicnn")
    return folder


@pytest.fixture(scope="session")
def converted(
    musicnn: ModuleType, published: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, list[str]], front_ends.Network]:
    """Convert a published network, once, and read it as a function."""
    folder = tmp_path_factory.mktemp("musicnn")

    def read(name: str, parts: list[str]) -> front_ends.Network:
        path, known = folder / f"{name}.keras", pretrained.MUSICNN[name]
        if not path.is_file():
            checkpoint = backend.read_checkpoint(f"{published / known.folder}/")
            musicnn.convert(checkpoint, path, digest=known.weights)
        return musicnn.network(path, parts, digest=known.weights)

    return read


@pytest.mark.original
@pytest.mark.parametrize("name", list(pretrained.MUSICNN))
def test_outputs_are_those_of_the_authors_own_network(name: str, published: Path, converted: Callable) -> None:
    network = converted(name, list(REFERENCE))
    with np.load(published / "oracle.npz", allow_pickle=False) as oracle:
        for sound in SOUNDS:
            samples, _ = spectrograms.load(published / f"audio/{sound}.mp3", sample_rate=16000)
            windows = front_ends.windows(samples, pretrained.WINDOWS_OF_MUSICNN)
            wanted = {
                part: oracle[f"{pretrained.MUSICNN[name].folder}/{sound}/{REFERENCE[part]}"] for part in REFERENCE
            }
            assert {len(rows) for rows in wanted.values()} == {len(windows)}
            widths = np.cumsum([rows.shape[1] for rows in wanted.values()])[:-1]
            found = dict(zip(REFERENCE, np.split(network(windows), widths), strict=True))
            np.testing.assert_allclose(found["taggram"], wanted["taggram"].mean(axis=0), atol=1e-4)
            for part, rows in wanted.items():
                assert np.abs(found[part] - rows.mean(axis=0)).max() < 2e-3 * np.abs(rows).max(), part
            each = np.stack([network(window[None]) for window in windows[:2]])
            for rows, part in zip(np.split(each, widths, axis=1), REFERENCE, strict=True):
                assert np.abs(rows - wanted[part][:2]).max() < 2e-3 * np.abs(wanted[part]).max(), part


@pytest.mark.original
def test_layers_of_frames_are_those_of_the_authors_own_network(published: Path, musicnn: ModuleType, keras: ModuleType):
    model = musicnn.build()
    checkpoint = backend.read_checkpoint(f"{published / 'MTT_musicnn'}/")
    musicnn.install(model, checkpoint)
    samples, _ = spectrograms.load(published / f"audio/{SOUNDS[0]}.mp3", sample_rate=16000)
    windows = front_ends.windows(samples, pretrained.WINDOWS_OF_MUSICNN)[:1]
    with np.load(published / "oracle.npz", allow_pickle=False) as oracle:
        for layer in ("timbral", "temporal", "cnn3"):
            found = keras.Model(model.inputs, model.get_layer(layer).output).predict_on_batch(windows)[0, :64]
            wanted = oracle[f"MTT_musicnn/{SOUNDS[0]}/{layer}_first_frames"]
            assert np.abs(found - wanted).max() < 2e-3 * np.abs(wanted).max()


@pytest.fixture(scope="session")
def made(musicnn: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, np.ndarray], str]:
    """Give a network of random weights: its file, its checkpoint, its digest."""
    model, rng, checkpoint = musicnn.build(), np.random.default_rng(3), {}
    for name, kind, parts in musicnn.VARIABLES:
        layer = model.get_layer(name)
        for part, weight in zip(parts, layer.weights, strict=True):
            checkpoint[f"{kind}/{part}"] = rng.uniform(0.01, 0.1, weight.shape).astype(np.float32)
    musicnn.install(model, checkpoint)
    path = tmp_path_factory.mktemp("made") / "made.keras"
    musicnn.convert(checkpoint, path, digest=musicnn.digest_of(model))
    return path, checkpoint, musicnn.digest_of(model)


def test_a_vector_is_the_mean_over_windows_and_frames(musicnn, made, keras, rng):
    path, _, digest = made
    windows = rng.uniform(0, 4, (9, 187, 96)).astype(np.float32)  # more than are computed at once
    joined = musicnn.network(path, ["cnn2", "taggram"], digest=digest)(windows)
    assert joined.shape == (64 + 50,)
    assert joined.dtype == np.float32
    whole = keras.saving.load_model(path, compile=False)
    outputs = [whole.get_layer(name).output for name in ("cnn2", "taggram")]
    frames, tags = keras.Model(whole.inputs, outputs).predict_on_batch(windows)
    np.testing.assert_allclose(joined, np.concatenate([frames.mean(axis=(0, 1)), tags.mean(axis=0)]), rtol=1e-4)


def test_every_layer_that_features_may_be_made_of_is_there(musicnn):
    widths = {"mean": 753, "max": 753, "penultimate": 200, "taggram": 50, "timbral": 408, "temporal": 153}
    widths |= dict.fromkeys(("cnn1", "cnn2", "cnn3"), 64)
    model = musicnn.build()
    assert {name: model.get_layer(name).output.shape[-1] for name in pretrained.LAYERS} == widths
    window = pretrained.WINDOWS_OF_MUSICNN
    assert model.input_shape == (None, window["window"], window["front_end"]["bins"])


def test_the_same_checkpoint_gives_the_same_bytes(musicnn, made, tmp_path):
    path, checkpoint, digest = made
    musicnn.convert(checkpoint, tmp_path / "again.keras", digest=digest)
    assert (tmp_path / "again.keras").read_bytes() == path.read_bytes()


def test_other_weights_are_refused(musicnn, made, tmp_path):
    path, checkpoint, digest = made
    other = {**checkpoint, "dense/bias": checkpoint["dense/bias"] + 1}
    with pytest.raises(TartarusError, match=rf"other\.keras: wrong checksum of the weights: .*, expected {digest}"):
        musicnn.convert(other, tmp_path / "other.keras", digest=digest)
    assert not (tmp_path / "other.keras").exists()
    with pytest.raises(TartarusError, match=r"made\.keras: wrong checksum of the weights"):
        musicnn.network(path, ["mean"], digest="0" * 64)
    lacking = {name: value for name, value in checkpoint.items() if name != "conv2d_7/kernel"}
    with pytest.raises(TartarusError, match=r"conv2d_7: not the weights of musicnn"):
        musicnn.convert(lacking, tmp_path / "other.keras", digest=digest)


def test_a_checkpoint_that_is_none_is_named(keras, tmp_path):
    (tmp_path / ".index").write_bytes(b"no checkpoint")
    with pytest.raises(TartarusError, match=r"not a checkpoint"):
        backend.read_checkpoint(f"{tmp_path}/")
