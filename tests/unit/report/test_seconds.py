"""The seconds of an epoch: from the files of Snakemake and of the trainings, whole and damaged."""

import csv
from pathlib import Path

import pytest
from tartarus.base.errors import TartarusError
from tartarus.report import seconds

# As Snakemake writes it.
BENCHMARK = (
    "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
    "{s}\t0:00:09\t706.23\t2393.29\t660.38\t672.37\t0.01\t24.91\t51.23\t5.10\n"
)


def write_history(path: Path, epochs: int) -> None:
    path.parent.mkdir(parents=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["epoch", "loss", "val_loss"])
        writer.writerows([epoch, 1 / (epoch + 1), 0.5] for epoch in range(epochs))


def test_the_seconds_of_an_epoch_are_those_of_all_jobs_by_all_epochs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # One model in a single job of three seeds, one in a job for each seed; a name with all that a name may hold.
    together, apart = "logistic_text_multilabel_VSM-SEM", "audio_logistic_high-4x70.v2_seed-x"
    times = {f"{together}_seed-1": 9.59, f"{apart}_seed-1": 30.0, f"{apart}_seed-2": 12.5}
    epochs = {(together, 1): 5, (together, 2): 7, (together, 3): 4, (apart, 1): 10, (apart, 2): 2}
    for name, measured in times.items():
        path = Path(f"benchmarks/train/ismir/{name}.tsv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BENCHMARK.format(s=measured))
    for (name, seed), count in epochs.items():
        write_history(Path(f"data/models/ismir/{name}/seed-{seed}/history.csv"), count)
    found = seconds.epoch_seconds(
        [f"benchmarks/train/ismir/{name}.tsv" for name in times],
        [f"data/models/ismir/{name}/seed-{seed}/history.csv" for name, seed in epochs],
    )
    assert found == {together: pytest.approx(9.59 / 16), apart: pytest.approx(42.5 / 12)}


def test_a_plain_method_has_no_epochs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    benchmark, history = Path("svm-rbf_bow_seed-1.tsv"), Path("data/models/mine/svm-rbf_bow/seed-1/history.csv")
    benchmark.write_text(BENCHMARK.format(s=4.0))
    history.parent.mkdir(parents=True)
    history.write_text("epoch,choice,val_goodness\n1,0.1,0.5\n2,1.0,0.6\n")
    assert seconds.epoch_seconds([str(benchmark)], [str(history)]) == {}


def test_without_trainings_there_are_no_seconds() -> None:
    assert seconds.epoch_seconds([], []) == {}


@pytest.mark.parametrize("text", ["", "s\th:m:s\n", "s\th:m:s\n9.5\n", "h:m:s\n0:09\n", "s\th:m:s\nsoon\t0:09\n"])
def test_a_damaged_measurement_is_refused_with_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dummy_audio_seed-1.tsv"
    path.write_text(text)
    with pytest.raises(TartarusError, match=rf"^{path}: (no seconds of a training|damaged) .*; delete it: the table"):
        seconds.epoch_seconds([str(path)], [])


@pytest.mark.parametrize("text", ["", "epoch,loss\n", "epoch,loss\n0\n", "epoch,loss\n0,low\n", "epoch,loss\n0,1,2\n"])
def test_a_damaged_course_of_a_training_is_refused_with_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dummy_audio/seed-1/history.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(TartarusError, match=rf"^{path}: .*delete it to have its model trained anew"):
        seconds.epoch_seconds([], [str(path)])
