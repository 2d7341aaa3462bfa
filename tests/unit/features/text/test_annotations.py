"""Texts in which somebody has marked the names."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tartarus.base.errors import TartarusError
from tartarus.features.text import annotations
from tartarus.features.text.annotations import Mention


def name(label: str, start: int, end: int, **more: Any) -> dict[str, Any]:
    return {"label": label, "startChar": start, "endChar": end, **more}


def write(path: Path, value: Any) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_sentences_become_lines_and_places_are_those_of_the_whole_text(tmp_path: Path) -> None:
    sentences = [
        {"index": 0, "text": "Só Elis.", "entities": [name("Elis Regina", 3, 7, categories=["singers"], uri="x")]},
        {"index": 1, "text": "", "entities": []},
        {"index": 2, "text": "Rio, Elis", "entities": [name("Elis Regina", 5, 9), name("Rio", 0, 3, categories=[])]},
    ]
    text, mentions = annotations.read(write(tmp_path / "a.json", sentences))
    assert text == "Só Elis.\n\nRio, Elis"
    assert mentions == [
        Mention(3, 7, "Elis Regina", ("singers",)),
        Mention(10, 13, "Rio", ()),
        Mention(15, 19, "Elis Regina", ()),
    ]
    assert [text[mention.start : mention.end] for mention in mentions] == ["Elis", "Rio", "Elis"]


def sentence(*entities: Any, text: Any = "Elis, Rio") -> list[Any]:
    return [{"index": 0, "text": "", "entities": []}, {"index": 1, "text": text, "entities": list(entities)}]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (sentence(name("Rio", 6, 10)), "sentence 2: entity 1: 'Rio' is at 6 to 10, outside the text, which has 9 char"),
        (sentence(name("Rio", -1, 3)), "sentence 2: entity 1: 'Rio' is at -1 to 3, outside the text"),
        (sentence(name("Rio", 6, 6)), "sentence 2: entity 1: 'Rio' is at 6 to 6, outside the text"),
        (
            sentence(name("Rio", 6, 9), name("Elis", 0, 7)),
            "sentence 2: the entities 'Elis' and 'Rio' overlap; delete one",
        ),
        (sentence(name("Rio", 6.5, 9)), "sentence 2: entity 1: startChar: expected a whole number, found float"),
        (sentence(name("Rio", 6, True)), "sentence 2: entity 1: endChar: expected a whole number, found bool"),
        (sentence(name("Rio", 6, 9, categories="x")), "sentence 2: entity 1: categories: expected a list of texts"),
        (sentence({"label": "Rio"}), "sentence 2: entity 1: startChar: expected a whole number, it is missing"),
        (sentence("Rio"), "sentence 2: entity 1: expected keys and values, found str"),
        (sentence(text=None), "sentence 2: text: expected a text, found NoneType"),
        ([{"text": "x"}], "sentence 1: entities: expected a list, it is missing"),
        ({"text": "x"}, "expected a list of sentences, found dict"),
        ("[" * 100_000, "not an annotated text (nested too deeply)"),
        ("{", "not an annotated text ("),
        ('[{"text": "\\ud800", "entities": []}]', "not an annotated text ("),
    ],
)
def test_what_is_not_as_it_should_be_is_told_with_its_sentence(tmp_path: Path, value: Any, message: str) -> None:
    path = write(tmp_path / "a.json", value)
    with pytest.raises(TartarusError, match=re.escape(f"{path}: {message}")):
        annotations.read(path)
