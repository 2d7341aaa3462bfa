"""What trained models say of the test items of a dataset when their sound is deformed.

The sound goes through the front end, the patches and the models of training; words and covers stay as they are. So
without any deformation this is what the models say of the test items anyway.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from tartarus.base.arrays import write_arrays
from tartarus.base.errors import TartarusError
from tartarus.base.logs import progress
from tartarus.features.sound.deformation import deformation
from tartarus.items.inbox import Found
from tartarus.items.item_tables import Item
from tartarus.learning import networks
from tartarus.use import tagging
from tartarus.use.loading import Chain

# Ids, and what every seed says of these items [shape=(n_seeds, n_items, n_outputs)].
Scored = tuple[list[str], np.ndarray]


def files_of(items: Iterable[Item], ids: Iterable[str], folder: str | Path) -> list[Found]:
    """Find the sound of items, in the order of `ids`; paths are relative to the folder of their table."""
    paths = {item.id: item.path("audio") for item in items}
    return [Found(id_, Path(folder) / paths[id_] if paths.get(id_) else None) for id_ in ids]


def scores(
    chain: Chain, files: Sequence[Found], options: Mapping[str, float], *, seed: int, workers: int = 1
) -> Scored:
    """Score items whose sound is deformed.

    Parameters
    ----------
    chain : Chain
        The models, by a plan of `tartarus.plan.chains.of_test_items`.
    files : sequence of Found
        The items.
    options, seed
        As `tartarus.features.sound.deformation.deformation` takes them; without options the sound stays as it is.
    workers : int
        Threads that decode, while the network runs; nothing depends on it.

    Returns
    -------
    ids : list of str
        The items that have all inputs, in their order.
    np.ndarray [shape=(n_seeds, n_items, n_outputs)], float32
    """
    deform = (lambda id_: deformation(options, id_=id_, seed=seed)) if options else None
    listed = progress(files, total=len(files), what=f"files heard, {dict(options) or 'as they are'}")
    groups = tagging.in_groups(chain.doors, listed, workers=workers, deform=deform)
    parts = [tagging.of_every_seed(chain, {one.found.id: one for one in group}) for group in groups]
    return [id_ for ids, _ in parts for id_ in ids], np.concatenate([part for _, part in parts], axis=1)


def write(
    path: str | Path, scored: Sequence[Scored], chain: Chain, *, seeds: Sequence[int], folds: Sequence[int]
) -> None:
    """Write the scores of the test items, of every fold in turn if there are some, as a file of predictions.

    Raises
    ------
    TartarusError
        If no item could be scored.
    """
    ids = [of_fold for of_fold, _ in scored]
    if not any(ids):
        raise TartarusError(f"{path}: no test item could be heard; deform its sound less")
    write_arrays(
        path,
        scores=np.concatenate([said for _, said in scored], axis=1),
        index=np.array([id_ for of_fold in ids for id_ in of_fold], dtype=str),
        seeds=np.array(seeds),
        parameters=np.array(networks.parameters(chain.models[0])),
        **({"folds": np.repeat(folds, [*map(len, ids)])} if folds else {}),
    )
