"""Gazetteers: what is read, and what is told of one that is not as it should be."""

import re
from pathlib import Path

import pytest
from tartarus.base.errors import TartarusError
from tartarus.features.text import gazetteers
from tartarus.features.text.gazetteers import Entity

HEADER = "entity\taliases\tcategories\n"


def test_a_gazetteer_is_read(tmp_path: Path) -> None:
    path = tmp_path / "gazetteer.tsv"
    path.write_text(f"{HEADER}David Bowie\tBowie| Ziggy \tEnglish singers|actors\nBerlin\t\t\n")
    assert gazetteers.read(path) == [
        Entity("David Bowie", ("Bowie", "Ziggy"), ("English singers", "actors")),
        Entity("Berlin", (), ()),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{HEADER}Bowie\ta||b\t\n", "row 2: entity 'Bowie': an empty name in column 'aliases'; delete it, with its |"),
        (f"{HEADER}Bowie\t\tx|\n", "row 2: entity 'Bowie': an empty name in column 'categories'"),
        (f"{HEADER}Bowie\t\t\n!!!\tchk\t\n", "row 3: entity '!!!': '!!!' holds no word in column 'entity'"),
        (f"{HEADER}\ta\t\n", "row 2: entity '': an empty name in column 'entity'"),
        (f"{HEADER}Bowie\t\t\nBowie\t\t\n", "row 3: entity 'Bowie' stands in row 2 already; delete one"),
        (f"{HEADER}Bowie\ta\n", "row 2: 2 cells, the header has 3; check its separators"),
        (HEADER, "no entities; write one row for each"),
        ("entity\talias\tcategories\nx\t\t\n", "row 1: expected one column 'aliases', found 0; did you mean 'alias'?"),
        ("entity;aliases;categories\n", "row 1: semicolons between the cells, tabs expected"),
    ],
)
def test_a_gazetteer_that_is_not_as_it_should_be_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "gazetteer.tsv"
    path.write_text(text)
    with pytest.raises(TartarusError, match=re.escape(f"{path}: {message}")):
        gazetteers.read(path)


def test_the_digest_is_of_what_the_gazetteer_says(tmp_path: Path) -> None:
    digests = []
    for number, text in enumerate(("x\ta|b\tc", "x\ta | b\tc", "x\ta\tc", "x\ta|b\td")):
        path = tmp_path / f"{number}.tsv"
        path.write_text(f"{HEADER}{text}\n")
        digests.append(gazetteers.digest_of(gazetteers.read(path)))
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "gazetteer.tsv"
    path.write_text(f"{HEADER}Bowie\ta||b\t\nx\t\n!!!\t?\ty\nBowie\t\t|\n")
    found = [(fault.row, fault.column) for fault in gazetteers.faults(path)]
    assert found == [
        (3, ""), (2, "aliases"), (4, "entity"), (4, "aliases"), (5, "categories"), (5, "categories"), (5, "entity")
    ]  # fmt: skip
    path.write_bytes(b"PK\x03\x04")
    (fault,) = gazetteers.faults(path)
    assert (fault.what, fault.remedy) == ("a workbook of a spreadsheet", "save it as tab-separated text (UTF-8)")
