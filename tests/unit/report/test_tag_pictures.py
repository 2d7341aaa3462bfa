"""Pictures of tags: only files that are new or changed are heard and drawn."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tartarus.items.inbox import Found

from tests.unit.use import test_tagging

sounds, files = test_tagging.sounds, test_tagging.files


@pytest.fixture
def drawn(keras: ModuleType, tmp_path: Path, sounds: Any, files: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Draw an inbox; give the names of the files that were heard for it, and of the pictures that are there."""
    from tartarus.report import tag_pictures
    from tartarus.use import library, loading, tagging

    chain = loading.load({"models": [test_tagging.sound_model(tmp_path, 1)], "inputs": [test_tagging.PATCHES]})
    model = library.Model(["a", "b", "c"], None, chain, {"trim": 0.0, "hop": 0.5})
    heard: list[str] = []
    say = tagging.say

    def counted(chain: Any, found: list[Found], **how: Any) -> Any:
        heard.extend(one.id for one in found)
        return say(chain, found, **how)

    monkeypatch.setattr(tagging, "say", counted)

    def draw(found: list[Found], version: str = "one") -> tuple[list[str], set[str]]:
        heard.clear()
        folder = tmp_path / "figures"
        tag_pictures.draw(model, found, folder, memory=tmp_path / "kept.json", version=version, workers=1)
        return list(heard), {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}

    return draw


def test_only_what_is_new_or_changed_or_gone_is_drawn_anew(drawn: Any, tmp_path: Path, sounds: Any) -> None:
    (tmp_path / "noise.wav").write_text("no sound", encoding="utf-8")
    found = [*(Found(f"deep/{id_}", path) for id_, path in sounds.items()), Found("N", tmp_path / "noise.wav")]
    ids = ["deep/A", "deep/B", "deep/C"]
    assert drawn(found[1:]) == ([*ids[1:], "N"], {"deep/B.png", "deep/C.png"})
    kept = (tmp_path / "figures/deep/C.png").stat().st_mtime_ns
    assert drawn(found) == (["deep/A"], {"deep/A.png", "deep/B.png", "deep/C.png"})
    assert drawn(found) == ([], {"deep/A.png", "deep/B.png", "deep/C.png"})
    # One is no sound any more, the picture of another was deleted, a third is no longer there.
    sounds["B"].write_text("no sound", encoding="utf-8")
    (tmp_path / "figures/deep/A.png").unlink()
    assert drawn(found[:2] + found[3:]) == (["deep/A", "deep/B"], {"deep/A.png"})
    assert drawn(found[2:3]) == (["deep/C"], {"deep/C.png"})
    assert (tmp_path / "figures/deep/C.png").stat().st_mtime_ns > kept
    assert drawn(found[2:3], "two") == (["deep/C"], {"deep/C.png"})
