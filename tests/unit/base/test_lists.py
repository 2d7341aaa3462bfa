"""Lists of files are told by the first few and a count."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.lists import SHOWN, shorten_lists, shortened

MANY = [f"data/spectrograms/tracks_D_train-{number}.tsv" for number in range(400)]
FIRST = ", ".join(MANY[:SHOWN]) + ", and 397 more"


def record(message: str | None = "", **extra: object) -> logging.LogRecord:
    found = logging.makeLogRecord({"msg": message, "levelno": logging.INFO, **extra})
    assert shorten_lists(found)
    return found


@given(st.lists(st.text(), max_size=20))
def test_nothing_is_lost_of_a_list(names: list[str]) -> None:
    found = shortened(names)
    if found != names:
        assert found[:-1] == names[:SHOWN]
        assert found[-1] == f"and {len(names) - SHOWN} more"
        assert len(found) < len(names)


def test_what_a_job_reads_and_why_it_runs_is_short() -> None:
    reason = (
        f"Missing output files: a.hdf5; Input files updated by another job: {', '.join(MANY)}; "
        f"Params have changed since last execution: Union of exclusive params before: {', '.join('abcdefghijk')}"
    )
    found = record(input=MANY, output=["a.hdf5"], log=["a.log"], reason=reason)
    assert ", ".join(found.input) == FIRST
    assert (found.output, found.log) == (["a.hdf5"], ["a.log"])
    assert found.reason == reason.replace(", ".join(MANY), FIRST)


@pytest.mark.parametrize("indent", ["", "    "])
def test_files_below_each_other_are_short(indent: str) -> None:
    column = "\n".join(indent + name for name in MANY)
    head = "The files below seem to be incomplete; give --rerun-incomplete:\n"
    expected = "\n".join(indent + name for name in [*MANY[:SHOWN], "and 397 more"])
    assert record(f"{head}{column}\nAnd so on.").msg == f"{head}{expected}\nAnd so on."
    assert record(head + column).msg == head + expected


def test_other_text_stays_as_it_is() -> None:
    lines = "\n".join(f"a/b: line {number} of a traceback" for number in range(20))
    assert record(lines).msg == lines
    few = "\n".join(MANY[:6])
    assert record(few).msg == few
    assert record(None).msg is None
