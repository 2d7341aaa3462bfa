"""Work in threads whose outcomes come in order, in flat memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")


def in_threads(work: Callable[[Given], Found], given: Iterable[Given], *, workers: int, ahead: int) -> Iterator[Found]:
    """Give the outcome of every piece of work, in the order in which they are given.

    Parameters
    ----------
    work : callable
        What is done with each.
    given : iterable
        With what.
    workers : int
        How many threads.
    ahead : int
        How many are begun before they are asked for: enough, so that no thread waits for another's long piece, and not
        more, so that memory does not grow with their number.
    """
    begun: deque[Future[Found]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for one in given:
            if len(begun) > ahead:
                yield begun.popleft().result()
            begun.append(pool.submit(work, one))
        while begun:
            yield begun.popleft().result()
