"""Ctrl-C once finishes the units in flight, twice stops now; a scheduler's SIGTERM counts as the first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

__all__ = ["Stop", "interruptible"]


@dataclass(eq=False)
class Stop:
    """Asks a worker to end; ``reason`` is "" while it shall go on."""

    reason: str = ""


@contextmanager
def interruptible(say: Callable[[str], None]) -> Iterator[Stop]:
    """Turn the first SIGINT or SIGTERM into a `Stop` and the second into KeyboardInterrupt."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.reason:
            raise KeyboardInterrupt
        stop.reason = "interrupted" if number == signal.SIGINT else "ended by the scheduler"
        say(f"{stop.reason}: finishing the units in flight; once more stops now")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
