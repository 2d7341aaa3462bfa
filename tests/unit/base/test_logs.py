"""What a job tells, where, and with which exit status."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from tartarus.base import logs
from tartarus.base.errors import TartarusError


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)


def failing(path: Path, error: BaseException) -> None:
    with logs.job(str(path)):
        raise error


def test_messages_go_into_the_log_and_warnings_to_the_screen_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with logs.job(str(tmp_path / "job.log")):
        logs.log.info("all is well")
        logs.log.warning("canción S2 is odd")
    text = (tmp_path / "job.log").read_text(encoding="utf-8")
    assert "INFO all is well" in text
    assert "WARNING canción S2 is odd" in text
    screen = capsys.readouterr().err
    assert "canción S2 is odd" in screen
    assert "all is well" not in screen


def test_what_the_user_can_mend_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        failing(tmp_path / "job.log", TartarusError("items.tsv: row 3: id 'S2': no label"))
    assert end.value.code == 1
    text = (tmp_path / "job.log").read_text()
    assert text.endswith("ERROR items.tsv: row 3: id 'S2': no label\n")
    assert "Traceback" not in text
    assert capsys.readouterr().err.count("\n") == 1


def test_anything_else_has_its_traceback_in_the_log_and_a_line_on_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        failing(tmp_path / "job.log", ZeroDivisionError("by zero"))
    assert end.value.code == 1
    text = (tmp_path / "job.log").read_text()
    assert "Traceback (most recent call last)" in text
    assert "raise error" in text
    screen = capsys.readouterr().err
    assert f"ZeroDivisionError: by zero (traceback in {tmp_path / 'job.log'})" in screen
    assert "Traceback (most" not in screen


def test_an_interruption_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        failing(tmp_path / "job.log", KeyboardInterrupt())


def test_a_job_begins_its_log_anew(tmp_path: Path) -> None:
    (tmp_path / "job.log").write_text("of an earlier run")
    with logs.job(str(tmp_path / "job.log")):
        pass
    assert (tmp_path / "job.log").read_text() == ""


def test_progress_goes_through_every_step_and_says_when_it_is_done(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="tartarus"):
        assert list(logs.progress(iter("abc"), total=3, what="letters")) == ["a", "b", "c"]
    assert [record.getMessage().split(" done")[0] for record in caplog.records] == ["letters: 3 of 3"]


def test_progress_estimates_what_is_left(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    # A clock on which every step takes eleven seconds, more than a line has to wait for.
    clock = iter(range(0, 1000, 11))
    monkeypatch.setattr(logs.time, "monotonic", lambda: float(next(clock)))
    with caplog.at_level(logging.INFO, logger="tartarus"):
        list(logs.progress("abcd", total=4, what="letters"))
    told = [record.getMessage() for record in caplog.records]
    assert told[:4] == [
        "letters: 1 of 4, 11 s gone, about 33 s to go",
        "letters: 2 of 4, 22 s gone, about 22 s to go",
        "letters: 3 of 4, 33 s gone, about 11 s to go",
        "letters: 4 of 4, 44 s gone, about 0 s to go",
    ]
