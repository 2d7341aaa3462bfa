"""Features side by side: alignment by id, and batches in a drawn order."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.arrays import read_array, write_array
from tartarus.base.errors import TartarusError
from tartarus.features.store import open_features


class Indexed:
    """What `align` looks at."""

    def __init__(self, *index: str) -> None:
        self.index = np.array(index)
        self.path = Path("x.npz")


# --- Aligning --------------------------------------------------------------------------------------------


def test_ids_come_in_the_order_of_the_index_whatever_that_of_the_files(batches: ModuleType) -> None:
    one, two = Indexed("S3", "S1", "S2"), Indexed("S2", "S3", "S1")
    ids, item, rows = batches.align([one, two], ["S1", "S2", "S3"])
    assert ids == ["S1", "S2", "S3"]
    assert item.tolist() == [0, 1, 2]
    assert [part.tolist() for part in rows] == [[1, 2, 0], [2, 0, 1]]


def test_items_that_lack_an_input_are_dropped(batches: ModuleType) -> None:
    one, two = Indexed("S1", "S2", "S4"), Indexed("S4", "S1", "S9")
    ids, _, rows = batches.align([one, two], ["S4", "S3", "S2", "S1"])
    assert ids == ["S4", "S1"]
    assert [part.tolist() for part in rows] == [[2, 0], [0, 1]]


def test_the_vector_of_an_item_is_repeated_for_each_of_its_patches(batches: ModuleType) -> None:
    patches, vectors = Indexed("S2", "S2", "S2", "S1", "S1"), Indexed("S1", "S2")
    ids, item, rows = batches.align([patches, vectors], ["S1", "S2"])
    assert ids == ["S1", "S2"]
    assert item.tolist() == [0, 0, 1, 1, 1]
    assert [part.tolist() for part in rows] == [[3, 4, 0, 1, 2], [0, 0, 1, 1, 1]]


@given(st.lists(st.lists(st.sampled_from("ABCDEF"), max_size=12), min_size=1, max_size=3), st.permutations("ABCDEF"))
def test_every_sample_has_the_rows_of_its_item(batches: ModuleType, indexes: list[list[str]], order: list[str]) -> None:
    files = [Indexed(*sorted(index)) for index in indexes]
    common = set.intersection(*map(set, indexes))
    if not common:
        with pytest.raises(TartarusError):
            batches.align(files, order)
        return
    ids, item, rows = batches.align(files, order)
    assert ids == [id_ for id_ in order if id_ in common]
    for file, part in zip(files, rows, strict=True):
        assert file.index[part].tolist() == [ids[number] for number in item]
    # Every row of an item is used, and the input with most rows sets the number of samples.
    for number, id_ in enumerate(ids):
        counts = [index.count(id_) for index in indexes]
        assert (item == number).sum() == max(counts)
        for part, file in zip(rows, files, strict=True):
            assert set(part[item == number]) == set(np.flatnonzero(file.index == id_))


def test_inputs_without_a_common_item_are_named(batches: ModuleType) -> None:
    with pytest.raises(TartarusError, match=r"no item is in all of: x\.npz, x\.npz; are they of the same dataset"):
        batches.align([Indexed("S1"), Indexed("S2")], ["S1", "S2"])


# --- Batches ---------------------------------------------------------------------------------------------


@pytest.fixture
def made(batches: ModuleType, patch_file: Callable[..., Path], vector_file: Callable[..., Path]):
    """Batches of ten items, each with two patches and a vector, all of which hold the number of the item."""
    ids = [f"S{number}" for number in range(10)]
    values = np.repeat(np.arange(10), 2)[:, None, None, None] + np.zeros((1, 3, 2))
    files = [
        open_features(patch_file(values, np.repeat(ids, 2).tolist())),
        open_features(vector_file(np.arange(10.0)[::-1, None], ids[::-1])),
    ]

    def make(batch_size: int, seed: int | None = None, *, y: bool = True):
        _, item, rows = batches.align(files, ids)
        # A row for each item, bytes as in the files of the truth, in another order than that of the items.
        truth = (np.arange(10, dtype=np.uint8)[::-1, None], 9 - item) if y else (None, None)
        return batches.Batches(files, rows, *truth, batch_size=batch_size, seed=seed)

    return make


def drawn(dataset) -> list[float]:
    """Read an epoch, and check that inputs and truth belong together."""
    numbers = []
    for (patches, vectors), y in dataset:
        assert patches.shape[1:] == (1, 3, 2)
        np.testing.assert_array_equal(patches[:, 0, 0, 0], vectors[:, 0])
        np.testing.assert_array_equal(patches[:, 0, 0, 0], y[:, 0])
        assert y.dtype == np.float32
        numbers += y[:, 0].tolist()
    return numbers


@pytest.mark.parametrize("batch_size", [1, 3, 7, 20, 50])
def test_an_epoch_has_every_sample_once(made, batch_size: int) -> None:
    dataset = made(batch_size)
    assert len(dataset) == -(-20 // batch_size)
    assert drawn(dataset) == np.repeat(np.arange(10), 2).tolist()


def test_every_shuffled_epoch_is_a_permutation_of_its_own(made) -> None:
    dataset = made(3, seed=1)
    epochs = []
    for number in range(1, 5):
        dataset.start_epoch(number)
        epochs.append(drawn(dataset))
    assert all(sorted(epoch) == np.repeat(np.arange(10), 2).tolist() for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 4


def test_the_order_depends_on_the_seed_alone(made) -> None:
    assert drawn(made(3, seed=1)) == drawn(made(5, seed=1))
    assert drawn(made(3, seed=1)) != drawn(made(3, seed=2))


def test_without_a_seed_every_epoch_is_in_order(made) -> None:
    dataset = made(4)
    first = drawn(dataset)
    dataset.start_epoch(2)
    assert drawn(dataset) == first


def test_rows_are_shuffled_among_neighbours(made, batches: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SHUFFLED_ROWS", 6)
    dataset = made(20, seed=1)
    order = dataset.order.tolist()
    assert sorted(order) == list(range(20))
    assert order != list(range(20))
    # Every block of six neighbours stays together; the last has two.
    blocks = [number // 6 for number in order]
    runs = [block for place, block in enumerate(blocks) if place == 0 or blocks[place - 1] != block]
    assert sorted(runs) == [0, 1, 2, 3]


def test_what_goes_wrong_while_batches_are_read_ahead_is_told(made, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = made(4)

    def fail(_: np.ndarray) -> None:
        raise TartarusError("no such row")

    monkeypatch.setattr(dataset.features[0], "rows", fail)
    with pytest.raises(TartarusError, match="no such row"):
        list(dataset)


def test_without_truth_there_are_inputs_only(made) -> None:
    assert len(made(4, y=False)[0]) == 1


def test_the_truth_may_be_mapped_from_its_file(batches: ModuleType, made, tmp_path: Path) -> None:
    in_memory = made(7, seed=1)
    write_array(tmp_path / "y.npy", in_memory.y)
    mapped = batches.Batches(
        in_memory.features, in_memory.row_numbers, read_array(tmp_path / "y.npy", mapped=True), in_memory.y_rows,
        batch_size=7, seed=1,
    )  # fmt: skip
    assert isinstance(mapped.y, np.memmap)
    assert drawn(mapped) == drawn(in_memory)
