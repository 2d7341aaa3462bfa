"""Patches that vary: each option against a plain computation, and what it depends on."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tartarus.learning import augmentation

N, FRAMES, BINS = 40, 12, 9


class Rows:
    """Features in memory."""

    path = Path("memory")

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.index = values, np.arange(len(values)).astype(str)
        self.signature: dict[str, Any] = {}
        self.shape = values.shape[1:]

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        return self.values[numbers]


@pytest.fixture
def patches(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(-80, 0, (N, 1, FRAMES, BINS)).astype(np.float32)


def batches(patches: np.ndarray, *, seed: int = 3, **options: Any) -> augmentation.Augmented:
    y = np.eye(4)[np.arange(N) % 4]
    smoothing = options.pop("smoothing", 0.0)
    rows = np.arange(N)
    return augmentation.Augmented(
        [Rows(patches)], [rows], y, rows, batch_size=16, seed=seed, options=options, smoothing=smoothing, one_class=True
    )


def epoch(made: augmentation.Augmented, number: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Give an epoch, its samples in their own order."""
    made.start_epoch(number)
    x, y = (np.concatenate(parts) for parts in zip(*made, strict=True))
    back = np.argsort(made.order)
    return x[back], y[back]


def test_without_options_nothing_varies(patches: np.ndarray) -> None:
    x, y = epoch(batches(patches))
    np.testing.assert_array_equal(x, patches)
    np.testing.assert_array_equal(y, np.eye(4)[np.arange(N) % 4])


def test_a_transposed_patch_is_the_same_some_bins_higher_or_lower(patches: np.ndarray) -> None:
    x, _ = epoch(batches(patches, transpose=2))
    steps = []
    for after, before in zip(x[:, 0], patches[:, 0], strict=True):
        padded = np.pad(before, ((0, 0), (2, 2)), constant_values=before.min())
        fitting = [step for step in range(-2, 3) if (padded[:, 2 - step : 2 - step + BINS] == after).all()]
        assert len(fitting) == 1
        steps += fitting
    assert set(steps) == {-2, -1, 0, 1, 2}


def test_a_gain_adds_one_number_to_a_patch(patches: np.ndarray) -> None:
    x, _ = epoch(batches(patches, gain=6))
    gains = (x - patches).reshape(N, -1)
    np.testing.assert_allclose(gains, gains.mean(axis=1, keepdims=True) * np.ones_like(gains), atol=1e-4)
    assert -6 <= gains.min() < -3
    assert 3 < gains.max() <= 6


def test_noise_has_the_deviation_that_is_asked_for(patches: np.ndarray) -> None:
    noise = epoch(batches(patches, noise=2.0))[0] - patches
    assert noise.std() == pytest.approx(2, rel=0.05)
    assert noise.mean() == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(("key", "axis", "longest"), [("frame_mask", 1, 6), ("bin_mask", 2, 4)])
def test_a_mask_covers_neighbours_with_the_mean_of_the_patch(
    patches: np.ndarray, key: str, axis: int, longest: int
) -> None:
    x, _ = epoch(batches(patches, **{key: 0.5}))
    lengths = []
    for after, before in zip(x[:, 0], patches[:, 0], strict=True):
        hidden = (after != before).all(axis=2 - axis)
        places = np.flatnonzero(hidden)
        lengths.append(len(places))
        assert len(places) == 0 or places[-1] - places[0] + 1 == len(places)
        np.testing.assert_allclose(np.take(after, places, axis - 1), before.mean(), rtol=1e-5)
        shown = np.flatnonzero(~hidden)
        np.testing.assert_array_equal(np.take(after, shown, axis - 1), np.take(before, shown, axis - 1))
    assert set(lengths) == set(range(longest + 1))


def test_mixup_mixes_patches_and_truth_in_the_same_shares(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(50, 1, 3, 2)).astype(np.float32), np.eye(50, dtype=np.float32)
    mixed_x, mixed_y = augmentation.mixed(x, y, 0.4, rng)
    np.testing.assert_allclose(mixed_x, np.tensordot(mixed_y, x, axes=1), atol=1e-5)
    np.testing.assert_allclose(mixed_y.sum(axis=1), 1, atol=1e-6)
    assert ((mixed_y > 0).sum(axis=1) <= 2).all()
    own = np.diagonal(mixed_y)
    # Of Beta(0.4, 0.4), half of the shares are outside 0.1 to 0.9.
    assert 0.3 < ((own < 0.1) | (own > 0.9)).mean() < 0.75


def test_smoothing_spreads_the_truth(patches: np.ndarray) -> None:
    _, y = epoch(batches(patches, smoothing=0.2))
    np.testing.assert_allclose(y, np.eye(4)[np.arange(N) % 4] * 0.8 + 0.05, atol=1e-6)


def test_what_varies_depends_on_seed_and_epoch_alone(patches: np.ndarray) -> None:
    every = {"transpose": 2, "gain": 3, "noise": 1, "frame_mask": 0.3, "bin_mask": 0.3, "mixup": 0.2}
    first, again = batches(patches, **every), batches(patches, **every)
    epoch(again, 1)
    np.testing.assert_array_equal(epoch(first, 2)[0], epoch(again, 2)[0])
    assert (epoch(first, 2)[0] != epoch(first, 3)[0]).any()
    assert (epoch(first, 2)[0] != epoch(batches(patches, seed=4, **every), 2)[0]).any()
    assert epoch(first)[0].dtype == epoch(first)[1].dtype == np.float32


def test_patches_that_can_be_are_drawn_anew_in_every_epoch(patches: np.ndarray, monkeypatch) -> None:
    drawn: list[tuple[int, int]] = []

    class Redrawn(Rows):
        def draw(self, seed: int, number: int) -> None:
            drawn.append((seed, number))

    monkeypatch.setattr(augmentation, "Redrawn", Redrawn)
    made = augmentation.Augmented(
        [Redrawn(patches)], [np.arange(N)], np.eye(N), np.arange(N), batch_size=8, seed=9, options={}, one_class=True
    )
    made.start_epoch(2)
    assert drawn == [(9, 1), (9, 2)]
