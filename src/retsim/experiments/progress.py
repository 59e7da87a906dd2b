"""Progress of long work: how far, how long still, and what it cost so far; on a terminal, in a notebook, or in a page.

Nothing is shown where nobody watches: not where output goes to a file or another program, and not in CI.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

__all__ = ["Progress", "Report", "Shown", "Watcher", "bar", "spelt"]


class Progress(NamedTuple):
    """How far work is.

    Attributes
    ----------
    done, total : int
        Runs made, reused or failed, and runs in all.
    before : int
        Those of `done` that were there when this work began.
    seconds, cpu : float
        On the clock since then; and of processors, all that runs took so far, in workers as well.
    """

    done: int
    total: int
    before: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def left(self) -> float | None:
        """Seconds that the rest takes at the pace so far; None as long as there is no pace."""
        made = self.done - self.before
        return self.seconds / made * (self.total - self.done) if made else None


class Watcher(Protocol):
    """What shows progress its own way, such as a page."""

    def show(self, progress: Progress) -> object:
        """Called in the program's thread whenever runs are kept."""


Report = Callable[[int, int], object] | Watcher | bool | None
"""How progress is asked for: a function of (runs done, runs in all), a `Watcher`, True for a bar, or nothing."""


class Shown:
    """Progress as the caller wants it, for the length of a ``with`` block."""

    def __init__(self, report: Report, total: int) -> None:
        self.report, self.total = report, total
        self.began = time.perf_counter()
        self.before = 0
        self.bar: Any = None

    def __enter__(self) -> Shown:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def tell(self, done: int, cpu: float) -> None:
        """So many runs are done, and so many seconds of processors went into them."""
        report = self.report
        if callable(report):
            report(done, self.total)
        elif report is not None and not isinstance(report, bool):
            report.show(Progress(done, self.total, self.before, time.perf_counter() - self.began, cpu))
        elif report:
            self._show(done, cpu)

    def _show(self, done: int, cpu: float) -> None:
        if self.bar is None:
            # What was there already is no pace to judge the rest by.
            self.bar = bar(self.total, "run", initial=self.before)
        self.bar.set_postfix_str(f"{spelt(cpu)} CPU", refresh=False)
        self.bar.update(done - self.bar.n)


def bar(total: int, unit: str, *, initial: int = 0) -> Any:
    """A bar of tqdm with the time left: on the terminal, as a widget in a notebook, else one that shows nothing."""
    if os.environ.get("CI"):
        disabled: bool | None = True
    else:
        disabled = False if _in_notebook() else None
    if disabled is False:
        from tqdm.notebook import tqdm
    else:
        from tqdm import tqdm
    return tqdm(total=total, initial=initial, unit=unit, disable=disabled, leave=False, dynamic_ncols=True)


def spelt(seconds: float) -> str:
    """A time in words: "4.2 s", "3 min 05 s", "2 h 10 min"."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60:,} h {minutes % 60:02d} min"


def _in_notebook() -> bool:
    """Whether this runs in a kernel that can show widgets."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or "IPKernelApp" not in shell.config:
        return False
    from importlib.util import find_spec

    return find_spec("ipywidgets") is not None
