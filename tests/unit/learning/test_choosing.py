"""What a plain method's regularisation is chosen by: inner folds, and how good what was said of them is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import average_precision_score, log_loss
from tartarus.learning import choosing


@given(
    labels=st.lists(st.integers(0, 3), min_size=1, max_size=60),
    groups=st.lists(st.integers(0, 9), min_size=60, max_size=60),
    seed=st.integers(0, 9),
)
def test_every_item_is_asked_about_once_by_what_knows_nothing_of_its_group(labels, groups, seed):
    ids = [f"S{number}" for number in range(len(labels))]
    group_of = {id_: f"G{group}" for id_, group in zip(ids, groups, strict=False) if group}
    parts = choosing.inner_folds(ids, np.eye(4)[labels], groups=group_of, seed=seed)
    own = [group_of.get(id_, id_) for id_ in ids]
    assert bool(parts) == (len(set(own)) >= choosing.INNER_FOLDS)
    if parts:
        assert sorted(np.concatenate([asked for _, asked in parts])) == [*range(len(ids))]
    for learned, asked in parts:
        assert sorted([*learned, *asked]) == [*range(len(ids))]
        assert not {own[row] for row in learned} & {own[row] for row in asked}
        assert len(learned)


def test_each_class_is_alike_in_all_inner_folds_and_the_order_of_items_does_not_matter():
    classes = np.arange(100) % 4
    ids = [f"S{number}" for number in range(100)]
    parts = choosing.inner_folds(ids, np.eye(4)[classes], groups={}, seed=1)
    assert [np.bincount(classes[asked]).tolist() for _, asked in parts] == [[5, 5, 5, 5]] * 5
    backwards = choosing.inner_folds(ids[::-1], np.eye(4)[classes[::-1]], groups={}, seed=1)
    assert [{*asked} for _, asked in parts] == [{99 - row for row in asked} for _, asked in backwards]
    others = choosing.inner_folds(ids, np.eye(4)[classes], groups={}, seed=2)
    assert [{*asked} for _, asked in parts] != [{*asked} for _, asked in others]


def test_of_many_items_none_are_parted():
    ids = [f"S{number}" for number in range(choosing.FEW_ITEMS + 1)]
    assert choosing.inner_folds(ids, np.ones((len(ids), 1)), groups={}, seed=0) == []
    assert len(choosing.inner_folds(ids[1:], np.ones((len(ids) - 1, 1)), groups={}, seed=0)) == choosing.INNER_FOLDS


@pytest.fixture
def told(rng: np.random.Generator) -> tuple[list[float], list[list[np.ndarray]], list[np.ndarray]]:
    """Give choices, of which the second tells the truth best, what they say of two parts, and the truth."""
    truths = [np.eye(3)[rng.integers(3, size=20)] for _ in range(2)]
    said = [[rng.standard_normal(y.shape) + much * y for y in truths] for much in (1.0, 3.0, 2.0)]
    return [0.1, 1.0, 10.0], said, truths


@pytest.mark.parametrize("is_scaled", [True, False])
def test_of_one_class_the_likeliest_is_chosen(told, is_scaled):
    choices, said, truths = told
    course, choice, factor = choosing.choose(choices, said, truths, "softmax", is_scaled=is_scaled)
    assert choice == 1.0
    assert is_scaled == (factor == 1.0)
    for row, scores in zip(course, said, strict=True):
        times = 1.0 if is_scaled else choosing.sharpness(np.concatenate(scores), np.concatenate(truths))
        losses = [
            log_loss(y.argmax(axis=1), softmax(times * own, axis=1), labels=range(3))
            for own, y in zip(scores, truths, strict=True)
        ]
        assert row["val_goodness"] == pytest.approx(-np.mean(losses))
        assert row["inner_folds"] == 2


def test_of_many_classes_it_is_the_average_precision_and_of_factors_the_squared_error(told):
    choices, said, truths = told
    course, choice, factor = choosing.choose(choices, said, truths, "sigmoid", is_scaled=False)
    wanted = [average_precision_score(y, own, average="micro") for own, y in zip(said[1], truths, strict=True)]
    assert (choice, factor) == (1.0, 1.0)
    assert course[1]["val_goodness"] == pytest.approx(np.mean(wanted))
    course, choice, factor = choosing.choose(
        choices, [[own[0]] for own in said], truths[:1], "factors", is_scaled=False
    )
    assert course[0]["val_goodness"] == pytest.approx(-((said[0][0] - truths[0]) ** 2).mean())
    assert course[0]["inner_folds"] == 0
    assert factor == 1.0


def test_equally_good_ones_are_the_first_and_what_becomes_worse_is_not_tried_to_the_end():
    y = np.eye(2)[[0, 1]]
    fitted = []

    def said():
        for error in (2.0, 1.0, 1.0, 3.0, 1.0, 4.0, 5.0, 0.0):
            fitted.append(error)
            yield [y + error]

    choices = [float(number) for number in range(8)]
    course, choice, _ = choosing.choose(choices, said(), [y], "factors", is_scaled=True)
    assert choice == 1.0
    assert fitted == [2.0, 1.0, 1.0, 3.0, 1.0, 4.0, 5.0]
    assert [row["epoch"] for row in course] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("wanted", [0.3, 1.0, 4.0])
def test_the_sharpness_is_found_that_made_the_truth(rng, wanted):
    distances = rng.standard_normal((20_000, 4))
    shares = softmax(wanted * distances, axis=1)
    truth = (shares.cumsum(axis=1) > rng.random((len(shares), 1))).argmax(axis=1)
    assert choosing.sharpness(distances, np.eye(4)[truth]) == pytest.approx(wanted, rel=0.05)
    assert choosing.sharpness(np.eye(4), np.eye(4)) == pytest.approx(choosing.SHARPEST, rel=1e-3)
