"""Fetching the files of a dataset: from a mirror if there is one, else from their source."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from tartarus.base.errors import TartarusError
from tartarus.base.files import replacing
from tartarus.base.logs import log, progress
from tartarus.items.download import Remote, download
from tartarus.items.network import BACKOFF, Limits, open_session


def fetch(
    files: Mapping[str, str],
    folder: str | Path,
    *,
    url: str,
    name: str,
    limits: Limits,
    algorithm: str = "sha256",
    mirror: str | Path | None = None,
    backoff: float = BACKOFF,
) -> None:
    """Fetch the files of a dataset.

    They are gathered in a folder beside the final one, whose name ends in ``.download``, and moved only when
    all are there and verified. If the run is stopped, that folder stays, and the next run goes on from it.

    Parameters
    ----------
    files : mapping
        Path relative to the dataset's folder to checksum.
    folder : str or Path
        The dataset's folder.
    url : str
        The address that the paths are relative to; empty if a mirror alone has them.
    name : str
        The dataset's name; the mirror holds its files under ``<mirror>/<name>/``.
    limits : Limits
        What servers may do.
    algorithm : {"sha256", "md5"}
        Of the checksums.
    mirror : str or Path, optional
        A folder that is looked into before the network.
    backoff : float, in seconds
        The wait before the second attempt; it doubles from one attempt to the next.

    Raises
    ------
    TartarusError
        If a checksum is wrong, or a file is neither in the mirror nor to be had from the network; the
        message says which file to put where.
    """
    folder = Path(folder)
    waiting = folder.with_name(f".{folder.name}.download")
    with open_session(limits) as session:
        for path, checksum in progress(files.items(), total=len(files), what=f"fetching {name}"):
            remote = Remote(path, f"{url.rstrip('/')}/{quote(path)}", None, algorithm, checksum)
            if any(place.is_file() and not remote.fault(place) for place in (waiting / path, folder / path)):
                continue
            place = f"{mirror or 'a folder <mirror>'}/{name}/{path}"
            if mirror is not None and (Path(mirror) / name / path).is_file():
                _copy(Path(mirror) / name / path, waiting / path, remote)
            elif not url:
                raise TartarusError(
                    f"{place}: not there, and no address (url) says where else the file is; put it there, and name the "
                    f"mirror in TARTARUS_MIRROR or in config.yaml (mirror:)"
                )
            else:
                download(session, remote, waiting / path, place=place, limits=limits, backoff=backoff)
    for path in files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if (waiting / path).is_file():
            (waiting / path).replace(folder / path)
    shutil.rmtree(waiting, ignore_errors=True)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system cannot do that."""
    with replacing(target) as part:
        # Never copy into what may be a link to another file, left by a run that was stopped.
        part.unlink(missing_ok=True)
        try:
            os.link(source.resolve(), part)
        except OSError:
            shutil.copyfile(source, part)


def _copy(source: Path, target: Path, remote: Remote) -> None:
    fault = remote.fault(source)
    if fault:
        raise TartarusError(f"{source}: {fault}; replace the file in the mirror")
    with replacing(target) as part:
        shutil.copyfile(source, part)
    log.info("%s from the mirror", source)
