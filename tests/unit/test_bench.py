"""The benchmark: its cases run, on little; its arithmetic is right. Nothing is timed."""

import subprocess
import sys

import numpy as np
import pytest

from tests.paths import ROOT

sys.path.append(str(ROOT / "tests/bench"))

import case
import report
import scaling

CASES = case.load()
# These differ from another case in nothing but the size of a network.
ALIKE = ("high-4x70", "low-3x3", "low-4x70")


@pytest.mark.parametrize("module", case.MODULES)
def test_every_case_runs(module: str) -> None:
    names = [name for name, one in CASES.items() if one.__module__ == module and name not in ALIKE]
    command = [sys.executable, ROOT / "tests/bench/bench.py", "--quick", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == [f"{name} runs" for name in names]


def test_an_unknown_case_is_named() -> None:
    command = [sys.executable, ROOT / "tests/bench/bench.py", "--quick", "rankin"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no case rankin; there are reading, " in done.stderr


def test_a_run_tells_what_it_took(tmp_path) -> None:
    found = case.run("bootstrap", "ours", tmp_path, 50)
    assert found.seconds > 0
    assert found.cpu > 0
    assert found.megabytes > 20  # of the interpreter and NumPy alone


@pytest.mark.parametrize("power", [0.5, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("start", [0, 5, 50])
def test_a_constant_start_does_not_hide_how_costs_grow(power: float, start: float) -> None:
    sizes = [30, 60, 120, 240]
    costs = [start + 3 * (size / 30) ** power for size in sizes]
    expected = 0 if max(costs) < 1.1 * min(costs) else power
    assert scaling.slope(sizes, costs) == pytest.approx(expected, abs=0.01)


def test_costs_that_hardly_grow_are_flat() -> None:
    assert scaling.slope([1, 2, 4, 8], [100, 101, 103, 107]) == 0


def test_a_row_has_the_median_the_ratio_and_whether_the_goal_is_met() -> None:
    class Halves(case.Case):
        """Halving."""

        yardstick, unit, size, goal, megabytes = "the whole", "things", 10, 1.5, 60

    ours = [case.Figures(seconds, 1.0, 50.0, {"share": 0.5}) for seconds in (1.0, 2.0, 4.0)]
    plain = [case.Figures(seconds, 1.0, 70.0, {}) for seconds in (2.0, 4.0, 20.0)]
    assert report.row(Halves(), {"ours": ours, "plain": plain}) == {
        "case": "Halving",
        "unit/s": "things",
        "ours": "5 (2.5 to 10)",
        "yardstick": "the whole: 2.5 (0.5 to 5)",
        "ratio": "2 (2 to 5)",
        "goal": "1.50 times, 60 MB",
        "met": "yes",
        "ratio of processor time": "1.00",
        "MB": "50",
        "MB of the yardstick": "70",
        "more": "share: 0.5",
    }
    Halves.goal = 2.5
    assert report.row(Halves(), {"ours": ours, "plain": plain})["met"] == "no"


def test_tables_and_pictures_are_written(tmp_path) -> None:
    one = CASES["ranking"]()
    figures = [case.Figures(2.0, 1.0, 50.0, {})]
    report.write(tmp_path, [(one, {"ours": figures, "plain": figures})], "a machine")
    runs = {size: [case.Figures(1.0, float(size), 50.0, {})] for size in np.array(scaling.TIMES) * 10}
    scaling.write(tmp_path, [(one, runs)], "a machine")
    assert len((tmp_path / "table.tsv").read_text().splitlines()) == 2
    assert (tmp_path / "scaling.tsv").read_text().splitlines()[1].split("\t")[1:] == [
        *("10 s", "20 s", "40 s", "80 s", "1.00"),
        *("50", "50", "50", "50", "flat"),
    ]
    docs = tmp_path / "docs"
    docs.mkdir()
    marks = "".join(f"<!-- {name} -->\nold\n<!-- end of {name} -->\n" for name in ("table", "scaling"))
    (docs / "performance.md").write_text(f"# Performance\n{marks}")
    for _ in range(2):
        report.into_docs(tmp_path, docs)
        page = (docs / "performance.md").read_text()
        assert page.count("Measured on a machine.") == 2
        assert "old" not in page
    assert {path.name for path in docs.iterdir()} == {
        *("performance.md", "performance_table.svg", "performance_scaling.svg")
    }
