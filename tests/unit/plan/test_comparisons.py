"""What is compared with what: families and folders, and what is refused."""

from pathlib import Path

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import comparisons, config, requests


def test_families_and_folders_are_sides_in_the_order_they_are_named(shipped: config.Config, tmp_path: Path) -> None:
    folder = tmp_path / "results/demo"
    folder.mkdir(parents=True)
    for name in ("b", "a"):
        (folder / f"{name}.json").write_text("{}", encoding="utf-8")
    samples = tmp_path / "data/predictions/demo/b/bootstrap.npz"
    samples.parent.mkdir(parents=True)
    samples.write_bytes(b"")
    wanted = requests.find(shipped, "demo", "dummy_audio")
    for entries in ([str(folder), "demo"], f"{folder}, demo"):
        first, second = comparisons.sides(entries, ["demo", "super"], lambda family: [wanted])
        assert first.results == [str(folder / "a.json"), str(folder / "b.json")]
        assert first.samples == [str(samples)]
        assert second == comparisons.Side(
            "demo", ["results/demo/dummy_audio.json"], ["data/predictions/demo/dummy_audio/bootstrap.npz"]
        )


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([], "compare: nothing; write at least two"),
        ("demo", "compare: demo; write at least two"),
        (["demo", "demo"], "compare: demo, demo; .* none twice"),
        (["demo", "dmo"], "compare: dmo: neither a family nor a folder with result files; the families are demo"),
    ],
)
def test_what_cannot_be_compared_is_told(entries: list[str] | str, told: str) -> None:
    with pytest.raises(TartarusError, match=told):
        comparisons.sides(entries, ["demo"], lambda family: [])
