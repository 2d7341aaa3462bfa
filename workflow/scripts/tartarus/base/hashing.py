"""A hash of text that stays the same: what orders, shards and seeds by a name."""

import hashlib


def stable_hash(text: str, *, seed: int = 0) -> int:
    """Hash a text to 64 bits, the same on every machine and in every run."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{text}".encode(), digest_size=8).digest(), "big")
