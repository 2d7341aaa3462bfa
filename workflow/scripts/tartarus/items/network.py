"""Asking servers: bounded whatever a server does.

No more bytes than expected are taken, no longer than allowed is waited, and no address is followed that is not
encrypted, unless the user allows it. What is secret in an address, password or token, reaches no message and no log.
"""

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import responses
from typing import NoReturn, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from urllib3.util import Retry

T = TypeVar("T")
TIMEOUT = 30  # seconds without a byte
ATTEMPTS = 5  # in a row that brought nothing
BACKOFF = 0.5  # seconds before the second attempt; doubled from one to the next
REDIRECTIONS = 10
_LONGEST_WAIT = 3600.0  # seconds, whatever a server demands
BLOCK = 1 << 14  # bytes that are written in one go
# Its warnings tell addresses as they are, with all that is secret in them.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Limits:
    """What servers may do: the section `fetch` of config.yaml.

    Attributes
    ----------
    plain_http : bool
        Whether addresses may begin with http://, also where one is redirected to.
    gigabytes : float, above 0
        Of a file whose size nobody has stated.
    hours : float, above 0
        Until a file is whole.
    """

    plain_http: bool = False
    gigabytes: float = 1.0
    hours: float = 24.0


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Leave redirections to `asked`: requests would first read all that comes with them, however long."""


def open_session(limits: Limits) -> requests.Session:
    """Open a session whose answers have the length of the files themselves, for ranges refer to that."""
    session = _Session()
    session.headers["Accept-Encoding"] = "identity"
    if not limits.plain_http:
        del session.adapters["http://"]
    return session


def shown(url: str) -> str:
    """Give an address as messages may show it: without user, password, query and fragment.

    Examples
    --------
    >>> shown("https://anna:secret@example.org:8080/file?token=secret#here")
    'https://example.org:8080/file'
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # a password with a slash in it looks like one
    except ValueError:
        return "an address that is none"
    place = parts.netloc.rpartition("@")[2] + parts.path if parts.netloc else ""
    return "".join(letter if letter.isprintable() else "?" for letter in f"{parts.scheme}://{place}"[:300])


# --- Answers ---------------------------------------------------------------------------------------------


def read_answer(
    session: requests.Session, url: str, *, most: int, seconds: float, backoff: float, **headers: str
) -> bytes:
    """Read an answer that is to fit into memory.

    Parameters
    ----------
    session : requests.Session
        From `open_session`.
    url : str
        What to ask.
    most : int, in bytes
        Of the answer, unpacked.
    seconds : float
        For each attempt.
    backoff : float, in seconds
        As in `patiently`.
    **headers : str
        Of the question.

    Raises
    ------
    requests.RequestException
        If the server cannot be reached, or refuses.
    TartarusError
        If the answer is longer.
    """

    def ask() -> bytes:
        content = bytearray()
        try:
            with within(seconds), asked(session, url, headers) as answer:
                expect_success(answer)
                for block in blocks_of(answer):
                    content += block
                    if len(content) > most:
                        raise TartarusError(
                            f"{shown(url)}: the answer is longer than {most} bytes; expected a short one. Check the "
                            f"address, and whether a proxy answers in its place, and run again"
                        )
        except Late as error:
            raise requests.Timeout from error
        return bytes(content)

    return patiently(ask, what=shown(url), backoff=backoff)


@contextmanager
def asked(session: requests.Session, url: str, headers: dict[str, str]) -> Iterator[requests.Response]:
    """Give the answer at an address, or where that is redirected to; its body is not read yet."""
    try:
        for _ in range(REDIRECTIONS + 1):
            with session.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
                if not answer.is_redirect:
                    yield answer
                    return
                url = urljoin(url, answer.headers["location"])
        raise requests.TooManyRedirects
    except urllib3.exceptions.DecodeError as error:
        raise requests.exceptions.ContentDecodingError from error
    except urllib3.exceptions.LocationValueError as error:
        raise requests.exceptions.InvalidURL from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError from error
    except (UnicodeError, ValueError) as error:
        if isinstance(error, requests.RequestException):
            raise
        raise requests.exceptions.InvalidURL from error


def blocks_of(answer: requests.Response) -> Iterator[bytes]:
    """Read a body in blocks of `BLOCK` bytes or a little more.

    By the one way of reading that is bounded: by others, a chunk of length -1 is all that ever comes, and the line that
    states the length of a chunk may have any.
    """
    block = bytearray()
    try:
        while piece := answer.raw.read1(BLOCK, decode_content=True):
            block += piece
            if len(block) >= BLOCK:
                yield bytes(block)
                block.clear()
    except urllib3.exceptions.HTTPError:
        yield bytes(block)  # what has arrived, has arrived
        raise
    yield bytes(block)


def expect_success(answer: requests.Response) -> None:
    """Raise a requests.HTTPError unless the answer brings what was asked for."""
    if answer.status_code // 100 != 2:
        raise requests.HTTPError(response=answer)


class Late(Exception):
    """What was to be done in a time has not been done."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Break off with `Late` what takes longer, whatever it waits for; in the main thread only.

    The time limit of a socket starts anew with each byte: a server could send one now and then, for ever.
    """

    def ring(*_: object) -> NoReturn:
        raise Late

    former = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # and every second after, for destructors swallow exceptions
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


# --- Patience --------------------------------------------------------------------------------------------


def patiently(step: Callable[[], T], *, what: str, backoff: float, arrived: Callable[[], int] = lambda: 0) -> T:
    """Do what asks a server for something, again if it is busy or the connection breaks off.

    Parameters
    ----------
    step : callable
        What to do. It raises a requests.RequestException if it fails.
    what : str
        What is asked for; for the log.
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
            log.warning("%s: %s; trying again in %.0f s", what, told(error), wait)
            time.sleep(wait)


def _passes(error: requests.RequestException) -> bool:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        status = error.response.status_code
        return status >= 500 or status in (requests.codes.request_timeout, requests.codes.too_many_requests)
    return isinstance(error, requests.ConnectionError | requests.Timeout)


def _stated_wait(error: requests.RequestException) -> float | None:
    """Read how long the server wants to be left alone, in seconds."""
    stated = None if error.response is None else error.response.headers.get("Retry-After")
    if stated is None:
        return None
    try:
        return min(Retry().parse_retry_after(stated), _LONGEST_WAIT)
    except (urllib3.exceptions.InvalidHeader, ArithmeticError, ValueError):
        return None


def told(error: requests.RequestException) -> str:
    """Say what went wrong, in words that hold nothing of the address, and none of the server's."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        status = error.response.status_code
        return f"the server answered {status} {responses.get(status, '')}".rstrip()
    if isinstance(error, requests.exceptions.InvalidSchema):
        return "it leads to an address that does not begin with https://, see fetch: plain_http in config.yaml"
    if isinstance(error, requests.TooManyRedirects):
        return f"redirected more than {REDIRECTIONS} times"
    return type(error).__name__
