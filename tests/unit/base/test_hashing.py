"""The hash that stays the same."""

from tartarus.base.hashing import stable_hash


def test_hashes_are_those_of_blake2b() -> None:
    # A fixed point: `printf '7:S1' | b2sum -l 64`.
    assert stable_hash("S1", seed=7) == int("b048b551aea06829", 16)
