"""The layout of the original's test data, read into a table of items.

``index/index_audio_<dataset>.tsv`` and ``index_text_...`` name the file of every id,
``splits/items_index_<set>_<dataset>.tsv`` its set, ``splits/y_<set>_class_<n>_<dataset>.npy`` its classes, in the
order of ``splits/genre_labels_<dataset>.tsv``.
"""

from pathlib import Path

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_lines
from tartarus.plan.kinds import SETS


def rows(folder: str | Path, dataset: str) -> list[dict[str, str]]:
    """Read the items of a dataset in the original's layout.

    Parameters
    ----------
    folder : str or Path
        The folder that holds audio/, text/, index/ and splits/.
    dataset : str
        The name in the names of its files.

    Returns
    -------
    list of dict
        The rows of items.tsv, in the format of `tartarus.items.item_tables`, ordered as in the splits.

    Raises
    ------
    TartarusError
        If an index file has a malformed line, or ids and classes differ in number.
    """
    folder = Path(folder)
    audio = _index(folder / "index" / f"index_audio_{dataset}.tsv", "audio")
    text = _index(folder / "index" / f"index_text_{dataset}.tsv", "text")
    classes = read_lines(folder / "splits" / f"genre_labels_{dataset}.tsv")
    table = []
    for set_ in SETS:
        ids = read_lines(folder / "splits" / f"items_index_{set_}_{dataset}.tsv")
        path = folder / "splits" / f"y_{set_}_class_{len(classes)}_{dataset}.npy"
        y = np.load(path, allow_pickle=False)
        if y.shape != (len(ids), len(classes)):
            raise TartarusError(f"{path}: shape {y.shape}, expected {(len(ids), len(classes))}; fetch it anew")
        for id_, row in zip(ids, y, strict=True):
            labels = "|".join(classes[number] for number in np.flatnonzero(row))
            table.append(
                {
                    "id": id_,
                    "audio": audio.get(id_, ""),
                    "text": text.get(id_, ""),
                    "labels": labels,
                    "set": set_,
                }
            )
    return table


def _index(path: Path, modality: str) -> dict[str, str]:
    files = {}
    for number, line in enumerate(read_lines(path), start=1):
        id_, tab, name = line.partition("\t")
        if not tab:
            raise TartarusError(f"{path}: line {number}: expected an id, a tab and a file name; fetch it anew")
        files[id_] = f"{modality}/{name}"
    return files
