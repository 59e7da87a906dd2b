"""Strategies that no study survives in its own process; in a module, so that worker processes can import them."""

from __future__ import annotations

import os
import signal
import time


def crash(_):
    os.kill(os.getpid(), signal.SIGKILL)


def hang(_):
    time.sleep(3600.0)


def eat(_):
    return bytearray(8 * 10**9)
