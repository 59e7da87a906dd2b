"""CPU time of whole short processes: the command line's help, the import, a first compiled run."""

import os
import subprocess
import sys
from collections.abc import Sequence

from measure import HERE, environment

HELP = "import sys; from retsim.cli import main; sys.argv = ['retsim', '--help']; sys.exit(main())"
IMPORT = "import retsim"
FIRST_RUN = "import w1_retsim; w1_retsim.run(1000, 0, 12)"


def cpu(code: str) -> float:
    """Return the CPU seconds, user and system, of a Python process that runs ``code``, with its children.

    Raises
    ------
    RuntimeError
        When the process fails.
    """
    command = [sys.executable, "-c", code]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=HERE, env=environment())
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"benchmarks: `python -c {code!r}` failed (see above)")
    return usage.ru_utime + usage.ru_stime


def interleaved(codes: Sequence[str], repetitions: int) -> dict[str, list[float]]:
    """Return the CPU times of each code, timed in turn; a first round fills the caches and does not count."""
    rounds = [[cpu(code) for code in codes] for _ in range(repetitions + 1)]
    return {code: [one[i] for one in rounds[1:]] for i, code in enumerate(codes)}
