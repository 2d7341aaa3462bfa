"""YAML and JSON of any kind: what it says, or a message with file and line, in bounded time and memory."""

import json
import os
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tartarus.archives.records import read_manifest
from tartarus.base import documents
from tartarus.base.documents import oddity, parse_json, read_json, read_yaml
from tartarus.base.errors import TartarusError
from tartarus.evaluation import results
from tartarus.plan import config, schemas

from tests.paths import ROOT, SHIPPED

# --- What is taken -------------------------------------------------------------------------------------------


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "odd.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    "path",
    [*sorted(SHIPPED.rglob("*.yaml")), *sorted(schemas.SCHEMAS.glob("*.yaml")), ROOT / "profiles/default/config.yaml"],
    ids=lambda path: path.name,
)
def test_every_shipped_file_says_what_a_plain_reader_finds_in_it(path: Path) -> None:
    assert read_yaml(path) == yaml.safe_load(path.read_text(encoding="utf-8"))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-documents.LARGEST_INTEGER, documents.LARGEST_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["C"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.-_: onyes1", min_size=1), inner, max_size=3)
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(["on", "no", "1", "a b", "~", "2024-01-01", "<"]), values))
def test_what_json_says_is_read_as_it_was_written(value: dict[str, Any]) -> None:
    # JSON is YAML; its values have one meaning only.
    text = json.dumps(value, ensure_ascii=False)
    assert parse_json(text) == value
    assert yaml.load(text, documents._Loader) == value  # noqa: S506 (a SafeLoader)
    assert oddity(value) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on: 1\nyes: no\nNO: [on, off, y]", {"on": 1, "yes": "no", "NO": ["on", "off", "y"]}),
        ("1: a\n1.0: b\n~: c\ntrue: d", {"1": "a", "1.0": "b", "~": "c", "true": "d"}),
        ("2024-02-29: 2024-02-29\nb: 12:30:00", {"2024-02-29": "2024-02-29", "b": "12:30:00"}),
        ("a: [1e-3, 1E3, .5, -2., 1.5e+3]", {"a": [0.001, 1000.0, 0.5, -2.0, 1500.0]}),
        ("a: [1_000, 0x1F, -0, +7, 0b11, 0o17]", {"a": [1000, 31, 0, 7, 3, 15]}),
        ("a: [1.2.3, 10.5281/z.1, 08, 1e, '1', =, 0b]", {"a": ["1.2.3", "10.5281/z.1", "08", "1e", "1", "=", "0b"]}),
        ("a: [true, False, TRUE, null, ~, Null]\nb:", {"a": [True, False, True, None, None, None], "b": None}),
        ("a: !!str 5\nb: !!float 5\nc: !!int '5'", {"a": "5", "b": 5.0, "c": 5}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("&x on: 5\nb: *x", {"on": 5, "b": "on"}),
        ("a: &x 5\n*x : 6", {"a": 5, "5": 6}),
        ("%YAML 1.1\n---\na: 1\n...", {"a": 1}),
    ],
)
def test_words_are_words_and_keys_are_texts(tmp_path: Path, text: str, value: dict[str, Any]) -> None:
    assert read_yaml(written(tmp_path, text)) == value


def test_a_key_that_stands_twice_is_refused_with_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text("title: one\nbow:\n  words: 1\n  words: 2\n")
    with pytest.raises(TartarusError) as error:
        read_yaml(path)
    assert str(error.value).startswith(f"{path}: line ")
    assert "the key 'words' stands twice" in str(error.value)


def test_the_message_of_a_key_that_stands_twice_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text("title: one\nseed: 1\nkind: table\nseed: 2\n")
    with pytest.raises(TartarusError) as error:
        read_yaml(path)
    assert "line 4" in str(error.value)


def test_merge_keys_bring_what_the_anchor_has_and_own_keys_go_before(tmp_path: Path) -> None:
    path = tmp_path / "merge.yaml"
    path.write_text("one: &one {a: 1, b: {c: 2}}\ntwo: {<<: *one, a: 3}\nthree: {<<: *one}\n")
    one = {"a": 1, "b": {"c": 2}}
    assert read_yaml(path) == {"one": one, "two": {**one, "a": 3}, "three": one}


def test_a_key_that_stands_twice_beside_a_merge_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "merge.yaml"
    path.write_text("one: &one {a: 1}\ntwo: {<<: *one, a: 3, a: 4}\n")
    with pytest.raises(TartarusError, match=r"merge\.yaml: line 2: the key 'a' stands twice"):
        read_yaml(path)


def test_merge_keys_may_be_merged_again(tmp_path: Path) -> None:
    path = tmp_path / "merge.yaml"
    path.write_text("a: &a {k: 1}\nx:\n  b: &b {<<: *a, k: 2}\nc: {<<: *b, j: 3}\n")
    assert read_yaml(path) == {"a": {"k": 1}, "x": {"b": {"k": 2}}, "c": {"k": 2, "j": 3}}


@pytest.mark.parametrize(
    ("text", "said"), [("a: [1", "not YAML"), ("- 1\n- 2\n", "found list"), ("", "found NoneType")]
)
def test_what_is_no_mapping_is_refused_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(TartarusError) as error:
        read_yaml(path)
    assert str(error.value).startswith(f"{path}: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


# --- What is refused -----------------------------------------------------------------------------------------


def laughs(kind: str) -> str:
    """Ten times ten times ten ... of something, by aliases."""
    form = {"lists": "[{}]", "mappings": "{{{}}}", "merges": "{{<<: [{}]}}"}[kind]
    lines = ["a0: &a0 {k: 1}"]
    for level in range(1, 30):
        aliases = [f"k{number}: *a{level - 1}" if kind == "mappings" else f"*a{level - 1}" for number in range(10)]
        lines.append(f"a{level}: &a{level} " + form.format(", ".join(aliases)))
    return "\n".join(lines)


# What is written, and the line that the message names.
HOSTILE: dict[str, tuple[str | bytes, int | None]] = {
    "nothing": ("", None),
    "a list": ("- 1\n- 2", None),
    "a text": ("title", None),
    "several documents": ("a: 1\n---\nb: 2", 2),
    "laughs of lists": (laughs("lists"), 4),
    "laughs of mappings": (laughs("mappings"), 4),
    "laughs of merges": (laughs("merges"), 4),
    "an alias of itself": ("a: 1\nb: &b [*b]", 2),
    "an alias of what is around it": ("a: &a\n  b: {c: *a}", 2),
    "an alias of nothing": ("a: 1\nb: *c", 2),
    "a merge of nothing": ("a: 1\n<<: 5", 2),
    "a merge as a value": ("a: 1\nb: <<", 2),
    "a timestamp": ("a: 1\nb: !!timestamp 2024-02-30", 2),
    "a date that is none": ("a: 1\nb: 2024-02-30", 2),
    "a key that is no date": ("a: 1\n2024-02-30: b", 2),
    "a time that is none": ("a: 2024-02-01 25:00:00", 1),
    "an object": ("a: !!python/object/apply:os.system [ls]", 1),
    "a module": ("a: !!python/module:os", 1),
    "a tag of its own": ("a: 1\nb: !song {}", 2),
    "a tagged key": ("!!python/name:os.system x: 1", 1),
    "a tag of a million letters": (f"a: !{'x' * 10**5} 1", 1),
    "binary": ("a: !!binary aGFsbG8=", 1),
    "a set": ("a: !!set {b, c}", 1),
    "ordered pairs": ("a: !!omap [b: 1]", 1),
    "a number that is none": ("a: 1\nb: !!int abc", 2),
    "a truth that is none": ("a: !!bool maybe", 1),
    "a float that is none": ("a: !!float 1.x", 1),
    "a text that is a list": ("a: !!str [b]", 1),
    "nan": ("a: 1\nseed: .nan", 2),
    "inf": ("a: [1,\n -.inf]", 2),
    "1e999": ("a: 1e999", 1),
    "2^70": (f"a: 1\nseed: {2**70}", 2),
    "-2^70": (f"seed: {-(2**70)}", 1),
    "5000 digits": (f"a: 1\nseed: {'9' * 5000}", 2),
    "hexadecimal digits": (f"seed: 0x{'f' * 10**5}", 1),
    "an octal number": ("seed: 017", 1),
    "deep brackets": ("a: 1\nb: " + "[" * 10**5, 2),
    "deep braces": ("a: " + "{a: " * 10**5, 1),
    "deep lists": ("\n".join(f"{'  ' * level}-" for level in range(200)), 31),
    "deep keys": ("\n".join(f"{' ' * level}a:" for level in range(200)), 30),
    "deep questions": ("? " * 10**4, 1),
    "a key that is a list": ("a: 1\n? [a]\n: 2", 2),
    "a key that is a mapping": ("{a: 1}: 2", 1),
    "a key twice": ("a: 1\nb: 2\na: 3", 3),
    "a key twice in braces": ("a: {b: 1, b: 2}", 1),
    "a key twice in two forms": ("1: a\n'1': b", 2),
    "a long key twice": (f"? {'x' * 10**5}\n: 1\n? {'x' * 10**5}\n: 2", 3),
    "tabs": ("a:\n\tb: 1", 2),
    "no end of brackets": ("a: [1, 2\nb: 3", 2),
    "no end of quotes": ('a: 1\nb: "c', 2),
    "a bad escape": ('a: "\\q"', 1),
    "no room": ("a: 1\n b: 2", 2),
    "a directive": ("%YAML 9.9\n---\na: 1", 1),
    "NUL": ("a: 1\nb: \0", 2),
    "a bell": ("a: 1\n\nb: \a", 3),
    "UTF-16": ("a: 1".encode("utf-16"), 1),
    "UTF-16 without a mark": ("a: 1".encode("utf-16-le"), 1),
    "UTF-32": ("a: 1".encode("utf-32-be"), 1),
    "Latin-1": ("a: 1\nb: Canción".encode("latin-1"), 2),
    "half a character": (b"a: \xed\xa0\x80", 1),
    "a million letters": ("a: " + "x" * 2**20, None),
    "3000 values": ("a: [" + "0," * 3000 + "]", 1),
    "3000 keys": ("\n".join(f"a{number}: 1" for number in range(3000)), 1001),
    "random bytes": (bytes(range(256)), 2),
}


@pytest.mark.parametrize("folder", ["datasets", "experiments", "published", "overlay"])
@pytest.mark.parametrize("case", HOSTILE)
def test_an_odd_file_of_the_configuration_is_refused_with_its_line(configuration: Path, folder: str, case: str) -> None:
    text, line = HOSTILE[case]
    path = configuration / folder / "odd.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(TartarusError) as error:
        config.load(VALUES, configuration, overlays=[path] if folder == "overlay" else [])
    message = str(error.value)
    assert message.startswith(f"{path}: " + (f"line {line}: " if line else ""))
    assert message.isprintable()
    assert len(message) < 700


VALUES = yaml.safe_load((SHIPPED / "config.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of configuration without datasets and families; it may hold fewer values, which tests faster."""
    monkeypatch.setattr(documents, "_MOST_NODES", 2000)
    (tmp_path / "config.yaml").write_bytes((SHIPPED / "config.yaml").read_bytes())
    return tmp_path


@pytest.mark.parametrize("case", ["laughs of lists", "laughs of merges", "deep braces", "3000 values", "2^70"])
def test_config_yaml_itself_is_refused_likewise(configuration: Path, case: str) -> None:
    text, line = HOSTILE[case]
    (configuration / "config.yaml").write_text(str(text))
    with pytest.raises(TartarusError) as error:
        config.load(VALUES, configuration)
    assert str(error.value).startswith(f"{configuration}/config.yaml: line {line}: ")


@pytest.mark.parametrize("text", ["[" * 10**5, "a: [" + "{}," * 10**5, laughs("merges"), "k: 1\n" * 10**5])
def test_a_large_file_is_not_read_to_its_end(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_MOST_NODES", 2000)
    tracemalloc.start()
    with pytest.raises(TartarusError):
        read_yaml(written(tmp_path, text))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1 << 24


# --- What is no file -----------------------------------------------------------------------------------------


def folder_of(path: Path) -> None:
    path.mkdir()


def missing(path: Path) -> None:
    assert not path.exists()


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def without_end(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [folder_of, missing, circle, dangling, without_end, os.mkfifo])
@pytest.mark.parametrize("read", [read_yaml, read_json, results.read])
def test_what_is_no_file_is_refused(tmp_path: Path, make: Any, read: Any) -> None:
    path = tmp_path / "odd"
    make(path)
    with pytest.raises(TartarusError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize("make", [folder_of, without_end, os.mkfifo])
@pytest.mark.parametrize("place", ["datasets/odd.yaml", "experiments/odd.yaml", "config.yaml"])
def test_a_configuration_of_no_files_is_refused(configuration: Path, make: Any, place: str) -> None:
    path = configuration / place
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    make(path)
    with pytest.raises(TartarusError) as error:
        config.load(VALUES, configuration)
    assert str(error.value).startswith(f"{path}: ")


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a: 1")

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read all
    with pytest.raises(TartarusError) as error:
        read_yaml(path)
    assert str(error.value) == f"{path}: cannot be read (Permission denied); mend its permissions"


# --- JSON ----------------------------------------------------------------------------------------------------

ODD_JSON = {
    "nothing": "",
    "YAML": "family: demo",
    "half": '{"family": "demo", ',
    "two": "{}{}",
    "NaN": '{"family": NaN}',
    "infinity": '{"family": -Infinity}',
    "1e999": '{"family": 1e999}',
    "5000 digits": f'{{"classes": {"9" * 5000}}}',
    "half a character": '{"family": "\\ud800"}',
    "a key twice": '{"family": "a", "family": "b"}',
    "deep": "[" * 10**6,
    "deep keys": '{"a":' * 10**5,
    "a list": "[]",
    "null": "null",
    "a number": "1",
    "no keys": "{}",
    "a control character": '{"family": "\a"}',
}


@pytest.mark.parametrize("case", ODD_JSON)
@pytest.mark.parametrize("read", [results.read, read_manifest])
def test_an_odd_result_or_manifest_is_refused(tmp_path: Path, case: str, read: Any) -> None:
    path = tmp_path / "odd.json"
    path.write_text(ODD_JSON[case])
    with pytest.raises(TartarusError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert len(str(error.value)) < 700


# --- What others have read: Snakemake, by YAML 1.1 and without bounds -------------------------------------------


@pytest.mark.parametrize(
    ("value", "place", "what"),
    [
        ({"a": {True: 1}}, ("a",), "the key on, yes or true is no text"),
        ({"a": {False: 1}}, ("a",), "the key off, no or false is no text"),
        ({1: 2}, (), "the key 1 is no text"),
        ({None: 2}, (), "the key None is no text"),
        ({(1, 2): 2}, (), r"the key \(1, 2\) is no text"),
        ({"a": [0, float("nan")]}, ("a", 1), "nan is no finite number"),
        ({"a": float("-inf")}, ("a",), "-inf is no finite number"),
        ({"a": 2**70}, ("a",), "an integer beyond"),
        ({"a": -(10**5000)}, ("a",), "an integer beyond"),
        ({"a": date(2024, 2, 1)}, ("a",), "a date; if a text is meant, put it between quotes"),
        ({"a": b"x"}, ("a",), "a bytes"),
        ({"a": {"x", "y"}}, ("a",), "a set"),
    ],
)
def test_what_json_has_not_is_told_with_its_place(value: Any, place: tuple[str | int, ...], what: str) -> None:
    found = oddity(value)
    assert found is not None
    assert found[0] == place
    assert what.replace("\\", "") in found[1]


def test_what_is_shared_without_end_is_found_odd() -> None:
    shared: Any = "x"
    for _ in range(28):
        shared = [shared, shared]
    assert oddity({"a": shared}) == ((), "more than 50000 values, with what aliases stand for; make it shorter")
    deep: Any = 1
    for _ in range(10**5):
        deep = [deep]
    assert oddity({"a": deep}) == (("a", 0, 0), "nested more than 30 levels deep; flatten it")
