"""Replicates side by side, handed on in order; few are under way at a time, and an interrupt ends them all."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_order"]

Place = TypeVar("Place")
Result = TypeVar("Result")
_AHEAD = 2  # calls under way or waiting, per thread


def in_order(
    one: Callable[[Place], Result],
    places: Iterable[Place],
    threads: int,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Result]:
    """Yield ``one(place)`` of every place in order, computed by several threads.

    At most two calls per thread are under way or finished and not yet handed on, so memory does not grow with the
    number of places; where the reader stops, or is interrupted, no further call starts.

    Parameters
    ----------
    one : callable
        Called in threads.
    places : iterable
    threads : int
    progress : callable, optional
        Called with the number of results handed on.
    """
    rest, waiting = iter(places), deque[Future[Result]]()
    pool = ThreadPoolExecutor(threads)
    try:
        waiting.extend(pool.submit(one, place) for place in itertools.islice(rest, _AHEAD * threads))
        finished = 0
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(one, place) for place in itertools.islice(rest, 1))
            finished += 1
            if progress is not None:
                progress(finished)
            yield result
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
