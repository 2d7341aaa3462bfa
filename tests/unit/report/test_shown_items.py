"""What a page shows of single items."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tartarus.report import shown_items


def row(id_: str, right: str, **scores: float) -> dict[str, str]:
    best = max(scores, key=lambda name: scores[name])
    return {
        "id": id_, "set": "test", "truth": "a|b", "predicted": best, "right": right,
        **{f"score {name}": f"{value:.6f}" for name, value in scores.items()},
    }  # fmt: skip


def pixels(address: str) -> np.ndarray:
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"), int)


def test_those_come_first_of_which_the_model_was_surest() -> None:
    rows = [row("x", "no", a=0.6, b=0.4), row("y", "no", a=0.1, b=0.9), row("z", "yes", a=0.5, b=0.5)]
    shown = shown_items.of_model([*rows, {**rows[0], "set": "val"}], "SONGS")
    assert [one["id"] for one in shown["wrong"]] == ["y", "x"]
    assert shown["wrong"][0] == {
        "id": "y", "item": "SONGS/y", "truth": "a, b", "predicted": "b", "scores": [("b", 0.9), ("a", 0.1)]
    }  # fmt: skip
    assert (shown["wrong_total"], shown["right_total"]) == (2, 1)


def test_of_many_classes_the_best_are_read() -> None:
    wide = {"id": "x", "set": "test", "truth": "", "predicted": "", "right": "no", "best": "rock: hard: 0.75|b: 0.5"}
    assert shown_items.of_model([wide], "S")["wrong"][0]["scores"] == [("rock: hard", 0.75), ("b", 0.5)]


def test_of_many_items_some_are_shown_and_all_are_counted() -> None:
    rows = [row(str(number), "no" if number % 2 else "yes", a=number / 1000, b=0) for number in range(400)]
    shown = shown_items.of_model(rows, "SONGS")
    assert (len(shown["wrong"]), shown["wrong_total"]) == (shown_items.MOST_WRONG, 200)
    assert (len(shown["right"]), shown["right_total"]) == (shown_items.MOST_RIGHT, 200)
    assert shown["wrong"][0]["id"] == "399"


def test_files_are_linked_relatively_and_a_text_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b#1.wav").write_bytes(b"sound")
    (tmp_path / "t.txt").write_bytes(b"word " * 40 + b"\xff")
    found = shown_items.material({"audio": "a b#1.wav", "text": "t.txt", "image": "lost.png"})
    assert found == {"audio": "../../a%20b%231.wav", "words": "word " * 30 + "…"}
    assert shown_items.material({"text": "", "words": "In the table …"}) == {"words": "In the table …"}
    embedded = shown_items.material({"audio": "a b#1.wav", "text": "", "image": ""}, embed=True)
    kind, _, data = embedded["audio"].partition(";base64,")
    assert kind.startswith("data:audio/")
    assert base64.b64decode(data) == b"sound"


def test_a_thumbnail_shows_low_bins_at_the_bottom_and_loud_ones_bright() -> None:
    spectrogram = np.full((320, 96), -80.0)
    spectrogram[160:, :48] = 0  # the second half has its low bins loud
    seen = pixels(shown_items.thumbnail(spectrogram))
    assert seen.shape == (48, 160)
    assert seen[40:, 100:].min() > 200 > 20 > seen[:20].max()
    assert seen[40:, :60].max() < 20


@pytest.mark.parametrize("frames", [1, 3])
def test_silence_and_short_sound_have_a_thumbnail(frames: int) -> None:
    assert len(np.unique(pixels(shown_items.thumbnail(np.full((frames, 96), -80.0))))) == 1
