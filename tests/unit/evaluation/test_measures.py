"""What all measures share: draws, intervals where theory knows them, and how it is written down."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support
from tartarus.base.errors import TartarusError
from tartarus.evaluation import measures


def interval_of(values: np.ndarray, *, samples: int, seed: int, confidence: float = 0.95) -> tuple[float, float]:
    """Estimate the interval of a mean."""
    drawn = measures.resampled_means(values[None], samples=samples, seed=seed)
    return measures.interval(drawn[0], confidence=confidence)


# --- Draws -----------------------------------------------------------------------------------------------


def test_a_sample_has_as_many_items_as_there_are() -> None:
    drawn = np.stack(list(measures.draws(50, samples=200, seed=1)))
    assert drawn.shape == (200, 50)
    assert (drawn.sum(axis=1) == 50).all()
    # Each item is left out with probability (1 - 1/50)^50; four deviations of 10 000 draws are 0.02.
    assert (drawn == 0).mean() == pytest.approx((1 - 1 / 50) ** 50, abs=0.02)


def test_draws_are_the_same_in_every_run_and_others_for_another_seed() -> None:
    first, again, other = (np.stack(list(measures.draws(50, samples=3, seed=seed))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert (first[0] != first[1]).any()


def test_groups_are_drawn_whole() -> None:
    groups = np.array([0, 1, 0, 2, 2, 2])
    drawn = np.stack(list(measures.draws(6, samples=300, seed=3, groups=groups)))
    first = [groups.tolist().index(group) for group in range(3)]
    np.testing.assert_array_equal(drawn, drawn[:, first][:, groups])
    assert (drawn[:, first].sum(axis=1) == 3).all()
    # Groups of one item each are items.
    alone = list(measures.draws(6, samples=5, seed=3, groups=np.arange(6)))
    np.testing.assert_array_equal(alone, list(measures.draws(6, samples=5, seed=3)))


def test_of_groups_of_equal_items_the_interval_is_wider_by_the_root_of_their_size(rng: np.random.Generator) -> None:
    # Drawn by themselves, 100 items that are alike count as 100 facts, where there are 4 times fewer, or 25 times.
    for size in (4, 25):
        values = np.repeat(rng.normal(size=40_000 // size), size)[None]
        deviation = [
            measures.resampled_means(values, samples=1000, seed=1, groups=groups).std()
            for groups in (np.repeat(np.arange(40_000 // size), size), None)
        ]
        assert deviation[0] / deviation[1] == pytest.approx(np.sqrt(size), rel=0.1)


# --- At a threshold --------------------------------------------------------------------------------------


def test_precision_recall_and_f1_are_those_of_scikit_learn(rng: np.random.Generator) -> None:
    truth, taken = rng.random((2, 30, 4)) < [0.4, 0.4, 0.4, 0.0]
    truth[:, 2], taken[:, 1] = False, False  # nothing to find; nothing found; neither, in the last
    found = measures.precision_recall_f1((truth & taken).sum(axis=0), taken.sum(axis=0), truth.sum(axis=0))
    expected = precision_recall_fscore_support(truth[:, :2], taken[:, :2], average=None, zero_division=0)[:3]
    np.testing.assert_allclose(found[:, :2], expected, rtol=1e-12)
    assert found[:, 1].tolist() == [0, 0, 0]
    assert np.isnan(found[:, 2:]).all()


# --- Means of samples ------------------------------------------------------------------------------------


def test_means_of_samples_are_those_of_repeated_items(rng: np.random.Generator) -> None:
    values = rng.random((3, 40))
    values[0, ::3] = np.nan
    values[2, :39] = np.nan
    found = measures.resampled_means(values, samples=30, seed=7)
    for sample, weights in enumerate(measures.draws(40, samples=30, seed=7)):
        repeated = np.repeat(values, weights, axis=1)
        expected = [row[~np.isnan(row)].mean() if (~np.isnan(row)).any() else np.nan for row in repeated]
        np.testing.assert_allclose(found[:, sample], expected, rtol=1e-12)
    # The last measure is known for one item only, which not every sample holds.
    assert np.isnan(found[2]).any()
    assert not np.isnan(found[2]).all()


def test_blocks_of_samples_change_nothing(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    # Multiples of 1/8, whose sums are exact in whatever order.
    values = rng.integers(9, size=(2, 40)) / 8
    expected = measures.resampled_means(values, samples=30, seed=7)
    for weights in (1, 40 * 7, 40 * 30):
        monkeypatch.setattr(measures, "WEIGHTS_AT_ONCE", weights)
        np.testing.assert_array_equal(measures.resampled_means(values, samples=30, seed=7), expected)


def test_without_samples_a_measure_has_no_interval() -> None:
    drawn = measures.resampled_means(np.ones((2, 5)), samples=0, seed=1)
    assert drawn.shape == (2, 0)
    assert measures.summaries({"accuracy": np.ones(2)}, {"accuracy": drawn[0]})["accuracy"]["ci95"] is None


# --- Intervals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("confidence", "deviations"), [(0.95, 1.960), (0.68, 0.994)])
def test_the_interval_of_a_large_sample_is_that_of_the_normal_approximation(
    confidence: float, deviations: float
) -> None:
    count, share = 400, 0.8
    right = (np.arange(count) < share * count).astype(float)
    low, high = interval_of(right, samples=4000, seed=1, confidence=confidence)
    # Three standard errors of a percentile of 4000 draws are about a tenth of a deviation.
    width = deviations * np.sqrt(share * (1 - share) / count)
    assert low == pytest.approx(share - width, abs=0.002 + 0.0025)  # draws are multiples of 1/400
    assert high == pytest.approx(share + width, abs=0.002 + 0.0025)


def test_nineteen_of_twenty_intervals_hold_the_true_accuracy() -> None:
    # The promise of a 95 % interval, kept on 200 samples of 400 items with a known probability.
    rng = np.random.default_rng(8)
    covered = 0
    for seed in range(200):
        low, high = interval_of((rng.random(400) < 0.8).astype(float), samples=200, seed=seed)
        covered += low <= 0.8 <= high
    # Binomial with p = 0.95: four deviations are 0.06.
    assert covered / 200 == pytest.approx(0.95, abs=0.06)


def test_samples_where_a_measure_is_undefined_are_left_out_of_its_interval() -> None:
    assert measures.interval(np.array([np.nan, 1.0, 2.0, 3.0, np.nan]), confidence=0.5) == (1.5, 2.5)


# --- Writing down ----------------------------------------------------------------------------------------


def test_measures_come_in_the_order_of_tables_with_mean_deviation_and_interval() -> None:
    found = measures.summaries(
        {"map@500": np.array([0.5]), "adiv@1": np.array([0.25, 0.75]), "roc_auc": np.array([0.5, 0.75, 1.0])},
        {"map@500": np.full(10, 0.5), "roc_auc": np.linspace(0, 1, 41)},
    )
    assert list(found) == ["roc_auc", "adiv@1", "map@500"]
    assert found["roc_auc"].pop("sampled") == np.linspace(0, 1, 41).tolist()
    assert found["map@500"].pop("sampled") == [0.5] * 10
    assert found["roc_auc"] == {
        "mean": 0.75,
        "sd": 0.25,
        "ci95": pytest.approx([0.025, 0.975]),
        "per_seed": [0.5, 0.75, 1.0],
    }
    assert found["map@500"] == {"mean": 0.5, "sd": None, "ci95": [0.5, 0.5], "per_seed": [0.5]}
    assert found["adiv@1"]["ci95"] is None


def test_a_measure_that_nothing_defines_is_an_error_that_names_it() -> None:
    with pytest.raises(TartarusError, match=r"undefined on this test set: roc_auc, pr_auc; .*larger test set"):
        measures.summaries({name: np.array([np.nan]) for name in ("roc_auc", "pr_auc")} | {"adiv@1": np.ones(1)}, {})
