"""Texts as word ids, and vectors of words."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.features.text import word2vec

SETTINGS: dict[str, Any] = {
    "dimensions": 8,
    "window": 3,
    "min_count": 1,
    "sample": 0.001,
    "epochs": 3,
    "pretrained": None,
}
TEXTS = ["Sol, sol y mar", "luna y sol", "mar de luna"] * 5
WORDS = ["<padding>", "<unknown>", "sol", "luna", "mar", "y", "de"]


# --- Words -----------------------------------------------------------------------------------------------


def test_the_vocabulary_is_ordered_by_frequency_then_by_letters() -> None:
    # sol 15, then luna, mar and y 10 each, de 5.
    assert word2vec.vocabulary(TEXTS, min_count=1) == ["<padding>", "<unknown>", "sol", "luna", "mar", "y", "de"]


def test_rare_words_are_left_out() -> None:
    assert word2vec.vocabulary(TEXTS, min_count=10) == ["<padding>", "<unknown>", "sol", "luna", "mar", "y"]


def test_texts_without_a_frequent_word_are_refused_with_the_remedy() -> None:
    with pytest.raises(TartarusError, match="w2v: no word occurs 2 times in the training texts; lower min_count"):
        word2vec.vocabulary(["sol mar", ""], min_count=2)


words = st.sampled_from(["sol", "luna", "mar", "y", "de"])


@given(st.lists(st.lists(words, max_size=12), min_size=1, max_size=4), st.integers(1, 15))
def test_ids_are_turned_back_into_the_words(texts: list[list[str]], length: int) -> None:
    ids = word2vec.sequences([" ".join(text) for text in texts], WORDS, length=length)
    assert ids.shape == (len(texts), length)
    assert ids.dtype == np.int32
    for row, text in zip(ids, texts, strict=True):
        kept = text[:length]
        assert [WORDS[number] for number in row] == kept + ["<padding>"] * (length - len(kept))


def test_a_word_that_was_not_learned_is_unknown() -> None:
    assert word2vec.sequences(["sol desconocido mar"], WORDS, length=5).tolist() == [[2, 1, 4, 0, 0]]


def test_an_empty_text_is_padding_only() -> None:
    assert word2vec.sequences(["", "..."], WORDS, length=3).tolist() == [[0, 0, 0], [0, 0, 0]]


# --- Learned vectors -------------------------------------------------------------------------------------


def test_every_word_has_a_vector_of_unit_length_and_the_padding_none() -> None:
    table = word2vec.embedding(TEXTS, WORDS, SETTINGS, seed=1)
    assert table.shape == (7, 8)
    assert table.dtype == np.float32
    assert not table[word2vec.PADDING].any()
    np.testing.assert_allclose(np.linalg.norm(table[2:], axis=1), 1, atol=1e-6)
    # The unknown word: uniform in [-0.25, 0.25).
    assert table[word2vec.UNKNOWN].any()
    assert np.abs(table[word2vec.UNKNOWN]).max() <= 0.25


def test_words_that_occur_in_the_same_places_are_alike() -> None:
    # `sol` and `luna` are interchangeable here; `piedra` and `arena` stand elsewhere.
    texts = [f"{light} brilla en el cielo alto" for light in ("sol", "luna")] * 60
    texts += [f"la {ground} duerme bajo mis pies" for ground in ("piedra", "arena")] * 60
    known = word2vec.vocabulary(texts, min_count=1)
    settings = {**SETTINGS, "dimensions": 16, "sample": 0, "epochs": 30}
    vectors = dict(zip(known, word2vec.embedding(texts, known, settings, seed=1), strict=True))
    assert vectors["sol"] @ vectors["luna"] > vectors["sol"] @ vectors["piedra"] + 0.1
    assert vectors["piedra"] @ vectors["arena"] > vectors["luna"] @ vectors["arena"] + 0.1


def test_two_runs_are_identical_and_another_seed_is_not() -> None:
    one, two, other = (word2vec.embedding(TEXTS, WORDS, SETTINGS, seed=seed) for seed in (1, 1, 2))
    assert one.tobytes() == two.tobytes()
    # Every vector, those of the learned words and that of the unknown word.
    assert (one[1:] != other[1:]).any(axis=1).all()


def test_another_process_with_another_hash_seed_learns_the_same() -> None:
    program = (
        "import hashlib, json, sys; path, texts, words, settings = json.loads(sys.argv[1]); sys.path[:] = path\n"
        "from tartarus.features.text.word2vec import embedding\n"
        "print(hashlib.sha256(embedding(texts, words, settings, seed=1).tobytes()).hexdigest())"
    )
    arguments = [sys.executable, "-c", program, json.dumps([sys.path, TEXTS, WORDS, SETTINGS])]
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
    here = word2vec.embedding(TEXTS, WORDS, SETTINGS, seed=1).tobytes()
    assert done.stdout.strip() == hashlib.sha256(here).hexdigest()


def test_words_behind_the_ten_thousandth_of_a_text_are_learned() -> None:
    # gensim looks at no more of a sentence: `piedra` and `arena` would keep the vectors that they began with.
    beginning, end = "sol luna " * 5000, "piedra arena " * 500
    known = word2vec.vocabulary([beginning + end], min_count=1)
    settings = {**SETTINGS, "sample": 0, "epochs": 1}
    whole, cut = (
        dict(zip(known, word2vec.embedding([beginning + rest], known, settings, seed=1), strict=True))
        for rest in (end, "piedra arena")
    )
    assert not np.allclose(whole["piedra"], cut["piedra"], atol=1e-3)


def test_a_long_text_gives_what_its_pieces_give() -> None:
    rng = np.random.default_rng(1)
    words_ = [f"w{number}" for number in rng.integers(0, 30, 25_000)]
    pieces = [" ".join(words_[first : first + 10_000]) for first in range(0, 25_000, 10_000)]
    known = word2vec.vocabulary(pieces, min_count=1)
    settings = {**SETTINGS, "epochs": 1}
    one = word2vec.embedding([" ".join(words_)], known, settings, seed=1)
    assert one.tobytes() == word2vec.embedding(pieces, known, settings, seed=1).tobytes()


# --- Pre-trained vectors ---------------------------------------------------------------------------------


@pytest.fixture
def pretrained(tmp_path: Path) -> tuple[Path, dict[str, np.ndarray]]:
    """A binary file of word2vec, and what is in it."""
    values = {word: np.arange(1, 5) * (number + 1.0) for number, word in enumerate(["sol", "mar", "otra"])}
    values["mar"] = np.array([0, 3, 0, -4.0])
    vectors = KeyedVectors(vector_size=4)
    vectors.add_vectors(list(values), list(values.values()))
    vectors.save_word2vec_format(tmp_path / "vectors.bin", binary=True)
    return tmp_path / "vectors.bin", values


def test_pretrained_vectors_are_used_at_unit_length(pretrained: tuple[Path, dict[str, np.ndarray]]) -> None:
    path, values = pretrained
    table = word2vec.embedding(TEXTS, WORDS, {**SETTINGS, "dimensions": 4, "pretrained": str(path)}, seed=1)
    np.testing.assert_allclose(table[WORDS.index("sol")], values["sol"] / np.linalg.norm(values["sol"]), atol=1e-6)
    np.testing.assert_allclose(table[WORDS.index("mar")], [0, 0.6, 0, -0.8], atol=1e-6)
    assert not table[word2vec.PADDING].any()
    lacking = table[[WORDS.index("luna"), WORDS.index("y"), word2vec.UNKNOWN]]
    assert np.abs(lacking).max() <= 0.25
    assert np.unique(lacking, axis=0).shape == (3, 4)


def test_pretrained_vectors_of_another_dimension_are_refused(pretrained: tuple[Path, dict[str, np.ndarray]]) -> None:
    path, _ = pretrained
    with pytest.raises(TartarusError) as error:
        word2vec.embedding(TEXTS, WORDS, {**SETTINGS, "pretrained": str(path)}, seed=1)
    assert str(error.value).startswith(f"{path}: vectors of 4 dimensions, but w2v: dimensions is 8")


@pytest.mark.parametrize("damage", ["gone", "text", "cut off", "empty"])
def test_a_pretrained_file_that_cannot_be_read_is_refused_with_its_name(
    pretrained: tuple[Path, dict[str, np.ndarray]], damage: str
) -> None:
    path, _ = pretrained
    data = {"text": b"no vectors at all\n", "cut off": path.read_bytes()[:-10], "empty": b""}
    path.unlink()
    if damage in data:
        path.write_bytes(data[damage])
    with pytest.raises(TartarusError) as error:
        word2vec.embedding(TEXTS, WORDS, {**SETTINGS, "dimensions": 4, "pretrained": str(path)}, seed=1)
    assert str(error.value).startswith(f"{path}: not a binary word2vec file (")
    assert "correct w2v: pretrained" in str(error.value)


def test_words_of_a_pretrained_file_that_are_not_utf_8_are_counted_and_the_others_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # The format, byte by byte: the counts, then each word, a space, its numbers and a line feed.
    values = {b"sol": [3, 4], b"caf\xe9": [1, 0], b"mar": [0, -2]}
    entries = [word + b" " + np.array(vector, "<f4").tobytes() + b"\n" for word, vector in values.items()]
    (tmp_path / "vectors.bin").write_bytes(b"3 2\n" + b"".join(entries))
    settings = {**SETTINGS, "dimensions": 2, "pretrained": str(tmp_path / "vectors.bin")}
    table = word2vec.embedding(TEXTS, WORDS, settings, seed=1)
    np.testing.assert_allclose(table[[WORDS.index("sol"), WORDS.index("mar")]], [[0.6, 0.8], [0, -1]], atol=1e-6)
    assert f"{tmp_path / 'vectors.bin'}: 1 of 3 words are not UTF-8, and are read in part" in caplog.text
