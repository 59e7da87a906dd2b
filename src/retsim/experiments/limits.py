"""What a single run may take: seconds and memory, held by the system, so that compiled code cannot evade it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_GIGABYTE = 10**9

__all__ = ["check_limits", "limited"]


def check_limits(seconds: float | None, gigabytes: float | None) -> None:
    """Refuse limits that this system cannot hold.

    Raises
    ------
    ValueError
    """
    if seconds is not None and not hasattr(signal, "setitimer"):
        raise ValueError(f"workers.limit = {seconds:g}, must be None on this system: it has no timers of that kind")
    if gigabytes is not None:
        try:
            import resource  # noqa: F401
        except ImportError:
            raise ValueError(f"workers.memory = {gigabytes:g}, must be None on this system") from None


@contextmanager
def limited(seconds: float | None, gigabytes: float | None) -> Iterator[None]:
    """Hold a worker to its limits: out of time it is killed by SIGALRM, out of memory it gets MemoryError.

    For worker processes only: the process that is over time ends.
    """
    if gigabytes is not None:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (int(gigabytes * _GIGABYTE), most))
    if seconds is None:
        yield
        return
    # Nothing handles the signal, so it ends the process even in the midst of compiled code.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
