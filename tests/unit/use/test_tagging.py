"""Tagging: what is said of a file is what would be said of it in a dataset."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
import soundfile
from PIL import Image
from tartarus.base.errors import TartarusError
from tartarus.base.files import sha256
from tartarus.evaluation import multilabel
from tartarus.features import store
from tartarus.features.pictures import colours, covers
from tartarus.features.sound import extraction, patches, pretrained, spectrograms, statistics
from tartarus.features.sound.shards import places_in, read_spectrograms
from tartarus.features.text import semantic, vsm
from tartarus.items.inbox import Found
from tartarus.learning import model_files, networks, onnx_files, prediction
from tartarus.plan.feature_kinds import PRETRAINED
from tartarus.plan.pretrained import WINDOWS_OF_MUSICNN
from tartarus.use import inputs, loading, tag_tables, tagging
from tartarus.use.hearing import Heard, Need, front_end, hear

RATE = 8000
AUDIO = {"type": "stft", "sample_rate": RATE, "hop": 400, "n_fft": 256}
SECONDS, BINS = 2, 129
BOW = {"words": 300, "sublinear_tf": True, "max_df": 0.9, "max_features": 100}
TEXTS = {"A": "red river red", "B": "blue river moon", "C": "moon over red hills"}
PATCHES = {"kind": "patches_<n>_<sec>", "pad": "floor", "min_seconds": 0.5}


@pytest.fixture
def sounds(tmp_path: Path, rng: np.random.Generator) -> dict[str, Path]:
    """Write three sounds of exactly a patch's length, and a little."""
    found = {}
    for id_ in TEXTS:
        found[id_] = tmp_path / f"{id_}.wav"
        soundfile.write(found[id_], 0.1 * rng.standard_normal(SECONDS * RATE), RATE)
        (tmp_path / f"{id_}.txt").write_text(TEXTS[id_], encoding="utf-8")
    return found


@pytest.fixture
def files(tmp_path: Path, sounds: dict[str, Path]) -> dict[str, Any]:
    """Make the features of these items as the rules do."""
    tracks = list(sounds.items())
    spectrograms.write_shard(tmp_path / "s.hdf5", tmp_path / "s.tsv", tracks, {**AUDIO, "min_seconds": 0.5})
    how = {"count": 1, "seconds": SECONDS, "how": "even", "pad": "floor", "seed": 1}
    patches.write_patches(tmp_path / "patches.hdf5", list(sounds), [tmp_path / "s.hdf5"], AUDIO, **how)
    vectorizer = vsm.fit(list(TEXTS.values()), BOW)
    words = vectorizer.get_feature_names_out().tolist()
    signature = {"kind": "bow", **BOW, "vocabulary": "of the test"}
    vectors = vsm.transform(vectorizer, list(TEXTS.values()), BOW)
    store.write_vectors(tmp_path / "X_test_bow_SONGS.npz", vectors, list(TEXTS), signature)
    return {"words": words, "weights": vectorizer.idf_, "signature": signature}


def sound_model(folder: Path, seed: int, *, name: str = "sound", n_outputs: int = 3) -> str:
    import keras

    keras.utils.set_random_seed(seed)
    with store.open_features(folder / "patches.hdf5") as opened:
        entry = networks.Input("patches_1_2", opened.shape, opened.signature, moments=store.moments(opened))
    network = {"name": "cnn", "filters": [4], "kernels": [[3, BINS]], "pools": [[4, 1]]}
    model = networks.build(name, [entry], network=network, output="sigmoid", n_outputs=n_outputs)
    model_files.save(model, folder / f"{name}{seed}.keras")
    return str(folder / f"{name}{seed}.keras")


def found_of(sounds: dict[str, Path]) -> list[Found]:
    return [Found(id_, path, path.with_suffix(".txt")) for id_, path in sounds.items()]


def said(chain: loading.Chain, found: list[Found], **how: Any) -> dict[str, tagging.Said]:
    return {one.heard.found.id: one for one in tagging.say(chain, found, **{"trim": 0.0, "hop": 0.5, **how})}


def predicted(path: str, inputs: list[Any]) -> np.ndarray:
    _, blocks = prediction.predict(model_files.load(path), inputs, list(TEXTS))
    return np.concatenate(list(blocks))


def test_a_file_of_one_window_is_scored_as_its_patch_is_in_a_dataset(tmp_path, sounds, files):
    paths = [sound_model(tmp_path, seed) for seed in (1, 2)]
    found = said(loading.load({"models": paths, "inputs": [PATCHES]}), found_of(sounds))
    with store.open_features(tmp_path / "patches.hdf5") as opened:
        wanted = np.mean([predicted(path, [opened]) for path in paths], axis=0)
    np.testing.assert_allclose([found[id_].scores for id_ in TEXTS], wanted, atol=1e-6)
    assert [found[id_].heard.status for id_ in TEXTS] == ["ok"] * 3
    assert found["A"].heard.seconds == SECONDS


def test_the_front_end_is_that_of_the_dataset_bit_for_bit(tmp_path, sounds, files):
    with store.open_features(tmp_path / "patches.hdf5") as opened:
        need, ids, patched = Need(PATCHES, opened.signature), opened.index.tolist(), opened.rows(np.arange(len(TEXTS)))
    stored = dict(read_spectrograms(places_in([tmp_path / "s.hdf5"]).values()))
    for one in found_of(sounds):
        heard = hear(one, [need], keep_spectrogram=True, trim=0.0, hop=0.5)
        np.testing.assert_array_equal(heard.spectrogram, stored[one.id])
        np.testing.assert_array_equal(heard.windows[front_end(need)][0], patched[ids.index(one.id)])


def test_words_are_weighed_as_in_training(tmp_path, sounds, files):
    entry = networks.Input("bow", (len(files["words"]),), files["signature"], files["words"], files["weights"])
    model = networks.build("words", [entry], network={"name": "mlp"}, output="softmax", n_outputs=3)
    model_files.save(model, tmp_path / "words.keras")
    chain = loading.load({"models": [str(tmp_path / "words.keras")], "inputs": [{"kind": "bow"}]})
    found = said(chain, found_of(sounds))
    with store.open_features(tmp_path / "X_test_bow_SONGS.npz") as opened:
        wanted = predicted(str(tmp_path / "words.keras"), [opened])
    np.testing.assert_allclose([found[id_].scores for id_ in TEXTS], wanted, atol=1e-5)


def test_what_is_measured_of_a_whole_sound_and_a_cover_are_as_in_the_dataset(tmp_path, sounds, rng):
    pictured = [(id_, path.with_suffix(".png")) for id_, path in sounds.items()]
    for _, path in pictured:
        Image.fromarray(rng.integers(0, 255, (40, 50, 3), np.uint8)).save(path)
    options, tracks = {"hop": 400, "n_fft": 256, "sample_rate": RATE}, list(sounds.items())
    spectrograms.write_shard(
        tmp_path / "t.hdf5",
        tmp_path / "t.tsv",
        tracks,
        {**options, "min_seconds": 0.5},
        transform=statistics.timbre,
        width=48,
    )
    statistics.write_set(tmp_path / "X_test_timbre_SONGS.npz", list(sounds), [tmp_path / "t.hdf5"], "timbre", options)
    covers.write_shard(tmp_path / "c.hdf5", tmp_path / "c.tsv", pictured, pixels=32)
    covers.write_set(tmp_path / "pictures_test_SONGS.hdf5", list(sounds), [tmp_path / "c.hdf5"], pixels=32)
    colours.write_set(tmp_path / "X_test_colours_SONGS.npz", tmp_path / "pictures_test_SONGS.hdf5")
    vectors = {kind: tmp_path / f"X_test_{kind}_SONGS.npz" for kind in ("timbre", "colours")}
    files = {**vectors, "pictures": tmp_path / "pictures_test_SONGS.hdf5"}
    networks_of = {
        "timbre": {"name": "mlp"},
        "colours": {"name": "mlp"},
        "pictures": {"name": "picture-cnn", "filters": [4]},
    }
    plans = {kind: {"kind": kind} for kind in files} | {"timbre": {"kind": "timbre", "min_seconds": 0.5}}
    found = [Found(id_, path, None, path.with_suffix(".png")) for id_, path in tracks]
    for kind, file in files.items():
        path = str(tmp_path / f"{kind}.keras")
        with store.open_features(file) as opened:
            moments = store.moments(opened) if kind in vectors else None
            entry = networks.Input(kind, opened.shape, opened.signature, moments=moments)
            model = networks.build(kind, [entry], network=networks_of[kind], output="softmax", n_outputs=3)
            model_files.save(model, path)
            wanted = predicted(path, [opened])
        chain = loading.load({"models": [path], "inputs": [plans[kind]]})
        scores = said(chain, found)
        np.testing.assert_allclose([scores[id_].scores for id_ in TEXTS], wanted, atol=1e-6)
    # The last model is that of covers.
    (tmp_path / "page.jpg").write_text("<html>", encoding="utf-8")
    Image.new("RGB", (40, 40), "red").save(tmp_path / "red.png")
    odd = {name: Found(name, None, None, tmp_path / name) for name in ("page.jpg", "red.png")}
    scores = said(chain, [*odd.values(), Found("A", sounds["A"])])
    assert {name: (one.heard.status, one.scores is None) for name, one in scores.items()} == {
        "page.jpg": ("undecodable", True),
        "red.png": ("blank", False),
        "A": ("missing", True),
    }
    assert scores["A"].heard.detail == "no cover beside it, which the model needs"


def test_vectors_of_files_are_those_that_a_dataset_has_of_them(fusion, files, sounds, tmp_path):
    options = {"hop": 400, "n_fft": 256, "sample_rate": RATE}
    how = {"transform": statistics.timbre, "width": 48}
    listening = {**options, "min_seconds": 0.5}
    spectrograms.write_shard(tmp_path / "t.hdf5", tmp_path / "t.tsv", list(sounds.items()), listening, **how)
    statistics.write_set(tmp_path / "X_test_timbre_SONGS.npz", list(sounds), [tmp_path / "t.hdf5"], "timbre", options)
    store.write_vocabulary(tmp_path / "vocabulary_bow_SONGS.npz", files["words"], files["weights"])
    source = {"models": [str(tmp_path / "sound1.keras")], "inputs": [PATCHES]}
    layer = {"kind": "<model>-pred_<layer>", "model": "sound", "layer": "flatten", "source": source}
    plans = {
        "timbre": {"kind": "timbre", "min_seconds": 0.5},
        "bow": {"kind": "bow"},
        "sound-pred_flatten": layer,
    }
    (tmp_path / "noise.wav").write_text("no sound", encoding="utf-8")
    found = [*found_of(sounds), Found("N", tmp_path / "noise.wav")]
    for features, plan in plans.items():
        path = tmp_path / f"X_test_{features}_SONGS.npz"
        vocabulary = [tmp_path / "vocabulary_bow_SONGS.npz"] if features == "bow" else []
        embedded = tagging.embed(loading.to_vectors(plan, path, vocabulary), found, trim=0.0, hop=0.5)
        made = {heard.found.id: vector for heard, vector in embedded}
        with store.open_features(path) as opened:
            wanted = dict(zip(opened.index, opened.rows(np.arange(len(TEXTS))), strict=True))
        assert made.pop("N") is None
        for id_, vector in wanted.items():
            np.testing.assert_allclose(made[id_], vector, atol=1e-6)


def write_onnx(path: Path) -> dict[str, Any]:
    """Write a network of random weights that hears waves of 100 samples; give what features by it depend on."""
    from onnx import TensorProto, helper, numpy_helper

    weights = np.random.default_rng(0).standard_normal((100, 4)).astype(np.float32)
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", length]) for name, length in ENDS]
    node, kept = helper.make_node("MatMul", ["wave", "weights"], ["heard"]), numpy_helper.from_array(weights, "weights")
    graph = helper.make_graph([node], "made", ends[:1], ends[1:], [kept])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    how = {"front_end": {"type": "waveform", "sample_rate": RATE}, "window": 100, "hop": 100, "node": "heard"}
    return {**how, "axis": -1, "bins_first": False, "parts": ["mean", "max"], "weights": sha256(path)}


ENDS = (("wave", 100), ("heard", 4))


@pytest.mark.parametrize("kind", ["musicnn", "onnx"])
def test_what_a_pretrained_network_makes_of_a_sound_is_as_in_the_dataset(tmp_path, sounds, kind):
    body, plan = tmp_path / f"body.{kind}", {"kind": PRETRAINED.name, "min_seconds": 0.5}
    if kind == "onnx":
        options, plan = write_onnx(body), {**plan, "threads": 1}
        network = onnx_files.network(body, options)
    else:
        from tartarus.learning import musicnn

        built, body = musicnn.build(), tmp_path / "body.keras"
        model_files.save(built, body)
        options = {**WINDOWS_OF_MUSICNN, "parts": ["taggram", "cnn1"], "weights": musicnn.digest_of(built)}
        network = musicnn.network(body, options["parts"], digest=options["weights"])
    name = "pretrained_body_" + "-".join(options["parts"])
    shard, vectors = tmp_path / "p.hdf5", tmp_path / f"X_test_{name}_SONGS.npz"
    pretrained.write_shard(shard, tmp_path / "p.tsv", list(sounds.items()), network, options, min_seconds=0.5)
    statistics.write_set(vectors, list(sounds), [shard], name, options)
    with store.open_features(vectors) as opened:
        entry = networks.Input("heard", opened.shape, opened.signature, moments=store.moments(opened))
        model = networks.build("heard", [entry], network={"name": "mlp"}, output="softmax", n_outputs=3)
        model_files.save(model, tmp_path / "heard.keras")
        wanted = predicted(str(tmp_path / "heard.keras"), [opened])
    whole = {"models": [str(tmp_path / "heard.keras")], "inputs": [{**plan, "network": str(body)}]}
    found = said(loading.load(whole), [*found_of(sounds), Found("gone", tmp_path / "gone.wav", None)], workers=2)
    np.testing.assert_allclose([found[id_].scores for id_ in TEXTS], wanted, atol=1e-6)
    assert (found["gone"].heard.status, found["gone"].scores) == ("missing", None)
    # Not those of training.
    if kind == "onnx":
        body.write_bytes(b"another network")
    else:
        model_files.save(musicnn.build(), body)
    with pytest.raises(TartarusError, match=rf"{body.name}: wrong checksum"):
        loading.load(whole)


@pytest.mark.parametrize(
    "options", [{"ngram_range": [1, 2], "stop_words": ["over"]}, {"analyzer": "char_wb", "ngram_range": [2, 3]}]
)
def test_texts_in_the_table_are_taken_apart_as_in_training(tmp_path, options):
    texts = dict.fromkeys(("train", "val", "test"), TEXTS)
    vectors = {set_: str(tmp_path / f"X_{set_}_bow_SONGS.npz") for set_ in texts}
    vocabulary = str(tmp_path / "vocabulary_bow_SONGS.npz")
    settings = {**BOW, **vsm.PLAIN, **options}
    vsm.write(texts, settings, {"kind": "bow", **vsm.signed(settings)}, vectors=vectors, vocabulary=vocabulary)
    ((words, weights),) = store.read_vocabularies([vocabulary], ["bow"]).values()
    assert {"red river", "ed "}.intersection(words)
    with store.open_features(vectors["test"]) as opened:
        entry = networks.Input("bow", opened.shape, opened.signature, words, weights)
        model = networks.build("words", [entry], network={"name": "mlp"}, output="softmax", n_outputs=3)
        model_files.save(model, tmp_path / "words.keras")
        wanted = predicted(str(tmp_path / "words.keras"), [opened])
    chain = loading.load({"models": [str(tmp_path / "words.keras")], "inputs": [{"kind": "bow"}]})
    found = said(chain, [Found(id_, None, words=text) for id_, text in TEXTS.items()])
    np.testing.assert_allclose([found[id_].scores for id_ in TEXTS], wanted, atol=1e-5)


def test_a_sound_is_measured_as_the_recordings_of_an_archive_and_what_cannot_be_is_told(
    tmp_path, sounds, rng, monkeypatch
):
    measured = {id_: {"lowlevel": {"x": rng.random(4).tolist()}} for id_ in TEXTS}
    lengths = {id_: (number + 1) * 44_100 for number, id_ in enumerate(TEXTS)}
    for id_, path in sounds.items():
        soundfile.write(path, 0.1 * rng.standard_normal(lengths[id_]), 44_100)

    def measure(samples: np.ndarray) -> dict[str, Any]:
        if len(samples) > 4 * 44_100:
            raise ValueError("Essentia cannot measure it: too long")
        return measured[next(id_ for id_, length in lengths.items() if length == len(samples))]

    monkeypatch.setattr(extraction, "_measured", measure)
    columns = [f"lowlevel.x.{number}" for number in (2, 0, 3)]
    (tmp_path / "COLUMNS.tsv").write_text("\n".join(columns), encoding="utf-8")
    rows = np.array([[one["lowlevel"]["x"][number] for number in (2, 0, 3)] for one in measured.values()], np.float32)
    signature = {"archive": "AcousticBrainz", "features": "patches_1_1", "kind": "archive"}
    path = str(tmp_path / "genres.keras")
    entry = networks.Input("patches_1_1", (3,), signature, moments=(rows.mean(axis=0), rows.var(axis=0)))
    model = networks.build("genres", [entry], network={"name": "mlp"}, output="sigmoid", n_outputs=3)
    model_files.save(model, path)
    plan = {"kind": "recordings", "columns": str(tmp_path / "COLUMNS.tsv"), "min_seconds": 0.5}
    soundfile.write(tmp_path / "long.wav", 0.1 * rng.standard_normal(5 * 44_100), 44_100)
    found = [*found_of(sounds), Found("L", tmp_path / "long.wav")]
    chain = loading.load({"models": [path], "inputs": [plan]})
    (tmp_path / "COLUMNS.tsv").unlink()  # it is read
    scores = said(chain, found, workers=2)
    wanted = predicted(path, [inputs.InMemory("of the test", list(TEXTS), signature, rows)])
    np.testing.assert_allclose([scores[id_].scores for id_ in TEXTS], wanted, atol=1e-6)
    assert (scores["L"].scores, scores["L"].heard.status) == (None, "undecodable")
    assert scores["L"].heard.detail == f"{tmp_path}/long.wav: Essentia cannot measure it: too long"


NAMES = "entity\taliases\tcategories\nThe Red River\tred river\trivers of clay\nThe Moon\tmoon\tlights\n"


def test_names_are_found_by_the_gazetteer_of_training_and_by_no_other(tmp_path, sounds):
    path = tmp_path / "gazetteer.tsv"
    path.write_text(NAMES, encoding="utf-8")
    (tmp_path / "texts.jsonl").write_text(
        "".join(
            json.dumps({"id": id_, "set": set_, "text": text}) + "\n"
            for set_ in ("train", "test")
            for id_, text in TEXTS.items()
        ),
        encoding="utf-8",
    )
    folding = {"fold_case": True, "fold_accents": True}
    by_set, linked_with = semantic.read(tmp_path / "texts.jsonl", path, words=300, linking_options=folding)
    vectors = {set_: str(tmp_path / f"X_{set_}_sem_SONGS.npz") for set_ in by_set}
    vocabulary = str(tmp_path / "vocabulary_sem_SONGS.npz")
    signature = {"kind": "sem", **BOW, **linked_with}
    vsm.write(by_set, {**BOW, "words": None}, signature, vectors=vectors, vocabulary=vocabulary)
    ((words, weights),) = store.read_vocabularies([vocabulary], ["sem"]).values()
    assert {"the_red_river", "rivers_of_clay"} <= set(words)
    model_path = str(tmp_path / "names.keras")
    with store.open_features(vectors["test"]) as opened:
        entry = networks.Input("sem", opened.shape, opened.signature, words, weights)
        model = networks.build("names", [entry], network={"name": "mlp"}, output="softmax", n_outputs=3)
        model_files.save(model, model_path)
        wanted = predicted(model_path, [opened])
    plan = {"models": [model_path], "inputs": [{"kind": "sem", "gazetteer": str(path)}]}
    found = said(loading.load(plan), found_of(sounds))
    np.testing.assert_allclose([found[id_].scores for id_ in TEXTS], wanted, atol=1e-6)
    path.write_text(NAMES.replace("lights", "planets"), encoding="utf-8")
    with pytest.raises(TartarusError, match=r"gazetteer\.tsv: not the gazetteer that the model was trained with; put"):
        loading.load(plan)
    path.unlink()
    with pytest.raises(TartarusError, match="not the gazetteer"):
        loading.load(plan)


@pytest.fixture
def planned_fusion(tmp_path: Path, files: dict[str, Any]) -> tuple[dict[str, Any], np.ndarray]:
    """Make a model of a layer of sound and of words: its chain, and what it says of the items of the dataset."""
    source = sound_model(tmp_path, 1)
    layer = prediction.sub_model(model_files.load(source), "flatten")
    signature = {"kind": "layer", "model": "sound", "layer": "flatten", "weights": model_files.weights_digest(source)}
    with store.open_features(tmp_path / "patches.hdf5") as opened:
        _, blocks = prediction.predict(layer, [opened], list(TEXTS), signatures_of=model_files.load(source))
        vectors = np.concatenate(list(blocks))
    store.write_vectors(tmp_path / "X_test_sound-pred_flatten_SONGS.npz", vectors, list(TEXTS), signature)
    inputs = [
        networks.Input("sound-pred_flatten", vectors.shape[1:], signature),
        networks.Input("bow", (len(files["words"]),), files["signature"], files["words"], files["weights"]),
    ]
    model = networks.build("both", inputs, network={"name": "fusion"}, output="softmax", n_outputs=3)
    model_files.save(model, tmp_path / "both.keras")
    plan = {"kind": "<model>-pred_<layer>", "model": "sound", "layer": "flatten"}
    chain = {
        "models": [str(tmp_path / "both.keras")],
        "inputs": [{**plan, "source": {"models": [source], "inputs": [PATCHES]}}, {"kind": "bow"}],
    }
    with (
        store.open_features(tmp_path / "X_test_sound-pred_flatten_SONGS.npz") as sound,
        store.open_features(tmp_path / "X_test_bow_SONGS.npz") as words,
    ):
        return chain, predicted(str(tmp_path / "both.keras"), [sound, words])


@pytest.fixture
def fusion(planned_fusion: tuple[dict[str, Any], np.ndarray]) -> tuple[loading.Chain, np.ndarray]:
    """Read this model."""
    chain, wanted = planned_fusion
    return loading.load(chain), wanted


def test_a_whole_chain_says_what_the_dataset_s_features_lead_to(fusion, sounds):
    chain, wanted = fusion
    found = said(chain, found_of(sounds))
    np.testing.assert_allclose([found[id_].scores for id_ in TEXTS], wanted, atol=1e-5)


def test_a_chain_that_is_read_needs_its_files_no_longer(fusion, sounds, tmp_path):
    chain, wanted = fusion
    version = chain.digest()
    for path in tmp_path.glob("*.keras"):
        path.unlink()
    found = said(chain, found_of(sounds))
    np.testing.assert_allclose([found[id_].scores for id_ in TEXTS], wanted, atol=1e-5)
    assert chain.digest() == version


def test_what_lacks_its_words_is_told_and_others_go_on(fusion, sounds, tmp_path):
    chain, wanted = fusion
    (tmp_path / "noise.wav").write_text("no sound", encoding="utf-8")
    found = found_of(sounds)
    found[1] = Found("B", sounds["B"], None)
    found.append(Found("N", tmp_path / "noise.wav", sounds["A"].with_suffix(".txt")))
    scores = said(chain, found)
    assert (scores["B"].scores, scores["B"].heard.status) == (None, "missing")
    assert scores["B"].heard.detail == "no text beside it, which the model needs"
    assert (scores["N"].scores, scores["N"].heard.status) == (None, "undecodable")
    np.testing.assert_allclose(scores["C"].scores, wanted[2], atol=1e-5)


def test_a_layer_of_other_models_is_refused(fusion, sounds, tmp_path):
    chain, _ = fusion
    other = loading.load({"models": [sound_model(tmp_path, 7)], "inputs": [PATCHES]})
    door = loading.to_layer(other, "flatten", model="sound")
    with pytest.raises(Exception, match="not the features of this model: weights is"):
        said(loading.Chain(chain.paths, chain.weights, chain.models, [door, chain.doors[1]]), found_of(sounds))


def test_a_long_file_is_the_mean_of_its_windows(tmp_path, files, rng):
    soundfile.write(tmp_path / "long.wav", 0.1 * rng.standard_normal(10 * RATE), RATE)
    path = sound_model(tmp_path, 1)
    chain = loading.load({"models": [path], "inputs": [PATCHES]})
    found = said(chain, [Found("L", tmp_path / "long.wav", None)], trim=0.15, timeline=True)["L"]
    _, spectrogram = spectrograms.analyse("L", tmp_path / "long.wav", {**AUDIO, "min_seconds": 0.5})
    frames = int(SECONDS * RATE / AUDIO["hop"])
    total = len(spectrogram)
    begins = range(round(0.15 * total), total - round(0.15 * total) - frames + 1, frames // 2)
    rows = np.stack([spectrogram[begin : begin + frames] for begin in begins])[:, None]
    alone = model_files.load(path).predict_on_batch(rows)
    np.testing.assert_allclose(found.scores, alone.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(found.timeline, alone, atol=1e-6)
    np.testing.assert_allclose(found.begins, np.array(begins) * AUDIO["hop"] / RATE)


def test_what_is_yielded_holds_nothing_that_grows_with_the_sound(tmp_path, sounds, files):
    chain = loading.load({"models": [sound_model(tmp_path, 1)], "inputs": [PATCHES]})
    how = {"trim": 0.0, "hop": 0.5}
    embedded = [heard for heard, _ in tagging.embed(loading.to_layer(chain, "flatten"), found_of(sounds), **how)]
    tagged = [one.heard for one in tagging.say(chain, found_of(sounds), **how)]
    for heard in embedded + tagged:
        assert (heard.windows, heard.wholes, heard.spectrogram, heard.text) == ({}, {}, None, None)
        assert heard.seconds == SECONDS
    pictured = [one.heard.spectrogram for one in tagging.say(chain, found_of(sounds), keep_spectrogram=True, **how)]
    wanted = [spectrograms.analyse(id_, path, {**AUDIO, "min_seconds": 0.5})[1] for id_, path in sounds.items()]
    np.testing.assert_array_equal(pictured, wanted)


def test_files_are_decoded_a_few_ahead_and_no_more(tmp_path, sounds, files, monkeypatch):
    chain, heard = loading.load({"models": [sound_model(tmp_path, 1)], "inputs": [PATCHES]}), []
    monkeypatch.setattr(tagging, "FILES_AT_ONCE", 1)
    monkeypatch.setattr(tagging, "hear", lambda found, *_, **__: heard.append(found.id) or Heard(found))
    many = [Found(str(number), None) for number in range(30)]
    ahead = [len(heard) - given for given, _ in enumerate(tagging.in_groups(chain.doors, many, workers=2), start=1)]
    assert len(ahead) == 30
    assert 0 <= max(ahead) <= 2 * 2


def test_scores_do_not_depend_on_the_other_files(tmp_path, sounds, files):
    chain = loading.load({"models": [sound_model(tmp_path, 1)], "inputs": [PATCHES]})
    together = {id_: tag_tables.entry_of(one) for id_, one in said(chain, found_of(sounds), workers=2).items()}
    alone = [tag_tables.entry_of(said(chain, [one])[one.id]) for one in found_of(sounds)]
    assert list(together.values()) == alone


def test_factors_become_classes_by_their_cosine(tmp_path, sounds, files, rng):
    factors = rng.standard_normal((5, 3)).astype(np.float32)
    path = sound_model(tmp_path, 1)
    found = said(loading.load({"models": [path], "inputs": [PATCHES]}, factors), found_of(sounds))
    with store.open_features(tmp_path / "patches.hdf5") as opened:
        wanted = multilabel.class_scores(predicted(path, [opened])[None], factors)[0]
    np.testing.assert_allclose([found[id_].scores for id_ in TEXTS], wanted, atol=1e-6)


# --- Tables ----------------------------------------------------------------------------------------------

ENTRY = {"file": "a.mp3", "status": "ok", "detail": "", "seconds": 30.0, "scores": [0.2, 0.7, 0.6]}


def test_of_one_class_the_best_is_told_of_many_those_that_reach_their_threshold() -> None:
    row = tag_tables.row_of(ENTRY, ["x", "y", "z"], None, top=2)
    assert (row["classes"], row["best"]) == ("y", "y: 0.70000|z: 0.60000")
    row = tag_tables.row_of(ENTRY, ["x", "y", "z"], np.array([0.2, 0.8, 0.5]), top=1)
    assert (row["classes"], row["best"]) == ("z|x", "y: 0.70000")
    assert tag_tables.row_of({**ENTRY, "scores": None}, ["x"], None, top=1)["classes"] == ""


def test_what_was_said_is_remembered_for_the_same_models_alone(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_text("x", encoding="utf-8")
    found = Found("a.mp3", tmp_path / "a.mp3", None)
    tag_tables.remember(tmp_path / "kept.json", "one", [(found, ENTRY)])
    assert tag_tables.remembered(tmp_path / "kept.json", "one") == {"a.mp3": (found.stamp, ENTRY)}
    assert tag_tables.remembered(tmp_path / "kept.json", "two") == {}
    (tmp_path / "kept.json").write_text("{", encoding="utf-8")
    assert tag_tables.remembered(tmp_path / "kept.json", "one") == {}


def test_a_shorter_min_seconds_lets_files_be_heard_that_were_too_short(tmp_path, sounds, files):
    how, path = {"trim": 0.0, "hop": 0.5, "timeline": False}, sound_model(tmp_path, 1)

    def tagged(min_seconds: float) -> list[Any]:
        plan = {"models": [path], "inputs": [{**PATCHES, "min_seconds": min_seconds}]}
        chain = loading.load(plan)
        version = tag_tables.version_of(chain, plan, how, "code")
        return tag_tables.up_to_date(
            chain, found_of(sounds), memory=tmp_path / "kept.json", version=version, workers=1, **how
        )

    assert [entry["status"] for entry in tagged(SECONDS + 1)] == ["too short"] * 3
    assert [entry["status"] for entry in tagged(SECONDS)] == ["ok"] * 3


def test_sparse_features_in_memory_become_dense_as_they_are_read() -> None:
    features = inputs.InMemory("x", ["a", "b"], {}, scipy.sparse.csr_matrix(np.eye(2)))
    assert features.rows(np.array([1])).tolist() == [[0.0, 1.0]]


# --- Odd files -------------------------------------------------------------------------------------------


def test_a_silent_file_is_scored_and_said_to_be_and_one_too_short_or_unreadable_is_only_told(tmp_path, sounds, files):
    chain = loading.load({"models": [sound_model(tmp_path, 1)], "inputs": [PATCHES]})
    soundfile.write(tmp_path / "silent.wav", np.zeros(SECONDS * RATE), RATE)
    soundfile.write(tmp_path / "short.wav", np.full(RATE // 5, 0.1), RATE)
    (tmp_path / "broken.wav").write_bytes(sounds["A"].read_bytes()[:2000])
    names = ("silent", "short", "broken")
    found = said(chain, [*(Found(name, tmp_path / f"{name}.wav") for name in names), Found("A", sounds["A"])])
    told = {name: (found[name].heard.status, found[name].scores is not None) for name in (*names, "A")}
    wanted = {"silent": ("silent", True), "short": ("too short", False), "broken": ("undecodable", False)}
    assert told == {**wanted, "A": ("ok", True)}
    assert found["short"].heard.detail.endswith("short.wav: 0.2 s, shorter than min_seconds 0.5")


@pytest.mark.slow
def test_three_hours_are_heard_to_their_end(tmp_path, files, rng):
    path, hours = tmp_path / "long.flac", 3 * 3600
    soundfile.write(path, np.tile(0.1 * rng.standard_normal(60 * RATE), hours // 60), RATE)
    chain = loading.load({"models": [sound_model(tmp_path, 1)], "inputs": [PATCHES]})
    one = said(chain, [Found("L", path)], timeline=True)["L"]
    assert (one.heard.status, one.heard.seconds) == ("ok", hours)
    assert one.begins[-1] + SECONDS == pytest.approx(hours, abs=SECONDS)
    np.testing.assert_allclose(one.scores, one.timeline.mean(axis=0), atol=1e-5)
