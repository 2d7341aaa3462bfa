"""Of the files of an inbox, what in a collection is most like them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from tartarus.use import neighbours
from tartarus.use.hearing import Heard

COLUMNS = ("file", "status", "rank", "neighbour", "neighbour_set", "cosine", "detail")


def rows(
    collection: neighbours.Collection, heard: Sequence[tuple[Heard, np.ndarray | None]], *, k: int
) -> Iterator[dict[str, Any]]:
    """Give the rows of a table: of every file the items that are nearest to it; of one without a vector, why.

    Parameters
    ----------
    collection : neighbours.Collection
        The items.
    heard : sequence of (Heard, np.ndarray [shape=(n_dimensions,)] or None)
        The files; see `tartarus.use.tagging.embed`.
    k : int
        How many.
    """
    asked = [vector for _, vector in heard if vector is not None]
    shape = (len(asked), collection.vectors.shape[1])
    queries, _ = collection.units(np.array(asked, np.float32).reshape(shape))
    nearest = neighbours.exact(collection.vectors, queries, k=k)
    of_asked = zip(nearest.rows.tolist(), nearest.cosines.tolist(), strict=True)
    for one, vector in heard:
        told = {"file": one.found.id, "status": one.status, "detail": " ".join(one.detail.split())}
        if vector is None:
            yield told
            continue
        for rank, (row, cosine) in enumerate(zip(*next(of_asked), strict=True), start=1):
            near = {"neighbour": collection.ids[row], "neighbour_set": collection.sets[row], "cosine": f"{cosine:.6f}"}
            yield {**told, "rank": rank, **near}
