"""What is told of raw files before anything is made from them: the same as when it is made."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from tartarus.base.errors import TartarusError
from tartarus.features import looks
from tartarus.features.text import annotations

SOUND = {"sample_rate": 8000, "min_seconds": 1.0}
FOLDING = {"fold_case": True, "fold_accents": True}
HEADER = "entity\taliases\tcategories\n"


def said(found: Iterator[tuple[str, looks.Fault]]) -> list[tuple[str, str]]:
    return [(status, fault.what) for status, fault in found]


def at(column: str, path: Path) -> list[tuple[str, str]]:
    return said(looks.looks(SOUND, pixels=32)[column](path))


def test_covers_are_decoded_as_for_networks(tmp_path: Path, rng: np.random.Generator) -> None:
    Image.fromarray(rng.integers(0, 255, (40, 40, 3), np.uint8)).save(tmp_path / "good.png")
    Image.new("RGB", (40, 40), "red").save(tmp_path / "red.png")
    (tmp_path / "page.jpg").write_text("<!DOCTYPE html><html></html>", encoding="utf-8")
    (tmp_path / "cut.png").write_bytes((tmp_path / "good.png").read_bytes()[:600])
    # A PNG of a few bytes that announces 81 million pixels.
    Image.new("1", (9000, 9000)).save(tmp_path / "bomb.png")
    assert at("image", tmp_path / "good.png") == []
    assert at("image", tmp_path / "red.png") == [("odd", "blank: nothing but a single colour")]
    assert at("image", tmp_path / "page.jpg") == [
        ("wrong", "undecodable: not a picture that can be read: it is a web page (HTML)")
    ]
    ((status, what),) = at("image", tmp_path / "cut.png")
    assert (status, what.split(":")[0]) == ("wrong", "undecodable")
    assert at("image", tmp_path / "bomb.png") == [
        ("wrong", "undecodable: 9000 x 9000 pixels, more than 50000000; make the picture smaller")
    ]


def test_sounds_and_texts_say_what_they_lack(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(16_000), 8000)
    soundfile.write(tmp_path / "short.wav", np.ones(800), 8000)
    (tmp_path / "empty.txt").write_text(" \n", encoding="utf-8")
    assert at("audio", tmp_path / "silence.wav") == [("odd", "silent: nothing but silence")]
    assert at("audio", tmp_path / "short.wav") == [("wrong", "too short: 0.1 s, shorter than min_seconds 1.0")]
    assert at("text", tmp_path / "empty.txt") == [("odd", "no words in it")]


def test_all_spans_of_names_that_are_wrong_are_told_and_reading_stops_at_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    names = [
        {"label": label, "startChar": start, "endChar": end}
        for label, start, end in (("Rio", 6, 10), ("Elis", 0, 4), ("lis, R", 1, 7), ("Rio", "x", 9))
    ]
    path.write_text(json.dumps([{"text": "Elis, Rio", "entities": names}, {"text": 1}]), encoding="utf-8")
    found = at("entities", path)
    assert found == [
        ("wrong", "sentence 1: entity 1: 'Rio' is at 6 to 10, outside the text, which has 9 characters"),
        ("wrong", "sentence 1: entity 4: startChar: expected a whole number, found str"),
        ("wrong", "sentence 1: the entities 'Elis' and 'lis, R' overlap"),
        ("wrong", "sentence 2: text: expected a text, found int"),
    ]
    with pytest.raises(TartarusError, match="entity 1: 'Rio' is at 6 to 10"):
        annotations.read(path)
    path.write_text(json.dumps([{"text": "Elis, Rio", "entities": []}]), encoding="utf-8")
    assert at("entities", path) == [("odd", "no names in it")]
    path.write_text("[", encoding="utf-8")
    ((status, what),) = at("entities", path)
    assert (status, what[:22]) == ("wrong", "not an annotated text ")


def test_names_of_a_gazetteer_that_stand_twice_are_odd_as_the_linker_folds_them(tmp_path: Path) -> None:
    path = tmp_path / "gazetteer.tsv"
    path.write_text(f"{HEADER}Prince\tThe Artist|the artist\t\nTAFKAP\tPRINCE\t\n", encoding="utf-8")
    assert said(looks.at_gazetteer(FOLDING)(path)) == [
        ("odd", "entity 'Prince' has the name 'the artist' twice"),
        ("odd", "'PRINCE' is a name of 'Prince', whom it is taken to mean, and of 'TAFKAP'"),
    ]
    assert said(looks.at_gazetteer({**FOLDING, "fold_case": False})(path)) == []
    path.write_text(f"{HEADER}Prince\ta||b\t\n", encoding="utf-8")
    assert said(looks.at_gazetteer(FOLDING)(path)) == [("wrong", "entity 'Prince': an empty name in column 'aliases'")]
