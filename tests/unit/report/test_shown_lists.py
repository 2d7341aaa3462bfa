"""What a page shows of recommendation."""

import numpy as np
import scipy.sparse
from tartarus.report import shown_lists


def test_users_have_the_items_with_the_largest_products_and_what_they_played() -> None:
    rng = np.random.default_rng(5)
    items, users = rng.normal(size=(40, 3)), rng.normal(size=(60, 3))
    played = scipy.sparse.csr_matrix((rng.random((40, 60)) < 0.1).astype(np.float32))
    ids, names = [f"i{number}" for number in range(40)], [f"u{number}" for number in range(60)]
    shown = shown_lists.of_model(items, ids, users, played, users=names)
    assert len(shown["users"]) == 24
    dense = played.toarray()
    for one in shown["users"]:
        user = int(one["user"][1:])
        scores = items.astype(np.float32) @ users[user].astype(np.float32)
        expected = np.argsort(-scores)[:10]
        assert [item for item, _, _ in one["first"]] == [ids[number] for number in expected]
        np.testing.assert_allclose([score for _, score, _ in one["first"]], scores[expected], atol=1e-4)
        assert [is_played for _, _, is_played in one["first"]] == [dense[number, user] > 0 for number in expected]
        assert one["played"] == [ids[number] for number in np.flatnonzero(dense[:, user])]
        assert one["played"]  # nobody without a test item is shown


def test_items_have_those_that_are_nearest_by_cosine_and_never_themselves() -> None:
    rng = np.random.default_rng(6)
    items = rng.normal(size=(12, 4))
    shown = shown_lists.of_model(items, [str(n) for n in range(12)], np.ones((2, 4)), scipy.sparse.csr_matrix((12, 2)))
    unit = items / np.linalg.norm(items, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    assert shown["users"] == []
    for one in shown["nearest"]:
        row = int(one["item"])
        assert [int(other) for other, _ in one["first"]] == np.argsort(-cosines[row])[:10].tolist()
    assert len(shown["nearest"]) == 12


def test_users_without_names_are_numbers_and_much_that_was_played_is_counted() -> None:
    played = scipy.sparse.csr_matrix(np.ones((30, 1)))
    shown = shown_lists.of_model(np.ones((30, 2)), [f"i{n}" for n in range(30)], np.ones((1, 2)), played)
    (user,) = shown["users"]
    assert (user["user"], len(user["played"]), user["more"]) == ("0", 20, 10)
