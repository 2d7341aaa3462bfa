"""Downloading a published file: what has arrived stays, what is whole is verified, no more than expected is taken."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import requests
from tartarus.base.errors import TartarusError
from tartarus.base.files import telling_full_disk
from tartarus.base.logs import progress
from tartarus.items.network import (
    BACKOFF,
    BLOCK,
    Late,
    Limits,
    asked,
    blocks_of,
    expect_success,
    patiently,
    shown,
    told,
    within,
)

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


def download(
    session: requests.Session,
    remote: Remote,
    target: Path,
    *,
    place: str,
    limits: Limits,
    backoff: float = BACKOFF,
) -> None:
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
    limits : Limits
        What the server may do.
    backoff : float, in seconds
        As in `patiently`.

    Raises
    ------
    TartarusError
        If the file cannot be had, or not within the limits, or the disk has no room for it. If its size or checksum
        is wrong: then it is not kept.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    transfer = _Transfer(session, remote, target.with_name(f"{target.name}.part"), limits)
    try:
        with within(limits.hours * 3600):
            fault = transfer.fault(backoff)
    except requests.RequestException as error:
        raise unreachable(remote.url, error, f"the file at {place}", part=transfer.part) from error
    except Late as error:
        raise TartarusError(
            f"{shown(remote.url)}: not whole after {limits.hours:g} hours; raise fetch: hours in config.yaml, or run "
            f"again{_kept(transfer.part)}"
        ) from error
    if fault:
        transfer.part.unlink()
        raise TartarusError(f"{shown(remote.url)}: {fault}; the file was not kept")
    transfer.part.replace(target)


def unreachable(url: str, error: requests.RequestException, what: str, *, part: Path | None = None) -> TartarusError:
    """Make the error that says what to put where (`what`) because an address cannot be reached."""
    return TartarusError(
        f"{shown(url)}: could not be fetched ({told(error)}), and no mirror has it. Put {what} and name the "
        f"mirror in TARTARUS_MIRROR or in config.yaml (mirror:), or run again when there is a network{_kept(part)}"
    )


def _kept(part: Path | None) -> str:
    return f": what has arrived stays in {part}" if part is not None and part.exists() else ""


@dataclass(frozen=True)
class _Transfer:
    """A file on its way."""

    session: requests.Session
    remote: Remote
    part: Path
    limits: Limits

    def arrived(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def fault(self, backoff: float) -> str | None:
        """Receive the file, and say what is wrong with it."""
        begun_before = self._receive_whole(backoff)
        fault = self.remote.fault(self.part)
        if fault and begun_before:
            # It may have been begun from other bytes: then it is fetched once more from the start.
            self.part.unlink()
            self._receive_whole(backoff)
            fault = self.remote.fault(self.part)
        return fault

    def _receive_whole(self, backoff: float) -> bool:
        """Receive a file in as many attempts as it takes; tell whether it was put together from several."""
        begun = []

        def receive() -> None:
            begun.append(self.arrived())
            self._receive(begun[-1])

        patiently(receive, what=shown(self.remote.url), backoff=backoff, arrived=self.arrived)
        return any(begun)

    def _receive(self, begun: int) -> None:
        """Receive what follows the first bytes, or all if the server does not know ranges."""
        if begun and begun == self.remote.size:
            return  # the checksum decides
        headers = {"Range": f"bytes={begun}-"} if begun else {}
        with asked(self.session, self.remote.url, headers) as answer:
            if begun and answer.status_code == requests.codes.requested_range_not_satisfiable:
                return  # the whole file is there already, or more than that; its checksum decides
            expect_success(answer)
            if answer.status_code != requests.codes.partial_content:
                begun = 0
            size = self.remote.size if self.remote.size is not None else begun + _stated_length(answer)
            self._expect_room(size, begun)
            with telling_full_disk(self.part), self.part.open("ab" if begun else "wb") as file:
                blocks = -(-(size - begun) // BLOCK)
                what = f"{shown(self.remote.url)}, blocks of {BLOCK >> 10} KiB"
                for block in progress(blocks_of(answer), total=max(blocks, 1), what=what):
                    file.write(block)
                    if file.tell() > self._most():
                        break
        if self.arrived() < size:
            raise requests.ConnectionError(f"{self.arrived()} of {size} bytes have arrived")
        self._refuse_beyond(self.arrived())

    def _most(self) -> float:
        return self.remote.size if self.remote.size is not None else self.limits.gigabytes * 1e9

    def _expect_room(self, size: int, begun: int) -> None:
        self._refuse_beyond(size)
        free = shutil.disk_usage(self.part.parent).free
        if size - begun > free:
            raise TartarusError(
                f"{self.part}: {size - begun} bytes are to come from {shown(self.remote.url)}, but the disk has "
                f"{free} free; free some space and run again"
            )

    def _refuse_beyond(self, size: int) -> None:
        """Stop at a file that is too long, if nobody has stated its size; else that will be told as its fault."""
        if self.remote.size is None and size > self._most():
            self.part.unlink(missing_ok=True)
            raise TartarusError(
                f"{shown(self.remote.url)}: more than {self.limits.gigabytes:g} GB; the file was not kept. If it is "
                f"the right one, raise fetch: gigabytes in config.yaml"
            )


def _stated_length(answer: requests.Response) -> int:
    """Read how many bytes of the file an answer is to bring; 0 if it does not say so, or in no number."""
    stated = answer.headers.get("Content-Length", "")
    encoded = {"Content-Encoding", "Transfer-Encoding"} & {name.title() for name in answer.headers}
    return int(stated) if not encoded and stated.isascii() and stated.isdigit() and len(stated) < 20 else 0
