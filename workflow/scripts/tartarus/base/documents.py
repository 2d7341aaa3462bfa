"""JSON and YAML that others wrote: read in bounded time and memory, and refused with a message where they are odd."""

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """Read JSON that is written as its standard says.

    Raises
    ------
    ValueError
        If it is none, says NaN or what is no character, has a key twice, or is nested too deeply.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object)
        # What Python reads beyond the standard, it does not write: NaN, infinity, halves of characters.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:40]!r} stands twice")
    return value
