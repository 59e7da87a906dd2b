"""How processes beside this one are started: afresh, without the user's script, and never to outlive this one.

A server is started once, and has everything loaded that a worker needs; workers are forked from it (forkserver, else
spawn), never from a program that may have threads.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

__all__ = ["beside", "context", "end_with_the_parent", "get_ready", "no_main_module"]


def get_ready() -> None:
    """Start, while this process goes on, what workers will be forked from; it takes about a second."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        context()
        with no_main_module():
            forkserver.ensure_running()


def context() -> Any:
    """How workers are started."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["retsim.experiments.forerunner"])
    return found


@contextmanager
def no_main_module() -> Iterator[None]:
    """Keep a new process from importing the user's script again: workers need nothing of it.

    So a script without the ``if __name__ == "__main__":`` line works, too.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def beside(work: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Start a function of an importable module in a process of its own, as workers are started."""
    process: BaseProcess = context().Process(target=_beside, args=(work, *arguments), name="retsim beside", daemon=True)
    with no_main_module():
        process.start()
    return process


def _beside(work: Callable[..., None], *arguments: Any) -> None:
    # The server, from which this process has it, does not listen to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    end_with_the_parent()
    work(*arguments)


def end_with_the_parent() -> None:
    """End this process as soon as the one that started it is gone, however that ended and whatever is under way here."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    # Compiled code holds no lock, so the thread gets its turn in the midst of a run.
    threading.Thread(target=watch, name="retsim parent", daemon=True).start()
