"""Pictures of what a model says of the files of an inbox over time; only those of files that are new or changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tartarus.base.logs import log, progress
from tartarus.items import inbox
from tartarus.report import figures
from tartarus.use import tag_tables, tagging
from tartarus.use.library import Model
from tartarus.use.tagging import Said


def draw(
    model: Model, found: Sequence[inbox.Found], folder: str | Path, *, memory: str | Path, version: str, workers: int
) -> None:
    """Draw every file of an inbox: its spectrogram, and below it the scores of the best classes.

    Parameters
    ----------
    model : Model
        The model.
    found : sequence of Found
        The files.
    folder : str or Path
        Of the pictures, `<id>.png`. What else is in it goes.
    memory, version
        As `tag_tables.up_to_date` takes them.
    workers : int
        Threads that decode.
    """
    pictures, kept = inbox.pictures(found, folder), tag_tables.remembered(memory, version)
    told: dict[str, tag_tables.Entry] = {}
    for one in found:
        stamp, entry = kept.get(one.id, ("", {}))
        if stamp == one.stamp and entry["drawn"] == pictures[one.id].is_file():
            told[one.id] = entry
    Path(folder).mkdir(parents=True, exist_ok=True)
    for path in {*Path(folder).rglob("*.png")} - {pictures[id_] for id_ in told}:
        path.unlink()
    # Whatever becomes of this job, what is drawn below is not taken for what was drawn before.
    tag_tables.remember(memory, version, [(one, told[one.id]) for one in found if one.id in told])
    new = [one for one in found if one.id not in told]
    how: dict[str, Any] = {"timeline": True, "keep_spectrogram": True, "workers": workers, **model.windows}
    for said in progress(tagging.say(model.chain, new, **how), total=len(new), what="files drawn"):
        id_ = said.heard.found.id
        told[id_] = {"drawn": _draw(said, model.classes, pictures[id_])}
    tag_tables.remember(memory, version, [(one, told[one.id]) for one in found])


def _draw(said: Said, classes: Sequence[str], path: Path) -> bool:
    """Draw what is said of a file, and tell whether there was anything to draw."""
    heard = said.heard
    if said.timeline is None or heard.spectrogram is None:
        log.warning("%s: no picture: %s %s", heard.found.id, heard.status, heard.detail)
        return False
    figure = figures.over_time(
        heard.spectrogram,
        said.timeline,
        seconds_per_frame=heard.seconds_per_frame,
        begins=said.begins,
        window=said.window,
        classes=classes,
        title=heard.found.id,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figures.save(figure, path)
    return True
