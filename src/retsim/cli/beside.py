"""Pictures of several studies: a process beside this one draws those of every second study.

Drawing takes seconds a study and one processor; a second one that is idle halves the wait. What goes wrong beside
costs nothing: this process then draws itself, and tells why where it cannot either.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retsim.experiments.study import Study

Ready = Callable[[int], Path | None]

__all__ = ["Ready", "drawn_beside"]


@contextmanager
def drawn_beside(studies: Sequence[Study]) -> Iterator[Ready]:
    """Draw in another process while the ``with`` block goes on; when it ends, however it does, so does the process.

    Parameters
    ----------
    studies : sequence of Study
        None at all: there is no other process.

    Yields
    ------
    callable
        Takes the place of a study, waits until all are drawn, and gives the folder of its pictures; None where
        they could not be drawn.
    """
    if not studies:
        yield lambda _: None
        return
    from retsim.experiments.starting import beside

    with tempfile.TemporaryDirectory(prefix="retsim-") as text:
        folder = Path(text)
        process = beside(_draw, list(studies), folder)

        def ready(place: int) -> Path | None:
            process.join()
            return folder / str(place) if process.exitcode == 0 else None

        try:
            yield ready
        finally:
            process.kill()
            process.join()


def _draw(studies: Sequence[Study], folder: Path) -> None:
    """Life of the other process: an interrupt is the first one's to answer, and so are errors."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from retsim.plots import save_all

    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stderr(nowhere):
        try:
            for place, study in enumerate(studies):
                save_all(study, folder / str(place))
        except Exception:
            sys.exit(1)
