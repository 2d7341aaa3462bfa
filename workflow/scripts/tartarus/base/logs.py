"""What a job tells: messages and tracebacks in the log file of its rule, progress with an estimate."""

import logging
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tartarus.base.errors import TartarusError
from tqdm import tqdm

T = TypeVar("T")
log = logging.getLogger("tartarus")
SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def job(path: str) -> Iterator[None]:
    """Run a job with its messages in a log file.

    Warnings and errors go to standard error too, so that they are seen without opening the log. What the
    user can mend is told in one line; anything else comes with its traceback, in the log.

    Parameters
    ----------
    path : str
        The log file of the rule.

    Raises
    ------
    SystemExit
        With status 1, after an exception was reported.
    """
    file = logging.FileHandler(path, mode="w", encoding="utf-8")
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(logging.WARNING)
    form = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    for handler in (file, screen):
        handler.setFormatter(form)
    logging.basicConfig(level=logging.INFO, handlers=[file, screen], force=True)
    logging.captureWarnings(True)
    try:
        yield
    except TartarusError as error:
        log.error("%s", error)
        sys.exit(1)
    except Exception as error:
        log.error("%s: %s (traceback in %s)", type(error).__name__, error, path)
        logging.getLogger("tartarus.traceback").info("%s", traceback.format_exc())
        sys.exit(1)


def progress(steps: Iterable[T], *, total: int, what: str) -> Iterator[T]:
    """Go through `steps`, telling how far it is and how long it will take.

    A terminal shows a bar; the log gets a line every ten seconds.

    Parameters
    ----------
    steps : iterable
        What to go through.
    total : int
        How many steps there are.
    what : str
        What is being done, for the reader.

    Yields
    ------
    object
        The steps.
    """
    start = last = time.monotonic()
    for done, step in enumerate(tqdm(steps, total=total, desc=what, disable=None), start=1):
        yield step
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES:
            last = now
            left = (now - start) / done * (total - done)
            log.info("%s: %d of %d, %.0f s gone, about %.0f s to go", what, done, total, now - start, left)
    log.info("%s: %d of %d done in %.1f s", what, total, total, time.monotonic() - start)
