"""Lists for users without what they have played, and the users whom new items suit best."""

import numpy as np
import pytest
import scipy.sparse
from tartarus.base.errors import TartarusError
from tartarus.evaluation import ranking
from tartarus.items.tables import read_rows
from tartarus.use import listener_tables, recommending

N_USERS, N_ITEMS, N_FACTORS = 700, 12, 3


@pytest.fixture
def factors(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make those of users and items, small whole numbers, so that many scores are equal, and each is exact."""
    users, items = (rng.integers(-2, 3, (n, N_FACTORS)).astype(np.float32) for n in (N_USERS, N_ITEMS))
    return users, items


@pytest.mark.parametrize("length", [1, 5, N_USERS, 2 * N_USERS])
def test_listeners_are_those_of_a_plain_sort_however_many_users_are_read_at_once(
    factors: tuple[np.ndarray, np.ndarray], length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    users, items = factors
    monkeypatch.setattr(ranking, "rows_at_a_time", lambda _: 64)
    found, scores = recommending.listeners(items, users, length=length)
    plain = items @ users.T
    order = np.argsort(-plain, axis=1, kind="stable")[:, :length]
    assert found.tolist() == order.tolist()
    assert scores.tolist() == np.take_along_axis(plain, order, axis=1).tolist()


def test_factors_of_another_number_are_refused(factors: tuple[np.ndarray, np.ndarray]) -> None:
    users, items = factors
    with pytest.raises(
        TartarusError, match=r"users\.npy: 3 factors of each user, but the model predicts 2; both must be"
    ):
        recommending.listeners(items[:, :2], users, length=3, source="users.npy")
    found, _ = recommending.listeners(items[:0], users, length=3)
    assert found.shape == (0, 3)


def test_what_a_user_has_played_is_not_in_the_user_s_list(
    factors: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> None:
    users, items = factors
    played = scipy.sparse.csr_matrix((rng.random((N_ITEMS, N_USERS)) < 0.3) * rng.integers(0, 4, (N_ITEMS, N_USERS)))
    found = list(recommending.top_lists(items, users, played=played, users=500, length=4))
    wanted = []
    for user in range(500):
        scores = items @ users[user]
        new = [item for item in range(N_ITEMS) if not played[item, user]]
        best = sorted(new, key=lambda item: (-scores[item], item))[:4]
        wanted += [(user, rank, item, float(scores[item])) for rank, item in enumerate(best, start=1)]
    assert found == wanted


def test_a_row_is_written_for_each_file_and_user_and_one_for_a_file_that_fails(tmp_path):
    entries = [
        {"file": "a.mp3", "status": "undecodable", "detail": "no sound", "seconds": 0.0, "scores": None},
        {"file": "b.mp3", "status": "ok", "detail": "", "seconds": 30.0, "scores": [1.0, 0.0]},
    ]
    best = np.array([[2, 0]]), np.array([[0.5, 0.25]], np.float32)
    listener_tables.write(tmp_path / "x.tsv", entries, *best, names=["u", "v", "w"])
    rows = [tuple(row.values()) for row in read_rows(tmp_path / "x.tsv", columns=listener_tables.COLUMNS)]
    assert rows == [
        ("a.mp3", "undecodable", "", "", "", "no sound"),
        ("b.mp3", "ok", "1", "w", "0.500000", ""),
        ("b.mp3", "ok", "2", "u", "0.250000", ""),
    ]
