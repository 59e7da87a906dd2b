"""Processes that tests start: they end with the test that started them, whatever ends that."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
_DEATH_SIGNAL = 1
"""``PR_SET_PDEATHSIG`` of prctl (Linux)."""


def die_with_parent() -> None:
    """In a child: be killed as soon as the parent ends, in whatever way, even from a session of one's own."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)


def started(*arguments: str, **options: Any) -> subprocess.Popen[Any]:
    """Start Python in a session of its own, with what this process imports from."""
    return subprocess.Popen(
        [sys.executable, *arguments], env=ENVIRONMENT, start_new_session=True, preexec_fn=die_with_parent, **options
    )


def members_of(session: int) -> list[int]:
    """Processes of a session that still live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def end_session(session: int) -> None:
    """Kill what is left of a session."""
    for pid in members_of(session):
        os.kill(pid, signal.SIGKILL)


def wait_until(condition: Any, *, seconds: float) -> None:
    """Wait for something that comes; the seconds are only there so that a test which is wrong ends at all."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.05)
