"""A study: runs of several scenarios with the same luck, and what can be said about them.

Owns the names of the tables; how differences and intervals are made stands in `differences`, what is
written in `saving`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from retsim.experiments import differences, tables
from retsim.experiments.arm import Arm
from retsim.experiments.replicate import Failure

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from retsim.scenario import Scenario

__all__ = ["Counts", "Study"]


class Counts(NamedTuple):
    """What became of the runs of a study: `planned` = `done` + `failed` + `pending`.

    Attributes
    ----------
    planned, done, failed, pending : int
        Pending are those that were not made yet, because the study was stopped.
    """

    planned: int
    done: int
    failed: int
    pending: int

    def __str__(self) -> str:
        return f"{self.planned} runs planned = {self.done} done + {self.failed} failed + {self.pending} pending"


class Study:
    """Runs of several scenarios, paired by replication; made by `retsim.compare`.

    Everything is about the focal firm of each scenario.

    Attributes
    ----------
    names : tuple of str
        Scenarios; the first is the baseline.
    seed, replications : int
    failures : tuple of Failure
        Runs that could not be made, with the reason.
    """

    def __init__(
        self, arms: Mapping[str, Arm], *, seed: int, replications: int, failures: Sequence[Failure] = ()
    ) -> None:
        self.arms = dict(arms)
        self.names = tuple(arms)
        self.seed, self.replications = seed, replications
        self.failures = tuple(failures)

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return f"<Study of {', '.join(self.names)}: {self.replications} replications, seed {self.seed}{failed}>"

    @property
    def scenarios(self) -> dict[str, Scenario]:
        """Scenarios by name."""
        return {name: arm.scenario for name, arm in self.arms.items()}

    @property
    def counts(self) -> Counts:
        """What became of the runs; in words by ``str``."""
        planned, done, failed = (
            self.replications * len(self.names),
            sum(map(len, self.arms.values())),
            len(self.failures),
        )
        return Counts(planned, done, failed, planned - done - failed)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a (scenario, replication); one column a measure (`retsim.MEASURES`)."""
        return tables.run_table(self)

    @cached_property
    def paths(self) -> pd.DataFrame:
        """One row a (scenario, replication, period): `time` and the series of the focal firm.

        Series: `active`, `joined`, `lost`, `retention_rate`, `mean_satisfaction`, `market_share`, `revenue`,
        `acquisition_spend` (advertising, welcome), `retention_spend` (service, contact, discounts), `profit`,
        `cumulative_profit`, `cumulative_discounted_profit`, and `cash`, cash in hand since the start, which
        is the cumulated profit as long as nothing is owed.
        """
        return tables.path_table(self)

    @cached_property
    def departures(self) -> pd.DataFrame:
        """One row a (scenario, trigger, outcome): decisions of the focal firm's customers, to stay as well.

        `count`, `satisfied` and `against_surplus` are means a replication; forces are means a decision, in
        money.
        """
        return tables.departure_table(self)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """One row a (scenario, from, to): customers who moved, mean a replication.

        "outside" are prospects and lapsed customers. Of all firms.
        """
        return tables.flow_table(self)

    @cached_property
    def survival(self) -> pd.DataFrame:
        """One row a (scenario, age): survival of those who joined the focal firm after the start.

        Kaplan-Meier over all replications together, with its pointwise 95 % interval (`Run.survival`).
        """
        return tables.survival_table(self)

    @cached_property
    def survival_runs(self) -> pd.DataFrame:
        """One row a (scenario, replication, age): the same by replication, about one age a month.

        `survival`, and `at_risk`, who was watched up to that age; a replication ends where nobody was.
        """
        return tables.survival_run_table(self)

    @cached_property
    def cohorts(self) -> pd.DataFrame:
        """One row a (scenario, cohort, periods): `customers` left, mean a replication, and their `share`."""
        return tables.cohort_table(self)

    @cached_property
    def reichheld(self) -> pd.DataFrame:
        """One row a (scenario, since, tenure_year): profit by year of tenure and what made it, mean a replication.

        Columns as `Run.reichheld` (`retsim.results.reichheld.reichheld_frame`).
        """
        return tables.reichheld_table(self)

    @property
    def failed(self) -> pd.DataFrame:
        """One row a run that could not be made: scenario, replication, reason."""
        import pandas as pd

        return pd.DataFrame(list(self.failures), columns=list(Failure._fields))

    def summary(self, confidence: float = 0.95) -> pd.DataFrame:
        """One row a (scenario, measure): mean, its interval, median, spread.

        Parameters
        ----------
        confidence : float
            Of the interval of the mean (Student's t over replications).

        Returns
        -------
        DataFrame
            `scenario`, `metric`, `mean`, `low`, `high`, `median`, `sd`, `n`. `n` counts the replications in
            which the measure exists; with one, `low`, `high` and `sd` are NaN, because nothing says how
            sure the mean is.
        """
        return differences.summary(self, confidence)

    def differences(
        self,
        metric: str | Sequence[str] | None = None,
        baseline: str | None = None,
        *,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Each other scenario less the baseline, replication by replication.

        Parameters
        ----------
        metric : str or sequence of str, optional
            One or more of `retsim.MEASURES`; None: all.
        baseline : str, optional
            None: the first scenario.
        confidence : float

        Returns
        -------
        DataFrame
            `scenario`, `baseline`, `metric`; `mean` difference with `low`, `high` (paired Student t);
            `better`, the share of replications in which the scenario is strictly better, and `ties`;
            `correlation` of the two; `variance_ratio`, how many times as many unpaired runs would be
            needed; `n` pairs.
        """
        return differences.differences(self, metric, baseline, confidence)

    def best(self, metric: str = "discounted_profit") -> pd.DataFrame:
        """Which scenario to choose: one row a scenario, the best first.

        Returns
        -------
        DataFrame
            `scenario`, `mean`, `p_best` (share of replications in which it is the best; ties are shared) and
            `regret` (mean distance from the best of each replication), over the `n` replications that all
            have.
        """
        return differences.best(self, metric)

    def part(self, names: Mapping[str, str] | Sequence[str]) -> Study:
        """A study of some of the scenarios, the first named its baseline.

        Parameters
        ----------
        names : sequence of str, or mapping of new name to old
        """
        chosen = names if isinstance(names, Mapping) else {name: name for name in names}
        for old in chosen.values():
            self.arm(old)
        new_names = {old: new for new, old in chosen.items()}
        return Study(
            {new: self.arms[old].renamed(new) for new, old in chosen.items()},
            seed=self.seed,
            replications=self.replications,
            failures=[f._replace(scenario=new_names[f.scenario]) for f in self.failures if f.scenario in new_names],
        )

    def arm(self, name: str) -> Arm:
        """One scenario's runs.

        Raises
        ------
        ValueError
            The study has no such scenario.
        """
        if name not in self.arms:
            raise ValueError(f"scenario {name!r}: not in this study, which has {', '.join(self.names)}")
        return self.arms[name]

    def to_xarray(self) -> xr.Dataset:
        """The study as labelled arrays, for those who think in dimensions; needs ``retsim[arrays]``.

        Returns
        -------
        xarray.Dataset
            Series over (scenario, replication, month), as in `paths`; measures over (scenario, replication), as in
            `runs`, under ``measure_NAME`` where a series has the name. NaN where a run is missing or a scenario has no
            such month. Each has `long_name` and `units`.

        Raises
        ------
        ImportError
            xarray is not installed.
        """
        from retsim.experiments.arrays import to_xarray

        return to_xarray(self)

    def save(
        self,
        folder: str | Path,
        *,
        command: Sequence[str] | None = None,
        extra: Callable[[Study, Path], object] | None = None,
    ) -> Path:
        """Write the study: tidy Parquet, scenario files and ``manifest.json``, whole or not at all.

        Parameters
        ----------
        folder : path
            Made if it does not exist. An older study in it is replaced; other files are left alone.
        command : sequence of str, optional
            What was typed; kept in the manifest.
        extra : callable, optional
            Called with the study and a folder, to add files of its own (pictures) before all are put in
            place.

        Returns
        -------
        Path
            The manifest. `retsim.rerun` makes any replication again from it.

        Raises
        ------
        FileExistsError
            The folder holds a file of a name that would be written, and no study that it belongs to.
        OSError
            It cannot be written; what was there is as it was.
        """
        from retsim.experiments.saving import save

        return save(self, Path(folder), command=command, extra=extra)
