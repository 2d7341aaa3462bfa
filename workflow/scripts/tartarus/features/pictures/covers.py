"""From cover files to pictures: decoded shard by shard, then gathered in one file for each set.

A shard is an HDF5 file with `features` [n_covers, pixels, pixels, 3], 8 bits, and `index`; beside it a table with a row
for every item, whatever became of its cover. A set's file has the same form, and a signature.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from tartarus.base.files import replacing
from tartarus.base.hdf5 import Hdf5File, encode_ids
from tartarus.base.logs import log, progress
from tartarus.features.pictures.decoding import decode
from tartarus.items import statuses
from tartarus.items.raw_files import why_missing
from tartarus.items.tables import write_rows


@dataclass(frozen=True)
class Cover:
    """What became of a cover.

    Attributes
    ----------
    id : str
        The item.
    status : str
        ``ok``; ``blank`` (a single colour, such as what a shop shows where it has no picture): kept; ``undecodable``
        or ``missing``: left out.
    width, height : int, in pixels
        As drawn.
    detail : str
        Why it is not ok.
    """

    id: str
    status: str
    width: int = 0
    height: int = 0
    detail: str = ""


def look_at(id_: str, path: Path | None, *, pixels: int) -> tuple[Cover, np.ndarray | None]:
    """Decode a cover, or tell why there is none.

    Parameters
    ----------
    id_ : str
        The item.
    path : Path or None
        Its file; None if it has none.
    pixels : int
        Of each side of the outcome.

    Returns
    -------
    Cover
        What became of it.
    np.ndarray [shape=(pixels, pixels, 3)], uint8, or None
        Red, green and blue, if it is kept.
    """
    if path is None or not path.is_file():
        return Cover(id_, "missing", detail=why_missing(path) if path else "no image in the table"), None
    try:
        picture, (width, height) = decode(path, pixels=pixels)
    except ValueError as error:
        return Cover(id_, "undecodable", detail=f"{path}: {error}"), None
    if (picture == picture[0, 0]).all():
        return Cover(id_, "blank", width, height, f"{path}: nothing but a single colour"), picture
    return Cover(id_, "ok", width, height), picture


def write_shard(hdf5: str | Path, table: str | Path, covers: Sequence[tuple[str, Path | None]], *, pixels: int) -> None:
    """Decode the covers of a shard.

    Parameters
    ----------
    hdf5, table : str or Path
        What to write.
    covers : sequence of (str, Path or None)
        Ids and files.
    pixels : int
        Of each side.
    """
    rows: list[dict[str, Any]] = []
    ids: list[str] = []
    with replacing(hdf5) as part, h5py.File(part, "w") as file:
        features = _create(file, 0, pixels)
        for id_, path in progress(covers, total=len(covers), what="covers"):
            cover, picture = look_at(id_, path, pixels=pixels)
            rows.append({**asdict(cover), "detail": " ".join(cover.detail.split())})
            if cover.status == "undecodable":
                log.warning("cover %s is %s: %s", cover.id, cover.status, cover.detail)
            if picture is not None:
                features.resize(len(ids) + 1, axis=0)
                features[len(ids)] = picture
                ids.append(id_)
        file["index"] = encode_ids(ids)
    told = [(row["id"], row["status"], row["detail"]) for row in rows if row["status"] in ("missing", "blank")]
    statuses.tell(told, what="cover", table=table)
    write_rows(table, rows, columns=[entry.name for entry in fields(Cover)])


def write_set(path: str | Path, ids: Sequence[str], shards: Iterable[str | Path], *, pixels: int) -> None:
    """Gather the pictures of a set.

    Parameters
    ----------
    path : str or Path
        What to write: the pictures in the order of `ids`, of those that there are.
    ids : sequence of str
        The items of the set.
    shards : iterable of str or Path
        As made by `write_shard`; they may hold others too.
    pixels : int
        Of each side.
    """
    shards = list(shards)
    there = {id_ for shard in shards for id_ in _ids_of(shard)}
    kept = [id_ for id_ in ids if id_ in there]
    place = {id_: row for row, id_ in enumerate(kept)}
    with replacing(path) as part, h5py.File(part, "w") as file:
        features = _create(file, len(kept), pixels)
        for shard in progress(shards, total=len(shards), what=f"{path}"):
            with Hdf5File(shard) as source:
                values = source.dataset("features")
                for row, id_ in enumerate(source.ids().tolist()):
                    if id_ in place:
                        features[place[id_]] = values[row]
        file["index"] = encode_ids(kept)
        file.attrs["signature"] = json.dumps({"kind": "pictures", "pixels": pixels}, sort_keys=True)


def _create(file: h5py.File, count: int, pixels: int) -> h5py.Dataset:
    shape = (pixels, pixels, 3)
    return file.create_dataset("features", (count, *shape), "u1", maxshape=(None, *shape), chunks=(1, *shape))


def _ids_of(shard: str | Path) -> list[str]:
    with Hdf5File(shard) as file:
        ids: list[str] = file.ids().tolist()
    return ids
