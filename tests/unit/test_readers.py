"""Whatever happens to a file, its reader gives a value or a reason: a small run of what `readers` tries widely."""

from pathlib import Path

import pytest

from .readers import READERS, outcomes


@pytest.mark.parametrize("name", [name for name in READERS if name not in ("model", "experiments")])
def test_a_damaged_file_gives_a_value_or_a_reason(tmp_path: Path, name: str) -> None:
    found = outcomes(READERS[name], tmp_path, count=60)
    # Else the changes would be too mild, and the test could not fail.
    assert found["reason"] > 5
