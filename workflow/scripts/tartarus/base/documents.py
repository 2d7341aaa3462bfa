"""YAML and JSON that others wrote: read in bounded time and memory, and refused with a message where they are odd.

YAML is read by the rules of its version 1.2: only true and false are truth values, so that `on` and `no` are words; a
date is a text. Keys are texts, whatever they look like.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import yaml
from tartarus.base.errors import TartarusError

_LONGEST_YAML = 1 << 20  # bytes; reading that takes seconds
_LONGEST_JSON = 1 << 27  # bytes
_DEEPEST = 30  # levels
_MOST_NODES = 50_000  # keys and values, those that an alias stands for included
LARGEST_INTEGER = 1 << 53  # up to there, a floating-point number is exact too
_DATE = "date"  # a tag of our own, for what looks like one
_TRUTHS = {True: "on, yes or true", False: "off, no or false"}  # what Snakemake's YAML makes truth values of
_TAG = "tag:yaml.org,2002:"


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping.

    Raises
    ------
    TartarusError
        If it is no YAML, no mapping, has a key twice, or is no file, too long, or too deep; the message names file and
        line.
    """
    text = _read_text(Path(path), _LONGEST_YAML)
    try:
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except _Odd as error:
        raise TartarusError(f"{path}: {error}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise TartarusError(
            f"{path}: {line}not YAML: {', '.join(filter(None, (error.context, error.problem)))}"
        ) from error
    except yaml.reader.ReaderError as error:
        line = f"line {text.count(chr(10), 0, error.position) + 1}: "
        raise TartarusError(f"{path}: {line}not YAML: the character {error.character:#04x}; delete it") from error
    if not isinstance(value, dict):
        raise TartarusError(f"{path}: expected keys and values, found {type(value).__name__}")
    return value


def read_json(path: str | Path, *, what: str = "JSON", remedy: str = "mend it") -> Any:
    """Read a JSON file.

    Parameters
    ----------
    path : str or Path
        The file.
    what, remedy : str
        What it should be, and what to do where it is not; for the message.

    Raises
    ------
    TartarusError
        If it is none, or no file, or too long.
    """
    try:
        return parse_json(_read_bytes(Path(path), _LONGEST_JSON))
    except ValueError as error:
        raise TartarusError(f"{path}: not {what} ({error}); {remedy}") from error


def parse_json(text: str | bytes) -> Any:
    """Read JSON that is written as its standard says.

    Raises
    ------
    ValueError
        If it is none, says NaN or what is no character, has a key twice, or is nested too deeply.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_float=_finite, parse_constant=_finite)
        json.dumps(value, ensure_ascii=False).encode()  # halves of characters are read, but cannot be written
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]} is not a finite number")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {twice[:40]!r} stands twice")
    return value


def oddity(value: Any) -> tuple[tuple[str | int, ...], str] | None:
    """Say what in a value that others have read is none of JSON's, and where; None if nothing is.

    Parameters
    ----------
    value : object
        What a reader without bounds made of YAML.

    Returns
    -------
    place : tuple of str or int
        The keys that lead there.
    fault : str
        What is wrong, and what to do.
    """
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    for _ in range(_MOST_NODES):
        if not waiting:
            return None
        place, found = waiting.pop()
        if len(place) > _DEEPEST:
            return place[:3], f"nested more than {_DEEPEST} levels deep; flatten it"
        if isinstance(found, Mapping):
            for key in found:
                if not isinstance(key, str):
                    word = _TRUTHS[key] if isinstance(key, bool) else f"{key!s:.40}"
                    return place, f"the key {word} is no text; put it between quotes"
            waiting += [((*place, key), inner) for key, inner in found.items()]
        elif isinstance(found, list | tuple):
            waiting += [((*place, number), inner) for number, inner in enumerate(found)]
        elif isinstance(found, int):
            if abs(found) > LARGEST_INTEGER:
                return place, f"an integer beyond {LARGEST_INTEGER}; correct it"
        elif isinstance(found, float):
            if not math.isfinite(found):
                return place, f"{found} is no finite number; correct it"
        elif not isinstance(found, str | None):
            return place, f"a {type(found).__name__}; if a text is meant, put it between quotes"
    return (), f"more than {_MOST_NODES} values, with what aliases stand for; make it shorter"


def _read_bytes(path: Path, most: int) -> bytes:
    """Read a file that may be anything: a folder, a pipe that never ends, too long, not to be read."""
    try:
        if not path.is_file():
            fault = "neither a file nor a link to one" if path.exists() else "not found"
            raise TartarusError(f"{path}: {fault}; put the file there")
        if path.stat().st_size > most:
            raise TartarusError(f"{path}: {path.stat().st_size} bytes, more than the {most} that are read; shorten it")
        return path.read_bytes()
    except OSError as error:
        raise TartarusError(f"{path}: cannot be read ({error.strerror}); mend its permissions") from error


def _read_text(path: Path, most: int) -> str:
    data = _read_bytes(path, most)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        form = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin1"
        raise TartarusError(
            f"{path}: line {data.count(10, 0, error.start) + 1}: not UTF-8 (byte {data[error.start]:#04x}); convert "
            f"it, for example with: iconv -f {form} -t utf-8"
        ) from error


# --- YAML ------------------------------------------------------------------------------------------------


class _Odd(Exception):
    """Something that is YAML, but is not taken."""

    def __init__(self, mark: Any, what: str) -> None:
        super().__init__(f"line {mark.line + 1}: {what}")


class _Loader(yaml.composer.Composer, yaml.CSafeLoader):
    """YAML of keys that are texts and stand once, and of values that JSON has too, within bounds.

    It is parsed by libyaml, ten times as fast as in Python; composed in Python, where it can be counted.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        yaml.composer.Composer.__init__(self)
        self._depth = 0
        self._sizes: dict[Any, int] = {}  # of each node: how many it and those below it are

    def compose_node(self, parent: Any, index: Any) -> Any:
        mark = self.peek_event().start_mark  # type: ignore[union-attr]
        is_alias = self.check_event(yaml.AliasEvent)
        if self._depth == _DEEPEST:
            raise _Odd(mark, f"nested more than {_DEEPEST} levels deep; flatten it")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if not is_alias:
            self._sizes[node] = self._checked(node)
            self._expect_few(node, len(self._sizes))
        elif node not in self._sizes:
            raise _Odd(mark, "an alias within what it stands for; write out what is meant")
        return node

    def _checked(self, node: Any) -> int:
        """Check a node whose children are checked, make texts of its keys, and tell its size."""
        if node.tag not in _TAGS:
            raise _Odd(node.start_mark, f"the tag {node.tag.replace(_TAG, '!!')[:60]!a}; delete it")
        children, size = [], 1
        if isinstance(node, yaml.MappingNode):
            node.value = [(self._key(key), value) for key, value in node.value]
            _refuse_twice([key for key, _ in node.value])
            children, size = [value for _, value in node.value], 1 + len(node.value)
        elif isinstance(node, yaml.SequenceNode):
            children = node.value
        size += sum(self._sizes[child] for child in children)
        self._expect_few(node, size)
        return size

    def _expect_few(self, node: Any, size: int) -> None:
        if size > _MOST_NODES:
            raise _Odd(node.start_mark, f"more than {_MOST_NODES} values, with what aliases stand for; make it shorter")

    def _key(self, key: Any) -> Any:
        if not isinstance(key, yaml.ScalarNode):
            raise _Odd(key.start_mark, "a key that is a list or a mapping; write a text")
        if key.tag == f"{_TAG}merge":
            return key
        if key.tag == _DATE:
            self.construct_object(key)
        return yaml.ScalarNode(f"{_TAG}str", key.value, key.start_mark, key.end_mark)

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError) as error:
            kind = _KINDS[node.tag.removeprefix(_TAG)]
            raise _Odd(node.start_mark, f"'{node.value[:40]}' is no {kind} that can be used; correct it") from error


def _refuse_twice(keys: list[Any]) -> None:
    seen = set()
    for key in keys:
        if key.value in seen:
            raise _Odd(key.start_mark, f"the key '{key.value[:60]}' stands twice; delete or rename one")
        seen.add(key.value)


def _integer(loader: _Loader, node: Any) -> int:
    value = int(loader.construct_scalar(node), 0)
    if abs(value) > LARGEST_INTEGER:
        raise ValueError
    return value


def _number(loader: _Loader, node: Any) -> float:
    value = float(loader.construct_scalar(node))
    if not math.isfinite(value):
        raise ValueError
    return value


def _date(loader: _Loader, node: Any) -> str:
    loader.construct_yaml_timestamp(node)  # Snakemake reads config.yaml too, and breaks down at a date that is none
    return str(node.value)


_KINDS = {_DATE: "date", "int": f"integer up to {LARGEST_INTEGER}", "float": "finite number", "bool": "truth value"}
_TAGS = {f"{_TAG}{kind}" for kind in ("null", "bool", "int", "float", "str", "seq", "map", "merge")} | {_DATE}
for _kind, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(0|[1-9][0-9_]*|0[0-7_]+|0[box][0-9a-fA-F_]+)", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9][0-9_]*\.[0-9_]*)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?[0-9]+[eE][-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+."),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_kind}", re.compile(rf"(?:{_pattern})\Z"), list(_first))
_Loader.add_constructor(f"{_TAG}int", _integer)
_Loader.add_constructor(f"{_TAG}float", _number)
_Loader.add_constructor(_DATE, _date)
for _tag, _dates in yaml.SafeLoader.yaml_implicit_resolvers["1"]:
    if _tag == f"{_TAG}timestamp":
        _Loader.add_implicit_resolver(_DATE, _dates, list("0123456789"))
