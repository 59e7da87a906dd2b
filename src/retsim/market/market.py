"""The market: a SimPy environment in which firms plan, newcomers come and accounts are closed.

Before anything shared is read or changed, the market syncs: every customer has lived up to now. Between two syncs
customers see a frozen market. Processes of the user's own join in through `at`, `sync` and `set`.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import simpy

from retsim.crm.database import Database
from retsim.crm.database import Setting as DatabaseSetting
from retsim.engines.compiled import CompiledEngine
from retsim.engines.moment import MARKET_FIRST, Moment, abandon
from retsim.engines.reference import ReferenceEngine
from retsim.engines.settling import settle
from retsim.market.adaptive import adaptive
from retsim.market.bonds import require_less_than_paid
from retsim.market.books import Books
from retsim.market.charging import FUND_OF, charge, own_cost
from retsim.market.desk import Desks
from retsim.market.figures import require_figure
from retsim.market.firms import Firm
from retsim.market.log import EventLog
from retsim.market.newcomers import Newcomers
from retsim.market.planning import Planner
from retsim.market.plans import StrategyFunction
from retsim.market.rivals import Rivals
from retsim.market.setting import absent_at_first, arrays_of, bought_on_joining, nature_of, require_kept, segments_of
from retsim.market.shocks import SHOCKS
from retsim.market.staff import gauges_of
from retsim.market.targeting import NEEDS_DATABASE, Targeting
from retsim.market.tick import tick
from retsim.market.word import WordOfMouth
from retsim.population import Population
from retsim.state import Count, Pool
from retsim.world import OWN, World

if TYPE_CHECKING:
    from retsim.scenario import Scenario

ENGINES: dict[str, Any] = {"compiled": CompiledEngine, "reference": ReferenceEngine}
Process = Callable[["Market"], Generator[simpy.Event, Any, None]]


class Market:
    """One run of a scenario.

    Parameters
    ----------
    scenario : Scenario
    key : tuple of int
        (seed, replication), each below 2**32.
    engine : {"compiled", "reference"}
    threads : int
        Threads within the run (compiled engine).
    log : bool
        Whether every event is written down; never changes a result.
    strategy : callable, optional
        Plans for the focal firm at each tick (`retsim.market.plans`), instead of the scenario's strategy.
    """

    def __init__(
        self,
        scenario: Scenario,
        key: tuple[int, int],
        *,
        engine: str = "compiled",
        threads: int = 1,
        log: bool = False,
        strategy: StrategyFunction | None = None,
    ) -> None:
        self.scenario, self.key, self.log = scenario, key, log
        self.env = simpy.Environment()
        self.firms = [Firm(scenario, name, j) for j, name in enumerate(scenario.firms())]
        self.events = EventLog(log)
        self._absent = absent_at_first(scenario)
        for firm in self.firms:
            firm.present = firm.name not in self._absent
        segments = segments_of(scenario)
        nature = nature_of(scenario, segments, self._absent)
        # A strategy of the user's own may ask for anything that a database can hold.
        nature = nature._replace(more=nature.more or strategy is not None)
        self._arrays = arrays_of(scenario, segments, nature, key)
        self.population = Population(nature, key, scenario.customers)
        self.population.add_initial(scenario.customers)
        self._arrays["log"] = self.events.sheet()
        self.world = self._see()
        self.books = Books(self.world)
        me = self._lent()
        self.newcomers = Newcomers(me)
        self.desks = Desks(me)
        self.word = WordOfMouth(me)
        self.rivals = Rivals(me)
        self.targeting = Targeting(me)
        self.planners = self._planners(strategy)
        self.database = Database(
            DatabaseSetting(scenario.setting == "contractual", scenario.tick, bought_on_joining(self.world.segments))
        )
        self.keeps_database = bool(self.planners) or any(map(_needs_database, self.firms))
        self._worths: dict[object, float] = {}
        self._clocks: tuple[bytes, tuple[int, ...]] = (b"", ())
        for firm in self.firms:
            firm.show(self.world.offers[firm.index])
        self.engine = ENGINES[engine](me, threads)

    def _lent(self) -> Market:
        """Lend the market to its own parts, which do not keep it: its memory is free as soon as nobody else does."""
        lent: Market = weakref.proxy(self)
        return lent

    def _planners(self, strategy: StrategyFunction | None) -> list[Planner]:
        me = self._lent()
        found = [Planner(me, firm, adaptive) for firm in self.firms if firm.policy.adaptive]
        if strategy is not None:
            found = [Planner(me, self.firms[0], strategy), *(p for p in found if p.firm.index)]
        return found

    def _see(self) -> World:
        """The world with the population's present columns."""
        p = self.population
        own = {name: getattr(p, name) for name in OWN}
        world = World(**self._arrays, **own)
        return world

    @property
    def now(self) -> float:
        """Months since the start."""
        return float(self.env.now)

    def at(self, when: float) -> simpy.Event:
        """An event at an absolute time, in months, exact to the last bit.

        Raises
        ------
        ValueError
            That time is over, or is no finite number.
        """
        if not self.now <= when < math.inf:
            raise ValueError(f"at: when = {when!r}, must be a finite time that is not over: it is month {self.now:g}")
        return Moment(self.env, when, MARKET_FIRST)

    def sync(self) -> None:
        """Let every customer live up to now; changes nothing by itself."""
        self.engine.sync(self.now)

    def set(self, firm: str | int, **figures: float) -> None:
        """Change a firm's figures now, such as ``market.set("focal", price=25.0)``."""
        self.sync()
        chosen = self.firm(firm)
        self.require(chosen, figures)
        chosen.set(**figures)
        chosen.show(self.world.offers[chosen.index])
        self.clocks_moved()

    def require(self, firm: Firm, figures: Mapping[str, float]) -> None:
        """Refuse figures that a firm cannot have in this market.

        Raises
        ------
        TypeError, ValueError
            The message names place, value and rule.
        """
        for name, value in figures.items():
            require_figure(firm.name, name, value)
        if not self.population.nature.more:
            require_kept(firm.name, figures)
        require_less_than_paid(firm, figures)
        self.desks.check(firm, figures)

    def charge(self, firm: str | int, amount: float, account: str = "advertising") -> None:
        """Book what a firm pays now, beyond its budget: for a channel, a campaign, a fine of your own.

        Parameters
        ----------
        firm : str or int
        amount : float
            Money, 0 or more; booked evenly over the firm's customers.
        account : str
            What it is paid for: "advertising", "promotion", "serving", "staff" or "complaints".

        Raises
        ------
        ValueError
            There is no such account for costs, or the amount is negative or no finite number.
        """
        where, micro = own_cost(account, amount)
        self.sync()
        chosen = self.firm(firm)
        charge(self.world, chosen.index, where, micro)
        if (fund := FUND_OF.get(account)) is not None:
            chosen.add_funds(fund, micro)
            chosen.spend(fund, micro)

    def strain(self, cause: object, firm: str | int, **factors: float) -> None:
        """Multiply a firm's figures for as long as a cause lasts; called again without factors the cause is over.

        ``market.strain("strike", "focal", service_quality=0.5)``: unlike `set` it leaves the firm's own figures alone,
        and several causes multiply each other.
        """
        self.sync()
        chosen = self.firm(firm)
        chosen.strain(cause, **factors)
        chosen.show(self.world.offers[chosen.index])
        self.clocks_moved()

    def revalue(self, cause: object, factor: float | None = None) -> None:
        """Multiply everyone's willingness to pay for as long as a cause lasts; without a factor it is over."""
        if factor is not None and not 0.0 <= factor < math.inf:
            raise ValueError(f"revalue: factor = {factor}, must be a finite number, 0 or more")
        self.sync()
        self._worths.pop(cause, None)
        if factor is not None:
            self._worths[cause] = factor
        self.world.segments["worth"] = math.prod(self._worths.values())

    def enter(self, firm: str | int) -> None:
        """A firm that was absent comes into the market: some know it now, and it may be met from the next tick on."""
        self.sync()
        chosen = self.firm(firm)
        if not chosen.present:
            chosen.present = True
            self._absent -= {chosen.name}
            self.population.make_known(chosen.index, nature_of(self.scenario, self.world.segments, self._absent))

    def firm(self, name: str | int) -> Firm:
        """A firm by name or number."""
        for firm in self.firms:
            if name in (firm.name, firm.index):
                return firm
        raise ValueError(f"firm {name!r}: not in this market, which has {', '.join(f.name for f in self.firms)}")

    def active(self, firm: str | int = 0) -> int:
        """Customers that a firm truly has now."""
        self.sync()
        return int(self.world.counts[self.firm(firm).index, :, Count.ACTIVE].sum())

    def prospects(self) -> int:
        """People in the market who are no firm's customers now."""
        self.sync()
        return int(self.world.pools[:, [Pool.PROSPECT, Pool.LAPSED]].sum())

    def run(self, processes: Sequence[Process] = ()) -> None:
        """Let the market live from the start to the horizon."""
        n = self.population.n
        first = 0
        while (first := settle(self.world.ref, first, n)) < n:
            self.events.keep(self.world)
        self.books.open(self.world)
        self.engine.customers_added(n)
        shocks = [(shock, life) for shock in self.scenario.shocks.values() for life in SHOCKS[shock.kind]]
        others = [self.env.process(life(self, shock)) for shock, life in shocks]
        self.env.process(self._clock())
        others += [self.env.process(_waiting(own, own(self))) for own in processes]
        self.env.run(until=Moment(self.env, self.scenario.horizon, MARKET_FIRST + 1))
        self.events.keep(self.world)
        self.engine.close()
        for process in others:
            abandon(process)

    def _clock(self) -> Generator[simpy.Event, Any, None]:
        """Close periods and let firms plan, each at its own exact times; a period closes before the plan.

        A tick that the horizon cuts grants and spends its whole budget: the first months of a longer run stay the same.
        """
        s = self.scenario
        n_periods, n_ticks = round(s.horizon / s.period), math.ceil(s.horizon / s.tick - 1e-9)
        looking = self.desks.looks()
        moments = sorted(
            {k * s.period for k in range(1, n_periods + 1)} | {k * s.tick for k in range(n_ticks)} | looking
        )
        closing = {k * s.period for k in range(1, n_periods + 1)}
        planning = {k * s.tick for k in range(n_ticks)}
        for when in moments:
            if when > self.env.now:
                yield Moment(self.env, when, MARKET_FIRST)
            self.sync()
            if when in looking:
                self.desks.look()
                self.clocks_moved()
            if when in closing:
                self.desks.count()
                self.books.gauges.append(gauges_of(self))
                self.books.close(self.world)
            if when in planning:
                tick(self)

    def admit(self, n: int) -> None:
        """Let those in who were born since the last time, `n` of them: the world is seen anew where people have moved."""
        if self.population.customers is not self.world.customers:
            self.events.keep(self.world)
            self.world = self._see()
        self.engine.customers_added(n)

    def clocks_moved(self) -> None:
        """Tell the engine, if any hazard or customer's clock was changed from outside."""
        clocks = (self.world.reach["rate"].tobytes(), tuple(firm.clocks_moved for firm in self.firms))
        if clocks != self._clocks:
            self._clocks = clocks
            self.engine.rates_changed()


def _waiting(process: Process, made: Any) -> Generator[simpy.Event, Any, None]:
    """What a process of the user's own gives, which must be something that waits."""
    if not isinstance(made, Generator):
        name = getattr(process, "__name__", repr(process))
        raise TypeError(
            f"processes: {name} gave {type(made).__name__}, must be a generator function: let it wait with "
            "`yield market.at(month)`"
        )
    return made


def _needs_database(firm: Firm) -> bool:
    """Whether a firm does anything for which it must know more than who its customers are."""
    funded = firm.mix["win_back"] > 0.0 or firm.mix["survey"] > 0.0
    return funded or bool(firm.tags.rules) or bool(firm.policy.aims() & NEEDS_DATABASE)
