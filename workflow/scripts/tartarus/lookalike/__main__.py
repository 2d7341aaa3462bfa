"""Look-alikes of the published archives: the same names, layouts and shapes, filled with seeded random numbers.

They stand in for MuMu, MSD-A, MSD-I and AcousticBrainz where those cannot be had, and let every experiment run at any
scale. What is learned from them says nothing about music; see `tartarus.lookalike.world` for what there is to learn.
The folder that is written is a mirror: name it in TARTARUS_MIRROR or in config.yaml.

As in the published ones: folders within folders (MSD-A), targets as float64, sparse matrices by `numpy.savez`,
classes without a test item, users without a test item. Unlike the published MuMu and MSD-I, which hold no sound,
these hold patches, which a user would have to add.

The scale multiplies the numbers of items, tracks and users, never those of columns and classes.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.logs import log
from tartarus.lookalike import released
from tartarus.lookalike.archives import ARCHIVES, Size
from tartarus.lookalike.files import write_manifest


def write(
    folder: str | Path,
    *,
    scale: float,
    seed: int,
    tracks_scale: float | None = None,
    only: Sequence[str] = tuple(ARCHIVES),
    as_released: bool = False,
) -> None:
    """Write look-alikes of published archives into a mirror.

    Parameters
    ----------
    folder : str or Path
        The mirror; each archive gets a folder in it.
    scale : float, above 0
        1 for as many items as published; at least 60 for training, 30 for validation and for testing.
    seed : int, at least 0
        Another seed, another world.
    tracks_scale : float, above 0, optional
        The scale of MuMu's tracks, if it is to be another.
    only : sequence of str
        The archives to write.
    as_released : bool
        AcousticBrainz as JSON files and tables of genres, of which its features have to be made.

    Raises
    ------
    TartarusError
        If a scale is not above 0, the seed is below, or an archive is unknown.
    """
    size = Size(seed, scale, scale if tracks_scale is None else tracks_scale)
    if not (0 < size.scale < math.inf and 0 < size.tracks_scale < math.inf):
        raise TartarusError(f"look-alikes at scale {size.scale}, tracks {size.tracks_scale}: expected above 0")
    if seed < 0:
        raise TartarusError(f"look-alikes of seed {seed}: expected 0 or more")
    for name in only:
        if name not in ARCHIVES:
            raise TartarusError(f"no look-alike of an archive '{name}'; {suggestion(name, ARCHIVES)}")
    for name in only:
        place = Path(folder) / name
        writer = released.write if as_released and name == "AcousticBrainz" else ARCHIVES[name]
        write_manifest(place, writer(place, size))
        log.info("%s written", place)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write look-alikes as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tartarus.lookalike", description="Write look-alike archives.")
    parser.add_argument("--out", required=True, help="folder of the mirror")
    parser.add_argument("--scale", type=float, default=0.01, help="1 for as many items as published (default: 0.01)")
    parser.add_argument("--tracks-scale", type=float, help="the same for MuMu's tracks (default: the scale)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another world (default: 1)")
    parser.add_argument("--only", nargs="+", default=tuple(ARCHIVES), metavar="ARCHIVE", help=", ".join(ARCHIVES))
    parser.add_argument("--as-released", action="store_true", help="AcousticBrainz as JSON files and tables of genres")
    options = parser.parse_args(arguments)
    try:
        write(
            options.out,
            scale=options.scale,
            seed=options.seed,
            tracks_scale=options.tracks_scale,
            only=options.only,
            as_released=options.as_released,
        )
    except TartarusError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
