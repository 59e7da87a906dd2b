"""The command line: arguments in, one readable table or JSON document out, an exit code that means something.

Exit codes: 0 done; 2 the user's input is wrong (one message: file, key, value, rule); 3 some runs of a kept study
could not be made, the others are there; 130 interrupted; 1 anything else. Results go to stdout, messages and progress to stderr. Everything heavy is imported by the
command that needs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from retsim.cli.errors import UserError
from retsim.cli.parser import parsed

__all__ = ["main"]

DONE, BROKEN, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; by default those of this process.

    Returns
    -------
    int
        Exit code.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    args = parsed(given)
    args.typed = ["retsim", *given]
    try:
        code = int(args.run(args) or DONE)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt as stop:
        print(f"retsim: interrupted; {str(stop) or 'nothing was written'}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python would complain at exit about what it cannot flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if _is_users(error):
            print(error, file=sys.stderr)
            return WRONG_INPUT
        if os.environ.get("RETSIM_TRACEBACK"):
            raise
        print(f"retsim: {type(error).__name__}: {error} (RETSIM_TRACEBACK=1 shows where)", file=sys.stderr)
        return BROKEN


def _is_users(error: Exception) -> bool:
    """Whether the input is wrong, and not the program."""
    if isinstance(error, UserError | FileExistsError):
        return True
    if not isinstance(error, ValueError):
        return False
    from retsim.scenario import ScenarioError

    if isinstance(error, ScenarioError):
        return True
    from retsim.calibrate import CsvError, FitError

    return isinstance(error, CsvError | FitError)
