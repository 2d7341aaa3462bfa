"""Fetching published files: from a mirror if there is one, else from their source; verified, resumable."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import requests
from tartarus.base.errors import TartarusError
from tartarus.base.files import replacing, telling_full_disk
from tartarus.base.logs import log, progress
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

T = TypeVar("T")
TIMEOUT = 30  # seconds without an answer
ATTEMPTS = 5  # in a row that brought nothing
BACKOFF = 0.5  # seconds before the second attempt; doubled from one to the next
_LONGEST_WAIT = 3600.0  # seconds, whatever a server demands
_BLOCK = 1 << 14  # bytes; what is left of one is lost when a connection breaks off
_NAMES = {"sha256": "SHA-256", "md5": "MD5"}


@dataclass(frozen=True)
class Remote:
    """A published file.

    Attributes
    ----------
    path : str
        Relative to the folder that it is fetched into.
    url : str
        Where it is.
    size : int or None, in bytes
        None if it is not known.
    algorithm : {"sha256", "md5"}
        Of the checksum.
    checksum : str
        Hexadecimal digits, lower case.
    """

    path: str
    url: str
    size: int | None
    algorithm: str
    checksum: str

    def fault(self, path: Path) -> str | None:
        """Say what is wrong with a file that should be this one, with what was found and expected; None if nothing."""
        size = path.stat().st_size
        if self.size is not None and size != self.size:
            return f"wrong size: {size} bytes, expected {self.size}"
        with path.open("rb") as file:
            found = hashlib.file_digest(file, self.algorithm).hexdigest()
        if found != self.checksum:
            return f"wrong checksum: {_NAMES[self.algorithm]} {found}, expected {self.checksum}"
        return None


def fetch(
    files: Mapping[str, str],
    folder: str | Path,
    *,
    url: str,
    name: str,
    mirror: str | Path | None = None,
    backoff: float = BACKOFF,
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
    with open_session() as session:
        for path, checksum in progress(files.items(), total=len(files), what=f"fetching {name}"):
            remote = Remote(path, f"{url.rstrip('/')}/{path}", None, "sha256", checksum)
            if any(place.is_file() and not remote.fault(place) for place in (waiting / path, folder / path)):
                continue
            if mirror is not None and (Path(mirror) / name / path).is_file():
                _copy(Path(mirror) / name / path, waiting / path, remote)
            else:
                place = f"{mirror or 'a folder <mirror>'}/{name}/{path}"
                download(session, remote, waiting / path, place=place, backoff=backoff)
    for path in files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if (waiting / path).is_file():
            (waiting / path).replace(folder / path)
    shutil.rmtree(waiting, ignore_errors=True)


def open_session() -> requests.Session:
    """Open a session whose answers have the length of the files themselves, for ranges refer to that."""
    session = requests.Session()
    session.headers["Accept-Encoding"] = "identity"
    return session


def download(session: requests.Session, remote: Remote, target: Path, *, place: str, backoff: float = BACKOFF) -> None:
    """Download a file, going on where an earlier attempt or run stopped, and verify it.

    Until it is whole it is called ``<target>.part``, which stays if the download is stopped.

    Parameters
    ----------
    session : requests.Session
        From `open_session`.
    remote : Remote
        What to download.
    target : Path
        Where to put it. Its folder is made.
    place : str
        Where in a mirror the file would be looked for; for the message.
    backoff : float, in seconds
        As in `fetch`.

    Raises
    ------
    TartarusError
        If the file cannot be had, or its size or checksum is wrong: then it is not kept.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        resumed = _receive_whole(session, remote, part, backoff)
        fault = remote.fault(part)
        if fault and resumed:
            # It may have been begun from other bytes: then it is fetched once more from the start.
            part.unlink()
            _receive_whole(session, remote, part, backoff)
            fault = remote.fault(part)
    except requests.RequestException as error:
        raise unreachable(remote.url, error, f"the file at {place}") from error
    if fault:
        part.unlink()
        raise TartarusError(f"{remote.url}: {fault}; the file was not kept")
    part.replace(target)


def unreachable(url: str, error: Exception, what: str) -> TartarusError:
    """Make the error that says what to put where (`what`) because an address cannot be reached."""
    return TartarusError(
        f"{url}: could not be fetched ({_told(error)}), and no mirror has it. Put {what} and name the "
        f"mirror in TARTARUS_MIRROR or in config.yaml (mirror:), or run again when there is a network: what has "
        f"arrived is kept"
    )


def _told(error: Exception) -> str:
    """Say what went wrong: the server's answer if there was one."""
    answer = getattr(error, "response", None)
    return type(error).__name__ if answer is None else f"the server answered {answer.status_code} {answer.reason}"


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system cannot do that."""
    with replacing(target) as part:
        # Never copy into what may be a link to another file, left by a run that was stopped.
        part.unlink(missing_ok=True)
        try:
            os.link(source.resolve(), part)
        except OSError:
            shutil.copyfile(source, part)


def patiently(step: Callable[[], T], *, backoff: float, arrived: Callable[[], int] = lambda: 0) -> T:
    """Do what asks a server for something, again if it is busy or the connection breaks off.

    Parameters
    ----------
    step : callable
        What to do. It raises a requests.RequestException if it fails.
    backoff : float, in seconds
        The wait before the second attempt; it doubles from one to the next, unless the server states another.
    arrived : callable
        How many bytes have arrived in all. As long as they become more, there is no end of attempts.

    Returns
    -------
    object
        What `step` returns.

    Raises
    ------
    requests.RequestException
        After `ATTEMPTS` in a row that brought nothing, or at once if another attempt would be in vain.
    """
    most, vain = arrived(), 0
    while True:
        try:
            return step()
        except requests.RequestException as error:
            now = arrived()
            vain = 0 if now > most else vain + 1
            most = max(most, now)
            if vain == ATTEMPTS or not _passes(error):
                raise
            wait = _stated_wait(error)
            if wait is None:
                wait = backoff * 2 ** max(vain - 1, 0)
            log.warning("%s; trying again in %.0f s", error, wait)
            time.sleep(wait)


def _passes(error: requests.RequestException) -> bool:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        status = error.response.status_code
        return status >= 500 or status in (requests.codes.request_timeout, requests.codes.too_many_requests)
    return isinstance(error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError)


def _stated_wait(error: requests.RequestException) -> float | None:
    """Read how long the server wants to be left alone, in seconds."""
    stated = None if error.response is None else error.response.headers.get("Retry-After")
    if stated is None:
        return None
    try:
        return min(Retry().parse_retry_after(stated), _LONGEST_WAIT)
    except InvalidHeader:
        return None


def _copy(source: Path, target: Path, remote: Remote) -> None:
    fault = remote.fault(source)
    if fault:
        raise TartarusError(f"{source}: {fault}; replace the file in the mirror")
    with replacing(target) as part:
        shutil.copyfile(source, part)
    log.info("%s from the mirror", source)


def _receive_whole(session: requests.Session, remote: Remote, part: Path, backoff: float) -> bool:
    """Receive a file in as many attempts as it takes; tell whether it was put together from several."""

    def arrived() -> int:
        return part.stat().st_size if part.exists() else 0

    begun = []

    def receive() -> None:
        begun.append(arrived())
        _receive(session, remote, part, begun[-1])

    patiently(receive, backoff=backoff, arrived=arrived)
    return any(begun)


def _receive(session: requests.Session, remote: Remote, part: Path, begun: int) -> None:
    """Receive what follows the first bytes, or all if the server does not know ranges."""
    if begun and begun == remote.size:
        return  # the checksum decides
    headers = {"Range": f"bytes={begun}-"} if begun else {}
    with session.get(remote.url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # the whole file is there already, or more than that; its checksum decides
        answer.raise_for_status()
        if answer.status_code != requests.codes.partial_content:
            begun = 0
        size = remote.size or begun + int(answer.headers.get("Content-Length", 0))
        with telling_full_disk(part), part.open("ab" if begun else "wb") as file:
            blocks = -(-(size - begun) // _BLOCK)
            what = f"{remote.url}, blocks of {_BLOCK >> 10} KiB"
            for block in progress(answer.iter_content(_BLOCK), total=max(blocks, 1), what=what):
                file.write(block)
                if remote.size and file.tell() > remote.size:
                    return  # more than was promised: its size decides
    if part.stat().st_size < size:
        raise requests.ConnectionError(f"{remote.url}: {part.stat().st_size} of {size} bytes have arrived")
