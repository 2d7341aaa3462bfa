"""The hint that error messages give."""

from tartarus.base.errors import suggestion


def test_the_nearest_known_word_is_suggested_and_all_are_listed_in_order() -> None:
    assert suggestion("filtres", ["kernels", "filters"]) == "did you mean 'filters'? Known: filters, kernels"


def test_what_has_an_order_of_its_own_is_listed_in_it() -> None:
    found = suggestion("filtres", ["kernels", "filters"], ordered=True)
    assert found == "did you mean 'filters'? Known: kernels, filters"


def test_a_word_like_no_other_is_not_guessed_at() -> None:
    assert suggestion("xyz", ["filters"]) == "Known: filters"


def test_nothing_known_is_said_too() -> None:
    assert suggestion("xyz", []) == "Known: none"
