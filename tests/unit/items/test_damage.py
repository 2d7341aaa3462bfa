"""Tables and texts with bytes flipped, cut, doubled or put in: each gives a value, or an error that names the file."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.features.text import texts
from tartarus.items import item_tables, statuses, tables

ITEMS = (
    "id\taudio\ttext\tlabels\tgroup\ttitle\nS1\ta/1.mp3\tt/1.txt\trock|pop\tBeyoncé\tplain\n"
    'S2\ta/2.mp3\t\tpop\tX\t"say ""a"""\nS3\t\tt/3.txt\t\t\t"two\nlines"\nS4\t\t\tjazz\tX\t\n'
)
SETS = "id\tset\tseed\nS1\ttrain\t0\nS2\tval\t0\nS4\tval\t0\n"
TRACKS = "id\tstatus\tseconds\tdetail\nS1\tok\t3.0\t\nS2\tundecodable\t0.0\ta/2.mp3: no sound\nS3\tok\t30.5\t\n"
TEXTS = "".join(
    json.dumps({"id": f"S{number}", "set": set_, "text": text}, ensure_ascii=False) + "\n"
    for number, (set_, text) in enumerate([("train", "señor\n"), ("val", 'a "quote"'), ("test", "हिन्दी\u2028")])
)
HISTORY = "epoch,loss,val_loss\n1,0.5,0.6\n2,2.5e-1,0.5\n"
# What breaks readers most: separators, marks, brackets, halves of characters.
PIECES = [*b'\t\n\r\0"\\{}[],:|;\x85\xff\xfe\xef\xbb\xbf\xd8', *range(48, 58), *range(256)]


def mutations(data: bytes, *, count: int) -> list[bytes]:
    """Change data in some places: a byte flipped, cut, put in, a part moved; the same changes in every run."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(rng.integers(1, 6)):
            place, length = int(rng.integers(len(changed) + 1)), int(rng.integers(1, 12))
            how = rng.integers(5)
            if how == 0:
                changed[place : place + 1] = bytes([rng.choice(PIECES)])
            elif how == 1:
                del changed[place : place + length]
            elif how == 2:
                changed[place:place] = bytes(rng.choice(PIECES, length).astype(np.uint8))
            elif how == 3:
                changed[place:place] = changed[-length:] * int(rng.integers(1, 4))
            else:
                del changed[place:]
        found.append(bytes(changed))
    return found


def read_items_of_one_label(path: Path) -> object:
    return item_tables.read_items(path, single=True)


def read_items_by_their_split(path: Path) -> object:
    (path.parent / "items.tsv").write_text(ITEMS, encoding="utf-8")
    return item_tables.read_items(path.parent / "items.tsv", sets=path)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (ITEMS, item_tables.read_items),
        (ITEMS, read_items_of_one_label),
        (SETS, read_items_by_their_split),
        (TRACKS, lambda path: statuses.read_all([path])),
        (TEXTS, texts.read),
        (HISTORY, tables.read_figures),
    ],
    ids=["items", "items of one label", "split", "tracks", "texts", "figures"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_damage_gives_a_value_or_an_error_that_names_the_file(
    tmp_path: Path, text: str, read: Callable[[Path], object], encoding: str
) -> None:
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8", newline="")
    assert read(path)
    errors = []
    for data in mutations(text.encode(encoding), count=300):
        path.write_bytes(data)
        try:
            read(path)
        except TartarusError as error:
            errors.append(str(error))
    assert all(error.startswith(str(path.parent)) for error in errors)
    # Else the changes would be too mild, and the test could not fail.
    assert len(errors) > 50
