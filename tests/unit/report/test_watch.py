"""Following a run by its logs: what runs, what a training has come to, how long it will take."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tartarus.report import watch

# As Snakemake and the trainings write them.
SNAKEMAKE = """\
Building DAG of jobs...
Job stats:
job                       count
----------------------  -------
index                         2
train_demo_dummy_audio        1
total                         4

Select jobs to execute...
Execute 1 jobs...
[Sat Nov 28 05:12:10 2026]
localrule index:
    input: data/raw/DEMO/items.tsv
    output: data/splits/items_index_train_DEMO.tsv
    log: logs/index/train_DEMO.log
    jobid: 5
    resources: tmpdir=/tmp
[Sat Nov 28 05:12:30 2026]
Finished jobid: 5 (Rule: index)
1 of 4 steps (25%) done
Execute 3 jobs...
[Sat Nov 28 05:12:30 2026]
Job 6: spectrograms_cqt DEMO train-0
Reason: Input files updated by another job: data/raw/DEMO/audio/D013.wav
[Sat Nov 28 05:12:31 2026]
rule train_demo_dummy_audio:
    input: data/patches/patches_train_DEMO_2_5.hdf5
    log: logs/train/demo/dummy_audio_seed-1.log
    jobid: 2
[Sat Nov  7 05:12:32 2026]
localrule index:
    log: logs/index/val_DEMO.log
    jobid: 7
[Sat Nov 28 05:12:40 2026]
Error in rule index:
    message: None
    jobid: 7
    log: logs/index/val_DEMO.log (check log file(s) for error details)
"""
EPOCHS = """\
05:12:49 INFO epoch 1 of 30: categorical_accuracy 0.5764, loss 0.4242, val_categorical_accuracy 0.6250, val_loss 0.5000; 2 s gone, at most 63 s to go
05:12:49 INFO epoch 2 of 30: categorical_accuracy 0.8264, loss 0.1865, val_categorical_accuracy 0.7083, val_loss 0.3595; 3 s gone, at most 35 s to go
05:12:52 INFO best epoch 2 of 2
05:12:55 INFO epoch 1 of 30: loss 0.3572, val_loss 0.4801; 3 s gone, at most 80 s to go
05:12:57 INFO epoch 2 of 30: loss 0.2070, val_loss 0.6527; 5 s gone, at most 74 s to go
05:12:58 INFO epoch 3 of 30: loss 0.1000, val_loss 0.5300; 5 s gone, at most 100 s to go
"""  # noqa: E501


def at(seconds: int) -> datetime:
    return datetime(2026, 11, 28, 5, 12, 10) + timedelta(seconds=seconds)


def test_a_run_is_what_has_begun_and_not_ended() -> None:
    run = watch.read_run(SNAKEMAKE)
    assert (run.done, run.steps, run.is_over, run.failed) == (1, 4, False, ["index"])
    assert run.began == at(0)
    assert run.running == {
        6: watch.Job("spectrograms_cqt DEMO train-0", at(20), ""),
        2: watch.Job("train_demo_dummy_audio", at(21), "logs/train/demo/dummy_audio_seed-1.log"),
    }


def test_jobs_are_counted_before_the_first_is_done_and_a_job_that_is_tried_again_runs() -> None:
    assert watch.read_run(SNAKEMAKE.split("[Sat")[0]).steps == 4
    again = "[Sat Nov 28 05:12:45 2026]\nlocalrule index:\n    log: logs/index/val_DEMO.log\n    jobid: 7\n"
    assert 7 in watch.read_run(SNAKEMAKE + again).running


def test_a_course_is_that_of_the_training_the_log_tells_of_last() -> None:
    course = watch.read_course(EPOCHS)
    assert course is not None
    assert (course.number, course.most, course.seconds_left) == (2, 30, 100)
    assert [epoch["val_loss"] for epoch in course.epochs] == [0.4801, 0.6527, 0.53]
    assert course.epochs[0] == {"epoch": 1, "loss": 0.3572, "val_loss": 0.4801}
    assert watch.read_course("05:12:49 INFO reading\n") is None


def test_what_is_told(tmp_path: Path) -> None:
    (tmp_path / ".snakemake/log").mkdir(parents=True)
    (tmp_path / ".snakemake/log/2026-11-28T051200.snakemake.log").write_text(SNAKEMAKE, encoding="utf-8")
    # A dry run came later; it began no job.
    dry = SNAKEMAKE.split("Select")[0]
    (tmp_path / ".snakemake/log/2026-11-28T051300.snakemake.log").write_text(dry, encoding="utf-8")
    (tmp_path / "logs/train/demo").mkdir(parents=True)
    (tmp_path / "logs/train/demo/dummy_audio_seed-1.log").write_text(EPOCHS, encoding="utf-8")
    lines, is_over = watch.look(tmp_path, at(100))
    assert not is_over
    assert lines == [
        "1 of 4 jobs done (25%), 2 min gone, about 5 min to go at this pace",
        "failed   index",
        "running  spectrograms_cqt DEMO train-0, 80 s",
        "running  train_demo_dummy_audio, 79 s",
        "         training 2, epoch 3 of 30: loss 0.1, val_loss 0.53; val_loss ▁█▃; at most 2 min to go",
    ]


def test_a_run_that_is_over_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".snakemake/log").mkdir(parents=True)
    done = "[Sat Nov 28 05:13:45 2026]\nFinished jobid: 2 (Rule: x)\n4 of 4 steps (100%) done\nComplete log(s): x\n"
    (tmp_path / ".snakemake/log/1.snakemake.log").write_text(SNAKEMAKE + done, encoding="utf-8")
    watch.main(["--directory", str(tmp_path)])
    told = capsys.readouterr().out
    assert "4 of 4 jobs done (100%), 2 min gone\n" in told
    assert told.endswith("This run is over.\n")


def test_where_nothing_ran_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        watch.main(["--directory", str(tmp_path), "--once"])
    assert end.value.code == 1
    assert f"{tmp_path}: no run has begun a job here; start one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (89, "89 s"), (90, "2 min"), (3599, "1 h 00 min"), (7500, "2 h 05 min")]
)
def test_durations(seconds: float, said: str) -> None:
    assert watch.duration(seconds) == said


def test_bars_go_from_the_least_to_the_most() -> None:
    assert watch.sparkline([0.0, 7.0, 3.0]) == "▁█▄"
    assert watch.sparkline([2.0, 2.0]) == "▁▁"
