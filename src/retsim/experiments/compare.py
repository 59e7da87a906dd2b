"""Comparing scenarios: every one lives through the same luck, as often as asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from retsim.experiments.making import Making, Report, Way, Workers
from retsim.experiments.precision import Precision, reach

if TYPE_CHECKING:
    from retsim.experiments.study import Study
    from retsim.market.plans import StrategyFunction
    from retsim.scenario import Scenario

__all__ = ["compare"]


def compare(
    scenarios: Mapping[str, Scenario],
    *,
    replications: int | Precision = 100,
    seed: int = 0,
    workers: int | str | Workers | None = None,
    threads: int = 1,
    progress: Report = None,
    folder: str | Path | None = None,
    strategy: StrategyFunction | Mapping[str, StrategyFunction] | None = None,
) -> Study:
    """Run scenarios against each other with common random numbers.

    Every scenario is run with the same (seed, replication) pairs, so that each customer meets the same luck
    under each and differences are those of the scenarios. Neither the number of workers nor the order of
    runs changes anything, nor does a stop in between.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        By the name they have in the study; differences are taken from the first.
    replications : int or Precision
        Runs of each scenario, replications 0 to `replications` - 1; or how sure the answer is to be.
    seed : int
        0 to 2**32 - 1.
    workers : int, str or Workers, optional
        Where runs are made: a number of processes, ``"threads:N"``, the address of a Dask scheduler
        (``"tcp://host:8786"``), or a `Workers`, which also says what a run may take. None: one process where there is
        little to do, else as many as there are processors.
    threads : int
        Threads within each run.
    progress : bool, callable or object with a method `show`, optional
        True: a bar with the time left and the processor time so far, on a terminal or in a notebook, not in CI. A callable
        gets (runs done, runs in all); the method `show` gets a `retsim.Progress`.
    folder : path, optional
        Keeps every run there as soon as it is made. The same call goes on from what is there, whatever ended the
        one before; a run that is there is not made again, and results of another scenario, seed, program or stream
        version are never used. See `open_study`.
    strategy : callable or mapping of str to callable, optional
        A strategy of your own for the focal firm (see `retsim.simulate`), in every scenario or by scenario. Worker
        processes need a function that they can import; one from a script or a notebook runs in this process and its
        threads, or is sent to a cluster.

    Returns
    -------
    Study
        With the runs that could be made; `Study.failed` names the others.

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be.
    RuntimeError
        No run at all could be made: says why the first could not.
    StoreError
        The folder cannot be used.
    ClusterError
        The Dask cluster cannot be used, or was lost; what was kept is in the folder.
    """
    way = Way(seed, threads, workers, progress, folder, strategy)
    with Making(scenarios, way) as making:
        reach(making, replications)
        return making.study()
