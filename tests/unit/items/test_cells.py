"""A look at whole columns overlooks nothing that a look at every row finds."""

from hypothesis import given
from hypothesis import strategies as st
from tartarus.items.cells import Seen, are_plain, faults_of, used_columns

COLUMNS = ("id", "audio", "labels", "set")
# What makes a cell odd, among what does not.
CELLS = st.one_of(
    st.text(alphabet="ab|/.{} \t\n\x00\u2028\u00a0\x85é", max_size=4),
    st.sampled_from(["train", "val", "rock|pop", "x/y.wav", "../x", "é" * 63, "é" * 128, "a/" * 2100]),
)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), min_size=1, max_size=3)


@given(ROWS, st.booleans())
def test_where_columns_are_plain_no_row_has_a_fault(rows: list[dict[str, str]], single: bool) -> None:
    used = used_columns(COLUMNS, "labels")
    seen: Seen = {}
    options = {"seen": seen, "label_column": "labels", "single": single}
    faults = [fault for number, row in enumerate(rows) for fault in faults_of(row, used, number=number, **options)]
    if faults:
        assert not are_plain(rows, used, label_column="labels")


def test_an_ordinary_table_is_plain() -> None:
    rows = [
        {"id": "S 1", "audio": "audio/a b.mp3", "labels": "rock|hip hop", "set": "train"},
        {"id": "é|2", "audio": "", "labels": "", "set": "val"},
        {"id": "3", "audio": "x" * 63, "labels": "pop", "set": "test"},
    ]
    assert are_plain(rows, used_columns(COLUMNS, "labels"), label_column="labels")
