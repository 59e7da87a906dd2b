"""What the server has that workers are forked from: all modules of a run, and the compiled code, loaded once for all.

Only that server imports this module, and by doing so gets ready. Where nothing is compiled yet it loads no code: the
first run of a study compiles, in the program itself, and two processes should not do the same work.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

__all__ = ["load"]


def load() -> None:
    """Import what a run imports, and make a short one if its code is in the cache."""
    from retsim.engines.queueing import run_until
    from retsim.experiments.replicate import Settings, Task, attempt
    from retsim.jit import cache_folder
    from retsim.scenario import load as scenario_of

    if any(cache_folder().glob(f"*{run_until.__name__}*.nbi")):
        attempt(scenario_of("telecom").with_(customers=20, horizon=2.0), Task("", 0), Settings(0))


if any("multiprocessing.forkserver" in word for word in sys.orig_argv):
    # Ctrl-C is for the program that asked; it ends this process by going away.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What fails here fails in a worker again, which tells why.
    with suppress(Exception):
        load()
