"""Tags (R21): labels that a firm gives its customers by what its database says, and whom programmes are kept for.

A tag of the scenario is a rule, applied at each tick to the customers that the firm knows. A strategy of one's own may
give tags by hand (`retsim.Plan.tags`); those stay until it gives them anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.crm.tags import PROGRAMMES, bears

if TYPE_CHECKING:
    from retsim.crm.database import Customers
    from retsim.crm.tags import Ends
    from retsim.scenario.spending import Strategy

Numbers = npt.NDArray[np.int64]

__all__ = ["Tags"]


def _fixed(numbers: Numbers) -> Numbers:
    """The same array, which nobody can write any more: strategies see it."""
    numbers.flags.writeable = False
    return numbers


class Tags:
    """The tags of one firm.

    Attributes
    ----------
    rules : dict of str to dict
        Tags that the scenario defines: ranges of figures of the database.
    only : dict of str to str
        By programme, the tag that its customers must bear.
    borne : dict of str to int64 array
        By tag, the numbers of those who bear it, in order.
    """

    def __init__(self, policy: Strategy) -> None:
        self.rules: dict[str, Mapping[str, Ends]] = {name: tag.ranges() for name, tag in policy.tags.items()}
        self.only = policy.only.by_programme()
        self.borne: dict[str, Numbers] = {name: np.zeros(0, np.int64) for name in self.rules}

    def renew(self, seen: Customers) -> None:
        """Apply the rules to what is known now."""
        for name, tag in self.rules.items():
            self.borne[name] = _fixed(seen.number[bears(tag, seen)])

    def give(self, tags: Mapping[str, Iterable[int]], known: Numbers) -> None:
        """Give tags by hand; who bore one of these and is not named does so no longer.

        Raises
        ------
        ValueError
            A tag is a rule of the scenario, or is given to whom the firm does not know.
        """
        for name, numbers in tags.items():
            if name in self.rules:
                raise ValueError(f"tags.{name} is a rule of the scenario, must be another name")
            given = np.unique(np.asarray(numbers, dtype=np.int64).ravel())
            strangers = given[~np.isin(given, known)]
            if strangers.size:
                raise ValueError(f"tags.{name}: {strangers[0]} is not the number of a customer whom the firm knows")
            self.borne[name] = _fixed(given)

    def keep(self, only: Mapping[str, str | None]) -> None:
        """Keep programmes for those who bear a tag; None: for nobody in particular.

        Raises
        ------
        ValueError
            There is no such programme, or no such tag.
        """
        for programme, tag in only.items():
            if programme not in PROGRAMMES:
                raise ValueError(f"only.{programme} is no programme, must be one of {', '.join(PROGRAMMES)}")
            if tag is not None and tag not in self.borne:
                known = ", ".join(self.borne) or "a tag of the strategy (there are none)"
                raise ValueError(f"only.{programme} = {tag!r}, must be one of {known}")
        changed = self.only | dict(only)
        self.only = {programme: tag for programme, tag in changed.items() if tag is not None}

    def allowed(self, programme: str, ids: Numbers) -> Numbers:
        """Those of some customers whom a programme may take."""
        if programme not in self.only:
            return ids
        return ids[np.isin(ids, self.borne[self.only[programme]])]

    def number_borne(self, n: int) -> npt.NDArray[np.float64]:
        """How many tags each of customers 0..n-1 bears."""
        out = np.zeros(n)
        for numbers in self.borne.values():
            out[numbers] += 1.0
        return out
