"""Options of long work: where results are kept, what a run may take, how sure the answer is to be."""

from __future__ import annotations

import os
import shlex
import sys
import warnings
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from retsim.cli.errors import UserError
from retsim.experiments.place import ClusterError, Workers, placed

if TYPE_CHECKING:
    from retsim.experiments.making import Way
    from retsim.experiments.precision import Precision
    from retsim.experiments.study import Study

SOME_FAILED = 3

__all__ = ["SOME_FAILED", "closing", "exit_code", "kept", "replications_of", "telling", "way_of"]


def way_of(args: Namespace) -> Way:
    """How the runs are to be made."""
    from retsim.experiments.making import Way

    if args.study is not None and os.path.exists(args.study) and not os.path.isdir(args.study):
        raise UserError(f"--study {args.study}: is a file, must be a folder")
    return Way(args.seed, args.threads, _workers(args), True, args.study)


def _workers(args: Namespace) -> Workers:
    try:
        return placed(placed(args.workers)._replace(limit=args.limit))
    except ValueError as error:
        raise UserError(f"--limit {args.limit:g}: {error}") from None


def replications_of(args: Namespace) -> int | Precision:
    """A number, or how sure the answer is to be."""
    if args.precision is None:
        if args.at_most is not None:
            raise UserError("--at-most: is a ceiling for --precision; without it, --replications says how many")
        return int(args.replications)
    from retsim.experiments.precision import Precision, check_precision

    try:
        return check_precision(Precision(args.precision, args.at_most or 1000))
    except ValueError as error:
        raise UserError(f"--precision {args.precision:g}: {error}") from None


@contextmanager
def kept(args: Namespace) -> Iterator[None]:
    """Warnings of a study folder on stderr, and an interrupt or a lost cluster with what to do next."""
    with telling():
        try:
            yield
        except KeyboardInterrupt:
            if args.study is None:
                raise
            raise KeyboardInterrupt(
                f"the runs made so far are kept in {args.study}; the same command goes on from there:\n{_typed(args)}"
            ) from None
        except ClusterError as error:
            raise ClusterError(f"{error}:\n{_typed(args)}" if args.study is not None else str(error)) from None


@contextmanager
def telling() -> Iterator[None]:
    """Warnings as messages on stderr."""
    with warnings.catch_warnings():
        warnings.showwarning = _show
        yield


def _typed(args: Namespace) -> str:
    """The command as it was typed, to be typed again."""
    return shlex.join(args.typed)


def closing(args: Namespace, study: Study) -> list[str]:
    """The last lines: how precise the answer is where that was asked for, and what the folder has of the study."""
    lines = []
    if args.precision is not None:
        lines.append(_reached(args, study))
    if args.study is not None:
        lines.append(f"kept: {args.study}; {study.counts}")
    return ["", *lines] if lines else []


def _reached(args: Namespace, study: Study) -> str:
    from retsim.experiments.precision import Precision, half_width

    share = half_width(study, Precision(args.precision, args.at_most or 1000))
    what = "difference" if len(study.names) > 1 else "mean"
    return (
        f"precision: the interval is {100 * share:.3g} % of the {what} to either side after {study.replications} "
        f"replications; {100 * args.precision:g} % was asked for"
    )


def exit_code(args: Namespace, study: Study, code: int) -> int:
    """3 where a study is kept and some of its runs could not be made: the others are there."""
    return SOME_FAILED if args.study is not None and study.failures else code


def _show(message: Any, *_: Any, **__: Any) -> None:
    print(f"retsim: {message}", file=sys.stderr)
