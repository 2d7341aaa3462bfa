"""Which tracks are in which shard, and what a new track changes."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.hashing import stable_hash
from tartarus.plan.sharding import AUTO, MOST, part

TRACKS = [f"S{number}" for number in range(20_000)]


def parted(ids: list[str], wanted: int | str = AUTO) -> dict[int, set[str]]:
    return {number: set(shard.tracks) for number, shard in part(dict(zip(ids, ids, strict=True)), wanted).items()}


@given(st.lists(st.text(max_size=8), unique=True, max_size=40), st.integers(1, 9) | st.just(AUTO))
def test_a_track_is_in_one_shard_and_its_number_and_modulus_tell_it(ids: list[str], wanted: int | str) -> None:
    shards = part({id_: id_ for id_ in ids}, wanted)
    assert sorted(id_ for shard in shards.values() for id_ in shard.tracks) == sorted(ids)
    for id_ in ids:
        assert [number for number, shard in shards.items() if stable_hash(id_) % shard.modulus == number] == [
            number for number, shard in shards.items() if id_ in shard.tracks
        ]


@given(st.lists(st.text(max_size=8), unique=True, max_size=40), st.integers(1, 9))
def test_a_number_of_shards_is_that_number_and_no_track_moves_another(ids: list[str], wanted: int) -> None:
    shards = parted(ids, wanted)
    assert list(shards) == list(range(wanted))
    without = parted(ids[1:], wanted)
    assert {number: tracks - set(ids[:1]) for number, tracks in shards.items()} == without


@given(st.integers(0, MOST))
def test_few_tracks_are_one_shard(count: int) -> None:
    assert parted(TRACKS[:count]) == {0: set(TRACKS[:count])}


@given(st.integers(0, len(TRACKS) - 1), st.integers(1, 3000))
def test_a_new_track_changes_the_shard_that_it_is_in_or_parts_it(first: int, count: int) -> None:
    ids = [TRACKS[(first + number) % len(TRACKS)] for number in range(count)]
    before, after = parted(ids[:-1]), parted(ids)
    changed = {number for number in after if after[number] != before.get(number)}
    assert before.keys() <= after.keys()
    if len(after) == len(before):
        assert len(changed) == 1
    else:
        # It was full: two halves, one of them under its number.
        assert len(after) == len(before) + 1
        assert len(changed) == 2
        (new,) = after.keys() - before.keys()
        (old,) = changed - {new}
        assert after[old] | after[new] == before[old] | {ids[-1]}
        assert len(before[old]) == MOST
    assert ids[-1] in set().union(*(after[number] for number in changed))


@given(st.randoms(use_true_random=False), st.integers(1, 3000))
def test_the_order_of_rows_means_nothing(random, count: int) -> None:
    ids = TRACKS[:count]
    shuffled = random.sample(ids, len(ids))
    assert parted(shuffled) == parted(ids)


def test_shards_become_more_with_the_tracks_and_stay_of_about_250() -> None:
    means = []
    for count in range(1000, 20_001, 500):
        sizes = [len(tracks) for tracks in parted(TRACKS[:count]).values()]
        # A half of a full shard is a binomial draw of 351: 122 is six standard deviations below.
        assert 120 < min(sizes) <= max(sizes) <= MOST
        means.append(count / len(sizes))
    assert 225 < sum(means) / len(means) < 275
    assert all(170 < mean < MOST for mean in means)


def test_shards_of_a_number_are_of_about_the_same_size() -> None:
    counts = Counter({number: len(tracks) for number, tracks in parted(TRACKS[:4000], 4).items()})
    # Four standard deviations of a binomial distribution.
    assert all(abs(count - 1000) < 4 * (4000 * 0.25 * 0.75) ** 0.5 for count in counts.values())
