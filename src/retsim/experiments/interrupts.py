"""Ctrl-C that Python loses: one that falls into a finaliser is printed and forgotten, so work asks between its steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["heard"]


@contextmanager
def heard() -> Iterator[Callable[[], None]]:
    """Listen for Ctrl-C in the ``with`` block; the function it gives raises KeyboardInterrupt if there was one.

    An interrupt is raised where it falls, as ever. Where that is a finaliser that the garbage collector runs (the
    suspended processes of a market that is done with, compiled code that is thrown away), Python only prints
    "Exception ignored in ..." and the program would go on for hours.
    """
    before = signal.getsignal(signal.SIGINT)
    fell: list[int] = []
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return

    def note(number: int, frame: FrameType | None) -> None:
        fell.append(number)
        before(number, frame)

    def ask() -> None:
        if fell:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield ask
    finally:
        signal.signal(signal.SIGINT, before)
