"""Names in texts: what is found equals a plain search for the longest name at each word."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.features.text.annotations import Mention
from tartarus.features.text.gazetteers import Entity
from tartarus.features.text.linking import Linker


def entity(name: str, *aliases: str, categories: tuple[str, ...] = ()) -> Entity:
    return Entity(name, aliases, categories)


def found(text: str, *entities: Entity, fold_case: bool = True, fold_accents: bool = True) -> list[tuple[str, str]]:
    """The names in a text: as they stand there, and whom they mean."""
    linker = Linker(entities, fold_case=fold_case, fold_accents=fold_accents)
    return [(text[mention.start : mention.end], mention.entity) for mention in linker.link(text)]


# --- Against a plain search --------------------------------------------------------------------------------

PLAIN = {"á": "a", "É": "E"}


def naive(text: str, entities: list[Entity], *, fold_case: bool, fold_accents: bool) -> list[tuple[int, int, str]]:
    """Try every form of every name at every place, from left to right, the longest first."""

    def folded(some: str) -> str:
        some = "".join(PLAIN.get(letter, letter) for letter in some) if fold_accents else some
        return some.lower() if fold_case else some

    forms = []
    for order, one in enumerate(entities):
        for form in (one.name, *one.aliases):
            words = re.sub(r"\A\W+|\W+\Z", "", folded(form))
            pattern = r"\s+".join(map(re.escape, words.split()))
            forms.append((re.compile(rf"(?<!\w){pattern}(?!\w)"), order, one.name))
    places, place, flat = [], 0, folded(text)
    while place < len(text):
        matches = [(hit.end(), -order, name) for form, order, name in forms if (hit := form.match(flat, place))]
        if matches:
            end, _, name = max(matches)
            places.append((place, end, name))
            place = end
        else:
            place += 1
    return places


WORDS = st.sampled_from(["a", "b", "A", "á", "É", "e", "ab", "a_b", "a1"])
GAPS = st.sampled_from([" ", "  ", "\n", "-", ", ", ".", "' "])
TEXTS = st.lists(st.one_of(WORDS, GAPS), max_size=30).map("".join)
NAMES = st.lists(WORDS, min_size=1, max_size=4).flatmap(
    lambda words: st.lists(GAPS, min_size=len(words), max_size=len(words)).map(
        lambda gaps: "".join(piece for pair in zip(words, gaps, strict=True) for piece in pair)
    )
)
ENTITY = st.builds(lambda name, aliases: Entity(name, tuple(aliases), ()), NAMES, st.lists(NAMES, max_size=2))
ENTITIES = st.lists(ENTITY, min_size=1, max_size=6)


@given(TEXTS, ENTITIES, st.booleans(), st.booleans())
def test_the_names_are_those_of_a_plain_search(text: str, entities: list[Entity], case: bool, accents: bool) -> None:
    linker = Linker(entities, fold_case=case, fold_accents=accents)
    mentions = [(mention.start, mention.end, mention.entity) for mention in linker.link(text)]
    assert mentions == naive(text, entities, fold_case=case, fold_accents=accents)


# --- By hand -----------------------------------------------------------------------------------------------


def test_the_longest_name_is_taken_and_its_categories_come_with_it() -> None:
    linker = Linker(
        [entity("Berlin", categories=("capitals",)), entity("West Berlin", categories=("history",))],
        fold_case=True,
        fold_accents=True,
    )
    assert linker.link("berlin, West  Berlin") == [
        Mention(0, 6, "Berlin", ("capitals",)),
        Mention(8, 20, "West Berlin", ("history",)),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("the Queens and a queenly queen", ["queen"]),
        ("Queen's Queen-Mary queen_", ["Queen", "Queen"]),
        ("", []),
        ("QUEEN", ["QUEEN"]),
    ],
)
def test_names_are_whole_words(text: str, names: list[str]) -> None:
    assert [name for name, _ in found(text, entity("Queen"))] == names


@pytest.mark.parametrize(
    ("text", "case", "accents", "is_found"),
    [
        ("bjork", True, True, True),
        ("bjork", False, True, False),
        ("Bjork", False, True, True),
        ("bjo\u0308rk", True, False, True),
        ("bjork", True, False, False),
    ],
)
def test_case_and_accents_are_folded_as_asked(text: str, case: bool, accents: bool, is_found: bool) -> None:
    assert bool(found(text, entity("Björk"), fold_case=case, fold_accents=accents)) == is_found


def test_vowels_that_are_marks_are_no_accents() -> None:
    # Hindi: "din" (day) and "diin" (poor) differ in a mark only.
    assert not found("\u0926\u0940\u0928", entity("\u0926\u093f\u0928"))
    assert found("\u0926\u093f\u0928", entity("\u0926\u093f\u0928"))


def test_what_stands_between_the_words_of_a_name_matters() -> None:
    assert found("AC DC, ac/dc, AC. DC", entity("AC/DC")) == [("ac/dc", "AC/DC")]
    assert found("guns n\u2019 roses", entity("Guns N' Roses")) == [("guns n\u2019 roses", "Guns N' Roses")]


def test_of_entities_of_one_name_the_first_is_taken_and_told(caplog: pytest.LogCaptureFixture) -> None:
    one, other = entity("Genesis (band)", "Genesis"), entity("Genesis (book)", "genesis")
    assert found("Genesis", one, other) == [("Genesis", "Genesis (band)")]
    assert "1 names in the gazetteer are of several entities, of which the first is taken; the first: 'genesis'" in (
        caplog.text
    )


def test_the_work_grows_with_the_text_alone() -> None:
    # Of names nested in each other, every place is looked at once for each; of many others, not at all.
    nested = [entity(" ".join(["la"] * count)) for count in range(1, 20)]
    others = [entity(f"name{number} of{number}") for number in range(20_000)]
    linker = Linker([*nested, *others], fold_case=True, fold_accents=True)
    mentions = linker.link("la " * 38_000)
    assert len(mentions) == 2_000
    assert {mention.entity for mention in mentions} == {" ".join(["la"] * 19)}
