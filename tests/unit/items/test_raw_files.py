"""Why a raw file is missing, as far as its name tells."""

import unicodedata
from pathlib import Path

import pytest
from tartarus.items.raw_files import why_missing


@pytest.mark.parametrize(("on_disk", "in_table"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_a_name_that_only_looks_the_same_is_named(tmp_path: Path, on_disk: str, in_table: str) -> None:
    (tmp_path / unicodedata.normalize(on_disk, "Beyoncé.mp3")).touch()
    path = tmp_path / unicodedata.normalize(in_table, "Beyoncé.mp3")
    assert not path.is_file()
    assert why_missing(path) == (
        f"{path} does not exist, but looks like a file whose name is in the form {on_disk} of Unicode; rename it"
    )


def test_a_folder_is_told_from_what_is_not_there(tmp_path: Path) -> None:
    assert why_missing(tmp_path) == f"{tmp_path} is a folder, not a file"
    assert why_missing(tmp_path / "é.mp3") == f"{tmp_path / 'é.mp3'} does not exist"
