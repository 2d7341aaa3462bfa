"""Semantic texts: names become one word, and what they are is said too."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.features.text import semantic, vsm
from tartarus.features.text.annotations import Mention
from tartarus.features.text.words import words_of

FOLDED = {"fold_case": True, "fold_accents": True}
TFIDF = {"words": None, "sublinear_tf": True, "max_df": 1.0, "max_features": 100}


@pytest.mark.parametrize(
    ("name", "word"),
    [("Guns N' Roses", "guns_n_roses"), ("AC/DC", "ac_dc"), ("Björk", "björk"), ("!!!", ""), ("a_b c", "a_b_c")],
)
def test_a_name_becomes_one_word(name: str, word: str) -> None:
    assert semantic.joined(name) == word
    assert words_of(word) == ([word] if word else [])


def test_names_are_joined_and_categories_stand_behind_the_text() -> None:
    text = "Ziggy, in West Berlin."
    mentions = [
        Mention(0, 5, "David Bowie", ("English singers", "actors")),
        Mention(10, 21, "West Berlin", ("cities",)),
    ]
    expected = "david_bowie, in west_berlin. english_singers actors cities"
    assert semantic.enriched(text, mentions, words=300) == expected


def test_the_tokeniser_of_tf_idf_keeps_them_whole() -> None:
    vectorizer = vsm.fit([semantic.enriched("by AC/DC", [Mention(3, 8, "AC/DC", ("hard rock",))], words=9)], TFIDF)
    assert vectorizer.get_feature_names_out().tolist() == ["ac_dc", "by", "hard_rock"]


def test_the_categories_of_names_behind_the_last_word_do_not_count() -> None:
    text = "one West Berlin two Rio"
    mentions = [Mention(4, 15, "West Berlin", ("x",)), Mention(20, 23, "Rio", ("y",))]
    expected = {1: "one", 2: "one west_berlin x", 3: "one west_berlin two x", 4: "one west_berlin two rio x y"}
    for words, enriched in expected.items():
        assert semantic.enriched(text, mentions, words=words) == enriched


def test_a_marked_part_of_a_word_becomes_a_word() -> None:
    mentions = [Mention(4, 8, "Rock", ()), Mention(8, 11, "Rio", ())]
    assert semantic.enriched("hardrockrios", mentions, words=9) == "hard rock rio s"


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.integers(1, 10))
def test_a_text_without_names_says_what_it_says_to_bow(text: str, words: int) -> None:
    assert semantic.enriched(text, [], words=words).split() == vsm.first_words(text, words).split()


@pytest.fixture
def texts_file(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    entries = [
        {"id": "a", "set": "train", "text": "Bowie sang", "mentions": [[0, 5, "Jim Bowie", ["knives"]]]},
        {"id": "b", "set": "train", "text": "bowie sang"},
        {"id": "c", "set": "test", "text": "nobody"},
    ]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


def test_marked_names_come_before_those_of_the_gazetteer(texts_file: Path, tmp_path: Path) -> None:
    gazetteer = tmp_path / "gazetteer.tsv"
    gazetteer.write_text("entity\taliases\tcategories\nDavid Bowie\tBowie\tsingers\n")
    found, signature = semantic.read(texts_file, gazetteer, words=300, linking_options=FOLDED)
    assert found == {
        "train": {"a": "jim_bowie sang knives", "b": "david_bowie sang singers"},
        "val": {},
        "test": {"c": "nobody"},
    }
    assert signature == {**FOLDED, "gazetteer": signature["gazetteer"]}
    gazetteer.write_text("entity\taliases\tcategories\nDavid Bowie\tBowie\tactors\n")
    _, other = semantic.read(texts_file, gazetteer, words=300, linking_options=FOLDED)
    assert len(signature["gazetteer"]) == 64
    assert other["gazetteer"] != signature["gazetteer"]


def test_without_a_gazetteer_only_marked_names_are_known(texts_file: Path) -> None:
    found, signature = semantic.read(texts_file, [], words=300, linking_options=FOLDED)
    assert found["train"] == {"a": "jim_bowie sang knives", "b": "bowie sang"}
    assert signature["gazetteer"] is None


def test_texts_of_which_no_names_can_be_known_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text('{"id": "b", "set": "train", "text": "bowie sang"}\n')
    with pytest.raises(
        TartarusError, match=r"no names are known of these texts; write gazetteer\.tsv beside the table"
    ):
        semantic.read(path, None, words=300, linking_options=FOLDED)
