"""Fetching published files: from a mirror if there is one, else from their source; verified, resumable."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from tartarus.errors import TartarusError
from tartarus.files import replacing, sha256, telling_full_disk
from tartarus.logs import log, progress
from tqdm import tqdm
from urllib3.util import Retry

TIMEOUT = 30  # seconds without an answer
_BLOCK = 1 << 16  # bytes


def fetch(
    files: Mapping[str, str], folder: str | Path, *, url: str, name: str, mirror: str | Path | None = None
) -> None:
    """Fetch the files of a dataset.

    They are gathered in a folder beside the final one, whose name ends in ``.download``, and moved only when
    all are there and verified. If the run is stopped, that folder stays, and the next run goes on from it.

    Parameters
    ----------
    files : mapping
        Path relative to the dataset's folder to SHA-256.
    folder : str or Path
        The dataset's folder.
    url : str
        The address that the paths are relative to.
    name : str
        The dataset's name; the mirror holds its files under ``<mirror>/<name>/``.
    mirror : str or Path, optional
        A folder that is looked into before the network.

    Raises
    ------
    TartarusError
        If a checksum is wrong, or a file is neither in the mirror nor to be had from the network; the
        message says which file to put where.
    """
    folder = Path(folder)
    waiting = folder.with_name(f".{folder.name}.download")
    with _session() as session:
        for path, checksum in progress(files.items(), total=len(files), what=f"fetching {name}"):
            kept = waiting / path
            if any(place.is_file() and sha256(place) == checksum for place in (kept, folder / path)):
                continue
            kept.parent.mkdir(parents=True, exist_ok=True)
            if mirror is not None and (Path(mirror) / name / path).is_file():
                _copy(Path(mirror) / name / path, kept, checksum)
            else:
                _download(session, f"{url.rstrip('/')}/{path}", kept, checksum, path, name, mirror)
    for path in files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if (waiting / path).is_file():
            (waiting / path).replace(folder / path)
    shutil.rmtree(waiting, ignore_errors=True)


def _session() -> requests.Session:
    session = requests.Session()
    # The length that a server states, and the ranges that it sends, are to be those of the file itself.
    session.headers["Accept-Encoding"] = "identity"
    retries = Retry(
        total=5, connect=2, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=["GET"]
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retries))
    return session


def _copy(source: Path, target: Path, checksum: str) -> None:
    found = sha256(source)
    if found != checksum:
        raise TartarusError(
            f"{source}: wrong checksum: SHA-256 {found}, expected {checksum}; replace the file in the mirror"
        )
    with replacing(target) as part:
        shutil.copyfile(source, part)
    log.info("%s from the mirror", source)


def _download(
    session: requests.Session,
    url: str,
    target: Path,
    checksum: str,
    path: str,
    name: str,
    mirror: str | Path | None,
) -> None:
    part = target.with_name(f"{target.name}.part")
    try:
        _receive(session, url, part)
        # A resumed file may have been begun from other bytes: then it is fetched once more from the start.
        if sha256(part) != checksum:
            part.unlink()
            _receive(session, url, part)
    except requests.RequestException as error:
        place = f"{mirror}/{name}" if mirror else "a folder <mirror>/" + name
        raise TartarusError(
            f"{url}: could not be fetched ({type(error).__name__}), and no mirror has it. Put the file at "
            f"{place}/{path} and name the mirror in TARTARUS_MIRROR or in config.yaml (mirror:), or "
            f"run again when there is a network: what has arrived is kept"
        ) from error
    found = sha256(part)
    if found != checksum:
        part.unlink()
        raise TartarusError(f"{url}: wrong checksum: SHA-256 {found}, expected {checksum}; the file was not kept")
    part.replace(target)
    log.info("%s from the network", url)


def _receive(session: requests.Session, url: str, part: Path) -> None:
    """Receive a file, going on where an earlier attempt stopped if the server can."""
    begun = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={begun}-"} if begun else {}
    with session.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # the whole file is there already; its checksum decides
        answer.raise_for_status()
        resumed = answer.status_code == requests.codes.partial_content
        size = int(answer.headers.get("Content-Length", 0)) + (begun if resumed else 0)
        with (
            telling_full_disk(part),
            part.open("ab" if resumed else "wb") as file,
            tqdm(total=size or None, initial=begun if resumed else 0, unit="B", unit_scale=True, disable=None) as bar,
        ):
            for block in answer.iter_content(_BLOCK):
                file.write(block)
                bar.update(len(block))
        if size and part.stat().st_size < size:
            raise requests.ConnectionError(f"{url}: the connection ended early")
