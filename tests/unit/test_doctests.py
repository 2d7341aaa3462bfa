"""The examples in docstrings."""

import doctest
import importlib
import re

import pytest

from tests.paths import ROOT, SCRIPTS

MODULES = [
    ".".join(path.relative_to(SCRIPTS).with_suffix("").parts)
    for path in sorted(SCRIPTS.glob("tartarus/**/*.py"))
    if re.search(r"^ *>>> (?!.*\+SKIP)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
