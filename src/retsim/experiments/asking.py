"""Questions of one's own: any number of a run, over replications with the same luck, paired where compared.

A study keeps the measures of `retsim.MEASURES`. This is for everything else that a run can tell: complaints made good,
words against the firm, decisions to stay against one's own surplus. Owns the asking and the intervals; what is asked is
the caller's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from retsim.experiments.differences import check_metric
from retsim.results.intervals import Interval, check_confidence, mean_interval
from retsim.results.simulate import check_key, check_scenario, simulate, whole

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run
    from retsim.scenario import Scenario

Question = Callable[["Run"], "float | Mapping[float, float]"] | str
Place = tuple[str, float | None]
Scenarios = Mapping[str, "Scenario"] | Mapping[tuple[str, float], "Scenario"]

_MOST = 1_000_000

__all__ = ["Answers", "ask"]


def ask(
    scenarios: Scenarios,
    questions: Mapping[str, Question],
    *,
    replications: int = 20,
    seed: int = 0,
    log: bool = False,
) -> Answers:
    """Ask every run of some scenarios the same questions, with common random numbers.

    Parameters
    ----------
    scenarios : mapping of str or (str, float) to Scenario
        By name. A name with a number, such as ``("rational", 12.0)``, is a scenario at a place on an axis: all of one
        name make a line (`retsim.plots.answers`).
    questions : mapping of str to callable or str
        By the words they have in the tables: a function of a `Run` that returns a number (NaN where the run has no
        answer), or one of `retsim.MEASURES`. Where functions return numbers by their places on an axis (such as
        months), all questions must, and every scenario is a line.
    replications : int
        Runs of each scenario, replications 0 to `replications` - 1.
    seed : int
    log : bool
        Keep each run's event log, for questions that read `Run.events`.

    Returns
    -------
    Answers

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be.
    """
    check_key(seed)
    whole("replications", replications, 1, _MOST)
    if not scenarios or not questions:
        raise ValueError("ask needs at least one scenario and one question")
    for name, scenario in scenarios.items():
        check_scenario(scenario, f"scenarios[{name!r}]")
    for words, question in questions.items():
        _check_question(words, question)
    rows: list[dict[str, str | float | None]] = [
        {"scenario": name if isinstance(name, str) else name[0], "at": at, "replication": r, **found}
        for name, scenario in scenarios.items()
        for r in range(replications)
        for at, found in _answered(simulate(scenario, seed=seed, replication=r, log=log), name, questions)
    ]
    import pandas as pd

    return Answers(pd.DataFrame(rows), tuple(questions), seed)


class Answers:
    """What every run answered; made by `retsim.ask`.

    Attributes
    ----------
    values : DataFrame
        One row a run: `scenario`, `at` (its place on an axis, NaN without one), `replication`, one column a question.
    questions : tuple of str
    seed : int
    """

    def __init__(self, values: pd.DataFrame, questions: tuple[str, ...], seed: int) -> None:
        values["at"] = values["at"].astype(float)
        self.values, self.questions, self.seed = values, questions, seed

    def __repr__(self) -> str:
        n = len(self.questions)
        return f"<Answers to {n} question{'' if n == 1 else 's'}: {self.replications} replications, seed {self.seed}>"

    @property
    def names(self) -> tuple[str, ...]:
        """Scenarios; the first is the baseline."""
        return tuple(dict.fromkeys(self.values["scenario"]))

    @property
    def replications(self) -> int:
        """Runs of each scenario."""
        return int(self.values["replication"].max()) + 1

    def means(self, confidence: float = 0.95) -> pd.DataFrame:
        """One row a (scenario, at, question): `mean`, `low`, `high` (Student's t over replications), `n`.

        `n` counts the replications that have an answer.
        """
        check_confidence(confidence)
        return self._table(dict(self._places()), confidence)

    def differences(self, baseline: str | None = None, confidence: float = 0.95) -> pd.DataFrame:
        """Each other scenario less the baseline, replication by replication and place by place.

        Parameters
        ----------
        baseline : str, optional
            None: the first.
        confidence : float

        Returns
        -------
        DataFrame
            As `means`, of the paired differences.

        Raises
        ------
        ValueError
            There is no such scenario, or it was not asked at a place where another was.
        """
        check_confidence(confidence)
        first = self.names[0] if baseline is None else baseline
        if first not in self.names:
            raise ValueError(f"baseline = {first!r}, must be one of {', '.join(self.names)}")
        places = dict(self._places())
        pairs = {}
        for (name, at), rows in places.items():
            if name != first:
                if (first, at) not in places:
                    raise ValueError(f"baseline {first!r} was not asked at {at:g}, where {name!r} was")
                pairs[name, at] = rows - places[first, at]
        return self._table(pairs, confidence)

    def shown(self, formats: Mapping[str, str] | None = None, *, baseline: str | None = None) -> pd.DataFrame:
        """A table to read: "mean (low to high)", one row a scenario, one column a question.

        Parameters
        ----------
        formats : mapping of str to str, optional
            How numbers of a question are written, such as ``{"share that stayed": ".1%"}``; without one as many digits
            as make sense.
        baseline : str, optional
            Paired differences to this scenario instead of means, with their signs.

        Returns
        -------
        DataFrame
            Of texts; "no answer" where no replication has an answer.
        """
        import pandas as pd

        table = self.means() if baseline is None else self.differences(baseline)
        sign = "" if baseline is None else "+"
        digits = {question: _digits(rows["mean"]) for question, rows in table.groupby("question")}
        how = {question: sign + (formats or {}).get(question, digits[question]) for question in self.questions}
        out: dict[Place, dict[str, str]] = {}
        for row in table.to_dict("records"):
            place = (row["scenario"], None if row["at"] != row["at"] else row["at"])
            cells = out.setdefault(place, _labels(place))
            found = Interval(*(row[field] for field in Interval._fields))
            cells[row["question"]] = _text(found, how[row["question"]])
        return pd.DataFrame(list(out.values()))

    def _places(self) -> Iterator[tuple[Place, pd.DataFrame]]:
        """The answers of each scenario, one row a replication."""
        places: Any = self.values.groupby(["scenario", "at"], sort=False, dropna=False)
        for (name, at), rows in places:
            yield (name, None if at != at else at), rows.set_index("replication")[list(self.questions)]

    def _table(self, places: Mapping[Place, pd.DataFrame], confidence: float) -> pd.DataFrame:
        import pandas as pd

        rows = [
            {"scenario": name, "at": at, "question": question} | mean_interval(values[question], confidence)._asdict()
            for (name, at), values in places.items()
            for question in self.questions
        ]
        return pd.DataFrame(rows, columns=["scenario", "at", "question", *Interval._fields]).astype({"at": float})


def _check_question(words: str, question: Question) -> None:
    if isinstance(question, str):
        check_metric(question)
    elif not callable(question):
        raise TypeError(
            f"questions[{words!r}] = {question!r:.80}, must be a function of a Run or one of retsim.MEASURES"
        )


def _answered(
    run: Run, name: str | tuple[str, float], questions: Mapping[str, Question]
) -> Iterator[tuple[float | None, dict[str, float]]]:
    """Answers of a run, by place on an axis."""
    measured = run.measures() if any(isinstance(question, str) for question in questions.values()) else {}
    found: dict[str, Any] = {words: measured[q] if isinstance(q, str) else q(run) for words, q in questions.items()}
    by_place = {words: answer for words, answer in found.items() if isinstance(answer, Mapping)}
    if not by_place:
        yield None if isinstance(name, str) else name[1], {words: float(answer) for words, answer in found.items()}
        return
    if len(by_place) < len(found) or not isinstance(name, str):
        raise ValueError(
            f"question {next(iter(by_place))!r} answers by place, so all questions must, and no scenario has a place"
        )
    for at in dict.fromkeys(at for answer in by_place.values() for at in answer):
        yield float(at), {words: float(answer.get(at, math.nan)) for words, answer in by_place.items()}


def _labels(place: Place) -> dict[str, str]:
    """The first columns of a table to read."""
    name, at = place
    return {"scenario": name} if at is None else {"scenario": name, "at": f"{at:g}"}


def _digits(means: pd.Series[float]) -> str:
    """As many decimals as leave about three digits of the largest mean."""
    top = float(means.abs().max())
    return f",.{0 if top >= 100 else 1 if top >= 10 else 2 if top >= 1 else 3}f"


def _text(found: Interval, how: str) -> str:
    if found.n == 0:
        return "no answer"
    mean, low, high = (format(x, how) for x in found[:3])
    return mean if found.n == 1 else f"{mean} ({low} to {high})"
