"""What tests of configurations share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tartarus.plan import config

from tests.unit.plan.small_config import BASE, DATASET, VALUES


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., config.Config]:
    """Write a folder of configuration and load it."""

    def write_and_load(
        experiments: dict[str, Any] | None = None,
        *,
        templates: dict[str, Any] | None = None,
        dataset: dict[str, Any] | None = None,
        values: dict[str, Any] | None = None,
        **families: dict[str, Any],
    ) -> config.Config:
        first = {"title": "First", "templates": templates or {}, "experiments": experiments or {"base": BASE}}
        for family, content in {"first": first, **families}.items():
            path = tmp_path / "experiments" / f"{family}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(yaml.safe_dump(content))
        path = tmp_path / "datasets" / "SONGS.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(dataset or DATASET))
        return config.load(values or VALUES, tmp_path)

    return write_and_load
