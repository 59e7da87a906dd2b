"""A run: one scenario lived through once, and every table that can be made of it.

Owns the names under which results are found; each table is made in a room of its own, when it is asked for.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from retsim.results.accounts import ledger_frame
from retsim.results.check import check
from retsim.results.closed import Closed
from retsim.results.cohorts import cohort_frame, life_table, survival_frame
from retsim.results.digest import digest_of
from retsim.results.frames import market_frame, period_frame
from retsim.results.funnel import funnel_frame
from retsim.results.happenings import event_frame
from retsim.results.loyalty import loyalty_frame
from retsim.results.measures import measures
from retsim.results.people import customer_frame
from retsim.results.reasons import STAY, decision_frame, flow_frame
from retsim.results.reichheld import components, reichheld_frame, tenures
from retsim.results.value import clv_frame
from retsim.state import Channel
from retsim.world import OWN, World

if TYPE_CHECKING:
    import pandas as pd

    from retsim.market.market import Market
    from retsim.scenario import Scenario
    from retsim.state import Records

__all__ = ["Run"]


class Run:
    """One scenario, one seed, one replication; made by `retsim.simulate`.

    Attributes
    ----------
    scenario : Scenario
    seed, replication : int
    engine : str
    firms, segments, channels : tuple of str
        Names; firm 0 is the focal firm.
    records, relations : records (n_customers,), (n_customers, n_firms)
        Customers at the horizon as the engines left them (`retsim.state.CUSTOMER`, `RELATION`).
    more : records (n_customers,) or (0,)
        What further mechanisms keep of customers (`retsim.state.MORE`); empty where none of them is on.
    world : World
        Everything that rules read, as it stands at the horizon; not to be written.
    books : Books
        Closed periods as the market kept them; `closed` has them as arrays.
    """

    def __init__(self, market: Market, engine: str) -> None:
        self.scenario: Scenario = market.scenario
        self.seed, self.replication = market.key
        self.engine = engine
        self.firms = tuple(self.scenario.firms())
        self.segments = tuple(self.scenario.segments)
        self.channels = tuple(channel.name.lower() for channel in Channel)
        # Without the room that the market kept for others, which a copy of the run would fill with zeros.
        own = {name: getattr(market.world, name)[: market.population.n] for name in OWN}
        self.world = World(**market.world.arrays() | own)
        self.records: Records = self.world.customers
        self.relations: Records = self.world.relations
        self.more: Records = self.world.more
        self.dues = self.world.dues
        self.books, self.spending = market.books, market.firms
        self._log = market.events

    def __repr__(self) -> str:
        name, where = self.scenario.name, f"seed {self.seed}, replication {self.replication}"
        return f"<Run of {name}: {where}, {len(self.records)} customers, {self.scenario.horizon:g} months>"

    @cached_property
    def closed(self) -> Closed:
        """The closed periods as arrays of integers."""
        return Closed(self.books)

    @cached_property
    def periods(self) -> pd.DataFrame:
        """One row a (period, firm, segment).

        Columns: `period` from 1, `time` (months, of its end); stocks at its end (`active`, `satisfied`,
        `mean_satisfaction`), `active_at_start`; flows (`occasions`, `failures`, `complaints`, `recovered`,
        `answered` by a service desk, `recommended`, `warned`, `reached`, `interested`, `followed_up`, of which `wasted_follow_ups`, `deciding` and `leads_won` of a lead funnel,
        `community_members` counted at each tick, `contacts`, of which `relevant_contacts` and `annoying_contacts`, `woken`, `coupons`, `unpaid`, `returned`, questionnaires `asked`
        and `replied`, `needs` that opened, products `offered` and `sold`, `redeemed`, `joined_<channel>`,
        `joined`, `lost_to_rival`, `lost_to_outside`, `vanished`,
        `lost`); `retained`, who was there when the period began and without a break when it ended;
        `retention_rate`, retained / active_at_start, so that those who join within the period count neither
        way; `mean_tenure_lost` (months); `mean_wait` from complaint to answer (months); at the period's end the
        firm's `morale` (NaN without a staff loop), `reputation` and `surveyed_satisfaction` (mean of its customers' latest
        answers, NaN without any; beside it `mean_satisfaction` is true of all); `market_share` of the segment's customers; incomes and costs in
        money, all positive (`points_correction` is below 0 where points turn out cheaper than was thought);
        `points_liability`, what stands against points at the period's end; `profit`, `cumulative_profit`. Those who are customers at the start did not
        join. NaN where there is nobody to take a share of. Advertising is booked to the segment that it
        reached.
        """
        return period_frame(self, by_segment=True)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """The same by (period, firm), all segments together."""
        return period_frame(self, by_segment=False)

    @cached_property
    def market(self) -> pd.DataFrame:
        """One row a (period, segment), at its end: `prospects`, `lapsed`, `gone`, `active` of all firms."""
        return market_frame(self)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row a customer, as they stand at the horizon.

        `firm` is the present one, `last_firm` also of those who left; `joined_at` and `cohort` (period of
        joining, 0: at the start) of the present or last time with a firm; `tenure` months with the present
        firm; `spells` how often they joined one; where the scenario has them, `products` held and `needs` open; `knowledge` what the firm knows of them (0 to 1) and `affinity` the
        kinds they share with its people, where a scenario has such a thing. `attachment` and `sunk` are faded to the horizon.
        `revenue` is what all firms billed them, `value` the margin of all firms, discounted to the start,
        without programmes and advertising; money. `points` held, in money, and `integration`, where they are kept.
        """
        return customer_frame(self)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """One row an entry: period, firm, segment, cohort (0: there at the start), channel, account, amount.

        Debits are positive, credits negative; `amount_micro` is the exact integer (1e-6 of the currency).
        """
        return ledger_frame(self)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """One row a (period, firm, segment, trigger, outcome): how many, and what weighed how much.

        `outcome` is a rival, "outside", "vanished" (not a decision: no forces) or "stay"; `satisfied` of
        `count` were; `against_surplus` stayed although the best alternative's surplus was greater; forces
        are means in money (R8).
        """
        return decision_frame(self)

    @cached_property
    def departures(self) -> pd.DataFrame:
        """`decisions` without those to stay."""
        frame = self.decisions
        out: pd.DataFrame = frame[frame["outcome"] != STAY].reset_index(drop=True)
        return out

    @cached_property
    def events(self) -> pd.DataFrame:
        """The event log: one row an event, by time, then customer.

        `other` is the firm that a joiner came from, that a decision went to, or that was met and declined;
        `good` says whether a complaint was made good or a contact relevant; `what` is the kind of a life event
        or the product sold. State is that after the event.

        Raises
        ------
        ValueError
            The run was made without a log.
        """
        if not self._log.wanted:
            raise ValueError("run.events: this run kept no log; make it with simulate(..., log=True)")
        return event_frame(self, self._log.events())

    @cached_property
    def loyalty(self) -> pd.DataFrame:
        """One row a (firm, segment), at the horizon: loyalty in three senses (`retsim.results.loyalty.loyalty`).

        `repeat_rate`, `share_of_wallet`, `mean_tenure` (behavioural), `mean_attachment` (emotional), `would_stay` at
        equal price (cognitive).
        """
        return loyalty_frame(self)

    def flows(self) -> pd.DataFrame:
        """Moves over the whole run: rows from, columns to; "outside" are prospects and lapsed customers."""
        return flow_frame(self)

    def measures(self, firm: str | int = 0) -> dict[str, float]:
        """All measures of a firm (`retsim.results.measures.measures`)."""
        return measures(self, self._firm(firm))

    def clv(self, by: str | None = None, *, firm: str | int = 0) -> pd.DataFrame | float:
        """Lifetime value of those who joined after the start, within the horizon (`results.value.lifetimes`).

        Parameters
        ----------
        by : {"cohort", "channel", "segment"}, optional
            None: one number, the mean.
        firm : str or int

        Returns
        -------
        float or DataFrame
            With `customers`, `clv` (money a customer), and by cohort `months`, how long it could be watched.
        """
        if by is None:
            return measures(self, self._firm(firm))["clv"]
        if by not in ("cohort", "channel", "segment"):
            raise ValueError(f"clv: by = {by!r}, must be 'cohort', 'channel' or 'segment'")
        return clv_frame(self, self._firm(firm), by)

    def funnel(self, firm: str | int = 0) -> pd.DataFrame:
        """The lead funnel of a firm over the whole run: one row a stage (R15).

        Index: reached, interested, deciding, won. `customers` who got there (a prospect may pass more than once);
        `share` of those of the stage before, `leaked` and `leak_rate` the others; `cost` of the stage in money
        (advertising and promotion, nothing, follow-ups, welcome and bonus); `cost_per_head`, all costs so far for
        each who got there. Advertising to rivals' customers is among the costs.

        Raises
        ------
        ValueError
            The firm has no funnel, or there is no such firm.
        """
        return funnel_frame(self, self._firm(firm))

    def reichheld(self, firm: str | int = 0, *, per_customer: bool = False) -> pd.DataFrame:
        """Profit by year of tenure and what made it (`retsim.results.reichheld.reichheld_frame`).

        Parameters
        ----------
        firm : str or int
        per_customer : bool
            Money a customer and year, instead of money.
        """
        found = tenures(self, self._firm(firm))
        micro = components(found)
        return reichheld_frame(micro, found.heads, period=self.scenario.period, per_customer=per_customer)

    def cohorts(
        self,
        firm: str | int = 0,
        segment: str | None = None,
        *,
        channel: str | None = None,
        share: bool = True,
    ) -> pd.DataFrame:
        """Cohort retention matrix: share (or number) left at each period end since joining.

        Row 0 are those who were there at the start, row k those who joined in period k; column 0 is the
        beginning. NaN beyond the horizon.
        """
        return cohort_frame(self._lives(firm, segment, channel), share=share)

    def survival(
        self,
        firm: str | int = 0,
        segment: str | None = None,
        *,
        channel: str | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Share left by age of those who joined after the start; lives cut at the horizon are censored.

        A Kaplan-Meier estimate from cohort stocks at the ends of periods: who joined within a period counts
        as half a period old when it ends. `channel="initial"` follows those who were there at the start,
        from the start. See `retsim.results.cohorts.survival_frame` for the columns.
        """
        lives = self._lives(firm, segment, channel)
        table = life_table(lives, self.scenario.period, initial=channel == "initial")
        return survival_frame(table, confidence)

    def digest(self) -> str:
        """SHA-256 over every bit of customers, ledger and periods (`retsim.results.digest.digest_of`)."""
        return digest_of(self)

    def check(self) -> None:
        """Check every invariant exactly.

        The ledger balances; customers are conserved and their stocks follow from the flows; cohorts,
        channels and reasons add up to the totals; revenue is the sum of bills; no budget was overspent.

        Raises
        ------
        BrokenInvariantError
            Names the invariant, the place, what was found and what was due.
        """
        check(self)

    def _lives(self, firm: str | int, segment: str | None, channel: str | None):  # type: ignore[no-untyped-def]
        of_segment = None if segment is None else _index("segment", segment, self.segments)
        of_channel = None if channel is None else _index("channel", channel, self.channels)
        return self.closed.lives(self._firm(firm), of_segment, of_channel)

    def _firm(self, firm: str | int) -> int:
        return _index("firm", firm, self.firms)


def _index(kind: str, given: str | int, names: tuple[str, ...]) -> int:
    """Number of a firm, segment or channel, by name or number."""
    if isinstance(given, str) and given in names:
        return names.index(given)
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < len(names):
        return given
    raise ValueError(f"{kind} = {given!r}, must be one of {', '.join(names)}")
