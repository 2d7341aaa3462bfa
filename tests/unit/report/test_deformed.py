"""The table of deformed sound."""

from typing import Any

from tartarus.report import deformed


def measured(mean: float | None) -> dict[str, Any]:
    interval = None if mean is None else [mean - 0.1, mean + 0.1]
    return {"measures": {"accuracy": {"mean": mean, "sd": 0.01, "ci95": interval, "per_seed": [mean]}}, "items": 48}


def result(**means: float | None) -> dict[str, Any]:
    means = dict(sorted(means.items()))  # as in JSON
    found = {name: {**measured(mean), "options": {}} for name, mean in means.items()}
    found["mp3"]["options"] = {"gain": -6, "mp3": 64}
    return {"experiment": "sound", "settings": ["audio"], "dataset": "DEMO", "deformed": found}


def test_rows_tell_what_each_deformation_changes() -> None:
    plain, mp3 = deformed.rows([result(none=0.75, mp3=0.5)])
    assert tuple(mp3) == deformed.COLUMNS
    assert (plain["mean"], plain["change"], plain["options"]) == ("0.7500", "", "")
    assert (mp3["mean"], mp3["change"], mp3["options"]) == ("0.5000", "-0.2500", "gain -6, mp3 64")
    assert (mp3["ci95_low"], mp3["ci95_high"], mp3["test_items"]) == ("0.4000", "0.6000", "48")


def test_what_is_not_defined_is_left_empty() -> None:
    _, mp3 = deformed.rows([result(none=0.75, mp3=None)])
    assert (mp3["mean"], mp3["change"], mp3["ci95_low"]) == ("", "", "")


def test_the_page_has_a_line_for_each() -> None:
    page = deformed.markdown("Songs", [result(none=0.75, mp3=0.5)])
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    assert page.startswith("# Songs: deformed sound\n")
    assert lines[0] == ["experiment", "sound", "items", "accuracy"]
    assert lines[2:] == [
        ["sound_audio", "as it is", "48", "0.750"],
        ["sound_audio", "mp3: gain -6, mp3 64", "48", "0.500 (-0.250)"],
    ]
