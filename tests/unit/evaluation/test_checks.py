"""What scores and truths must be: the first that is not is named."""

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.evaluation import checks, multiclass, multilabel, thresholds


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_first_score_that_is_not_finite_is_named(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "ROWS_AT_ONCE", 2)
    scores = np.zeros((2, 5, 3), np.float32)
    checks.refuse_not_finite(scores)
    scores[1, 3, 2] = scores[1, 4, 0] = value
    with pytest.raises(TartarusError, match=f"^a.npz: seed 7: item 'D', column 2: {value} is not .*learning rate"):
        checks.refuse_not_finite(scores, source="a.npz", seeds=[5, 7], ids=list("ABCDE"))
    # Without names they are counted: seeds from 1, rows from that of the block.
    with pytest.raises(TartarusError, match=r"^scores: seed number 2: row 103, column 2"):
        checks.refuse_not_finite(scores, first=100)


@pytest.mark.parametrize("value", [np.nan, -1.0, 0.5, 2.0])
def test_a_truth_of_other_values_than_0_and_1_is_refused(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "ROWS_AT_ONCE", 2)
    y = np.zeros((5, 3))
    checks.refuse_other_truth(y, one_class=False)
    y[3, 1] = value
    for one_class in (False, True):
        truth = y if not one_class else y + [[1, 0, 0]] * np.isin(np.arange(5), [0, 1, 2, 4])[:, None]
        with pytest.raises(TartarusError, match=r"^y.npy: item 'D' holds other values than 0 and 1; .* anew"):
            checks.refuse_other_truth(truth, one_class=one_class, source="y.npy", ids=list("ABCDE"))


@pytest.mark.parametrize("row", [[0, 0, 0], [1, 0, 1]])
def test_where_an_item_has_one_class_none_and_two_are_refused(row: list[int]) -> None:
    y = np.eye(3, dtype=np.uint8)[[0, 1, 2, 0]]
    checks.refuse_other_truth(y, one_class=True)
    y[2] = row
    checks.refuse_other_truth(y, one_class=False)
    with pytest.raises(TartarusError, match=r"^truth: row 2 does not have exactly one class"):
        checks.refuse_other_truth(y, one_class=True)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nothing_is_measured_of_scores_that_are_not_finite(value: float) -> None:
    y = np.eye(3, dtype=np.uint8)[[0, 1, 2, 0]]
    good = np.random.default_rng(0).random((2, 4, 3)).astype(np.float32)
    bad = good.copy()
    # One that argmax would take for the first class.
    bad[1, 2, 0] = value
    names, draws = ["a", "b", "c"], {"samples": 2, "seed": 1}
    said = "seed number 2: row 2, column 0"
    with pytest.raises(TartarusError, match=f"^scores: {said}"):
        multiclass.evaluate(y, bad, names, **draws)
    with pytest.raises(TartarusError, match=f"^scores: {said}"):
        multilabel.evaluate(y, bad, names, **draws)
    with pytest.raises(TartarusError, match=f"^scores of the validation set: {said}"):
        multilabel.evaluate(y, good, names, validation=(y, bad), **draws)
    with pytest.raises(TartarusError, match=f"^scores: {said}"):
        thresholds.outline(y, bad)
