"""From what the music extractor has measured to rows: every number once, in the order of paths."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.features.sound.music_extractor import WORDS, Columns, flatten

numbers = st.floats(-1e6, 1e6).map(float)
keys = st.text("abcz_", min_size=1, max_size=4)
leaves = numbers | st.text("xy", max_size=3) | st.booleans() | st.none()
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=12
)
TONAL = {"key_key": "A#", "key_scale": "minor", "chords_key": "C", "chords_scale": "major", "thpcp": [0.5, 1]}
RECORDING: dict[str, Any] = {
    "tonal": TONAL,
    "metadata": {"length": 30.0},
    "lowlevel": {"mfcc": {"mean": [-700, 120.5], "cov": [[1, 2], [3, 4]]}, "average_loudness": 0.9},
    "rhythm": {"bpm": 120, "beats_position": [0.5, 1.0, 1.5]},
}


def leaves_of(value: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], float]:
    """Every number of a tree by its path: a walk of its own, which sorts nothing."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {key: leaf for step, inner in items for key, leaf in leaves_of(inner, (*path, step)).items()}
    return {path: float(value)} if type(value) in (int, float) else {}


@given(st.dictionaries(st.sampled_from(["lowlevel", "rhythm"]), st.dictionaries(keys, trees, max_size=4)))
def test_every_number_is_a_column_in_the_order_of_paths(recording):
    wanted = leaves_of(recording)
    if not wanted:
        with pytest.raises(ValueError, match="no numbers under lowlevel, rhythm, tonal"):
            flatten(recording)
        return
    columns, values = flatten(recording)
    order = sorted(wanted)  # at one level of one tree, steps are of one type
    assert columns == tuple(".".join(map(str, path)) for path in order)
    assert values == [wanted[path] for path in order]


def test_words_have_a_column_each_and_beats_and_metadata_none():
    columns, values = flatten(RECORDING)
    found = dict(zip(columns, values, strict=True))
    assert len(found) == 1 + 2 + 4 + 1 + 2 + sum(map(len, WORDS.values()))
    assert {name for name, value in found.items() if name.split(".")[1] in TONAL and value == 1} == {
        "tonal.key_key.A#",
        "tonal.key_scale.minor",
        "tonal.chords_key.C",
        "tonal.chords_scale.major",
        "tonal.thpcp.1",
    }
    assert found["lowlevel.mfcc.cov.1.0"] == 3
    assert list(columns) == sorted(columns, key=lambda name: name.split("."))


def test_the_order_of_keys_in_a_file_does_not_matter():
    turned = {section: dict(reversed(RECORDING[section].items())) for section in reversed(RECORDING)}
    assert flatten(turned) == flatten(RECORDING)


def with_(section: str, **changed: Any) -> bytes:
    return json.dumps({**RECORDING, section: {**RECORDING[section], **changed}}).encode()


def test_a_row_is_the_numbers_as_32_bits():
    columns = Columns()
    row = columns.row("a.json", json.dumps(RECORDING).encode())
    np.testing.assert_array_equal(row, np.float32(flatten(RECORDING)[1]))
    assert row.dtype == np.float32
    assert columns.first == "a.json"
    assert columns.row("b.json", with_("rhythm", bpm=90, beats_position=[1]))[columns.names.index("rhythm.bpm")] == 90


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (with_("rhythm", onset_rate=2), r"39 columns, where a\.json has 38: 1 more, the first rhythm\.onset_rate"),
        (with_("lowlevel", mfcc={"mean": [1, 2]}), r"34 columns.*: 4 are missing, the first lowlevel\.mfcc\.cov\.0\.0"),
        (with_("tonal", key_key="Bb"), r"tonal\.key_key: 'Bb', expected one of A, A#, B"),
        (with_("tonal", key_key=["A"]), r"tonal\.key_key: \['A'\], expected one of"),
        (with_("rhythm", bpm=1e39), r"rhythm\.bpm: beyond what 32 bits hold"),
        (with_("rhythm", bpm=1).replace(b'"bpm": 1', b'"bpm": NaN'), "NaN is not a finite number"),
        (b"<html>", "Expecting value"),
        (b"[1, 2]", "no numbers under lowlevel"),
        (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b'{"lowlevel": ' + b"[" * 900 + b"1" + b"]" * 900 + b"}", "nested too deeply|columns, where"),
        (b"\xff\xfe\x00", "decode"),
    ],
    ids=["more", "fewer", "word", "no word", "too large", "nan", "html", "list", "deep", "less deep", "no text"],
)
def test_what_is_no_row_like_the_first_is_refused_with_the_reason(content, message):
    columns = Columns()
    columns.row("a.json", json.dumps(RECORDING).encode())
    with pytest.raises(ValueError, match=message):
        columns.row("b.json", content)
