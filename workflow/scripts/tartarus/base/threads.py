"""Work in threads whose outcomes come in order, in flat memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")


def in_threads(work: Callable[[Given], Found], given: Iterable[Given], *, workers: int) -> Iterator[Found]:
    """Give the outcome of every piece of work, in the order in which they are given.

    Two for each thread are begun before they are asked for: so no thread waits for another's long piece, and memory
    does not grow with their number.

    Parameters
    ----------
    work : callable
        What is done with each.
    given : iterable
        With what.
    workers : int
        How many threads.
    """
    begun: deque[Future[Found]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for one in given:
            if len(begun) > 2 * workers:
                yield begun.popleft().result()
            begun.append(pool.submit(work, one))
        while begun:
            yield begun.popleft().result()
