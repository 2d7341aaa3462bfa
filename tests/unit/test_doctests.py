"""The examples in docstrings of what users import."""

import doctest
import importlib

import pytest

from tests.paths import ROOT

MODULES = (
    *("base.files", "evaluation.multiclass", "evaluation.ranking", "features.store", "items.tables"),
    *("plan.feature_kinds", "plan.requests"),
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(importlib.import_module(f"tartarus.{name}"))
    assert found.attempted > 0
    assert found.failed == 0
