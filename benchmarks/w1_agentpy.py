"""W1 in AgentPy, as its documentation writes models: a list of agents that steps monthly, recorded variables.

Purchases have exact times, so an agent's step works through the purchases that fall into the month.
"""

from math import exp

import agentpy as ap
import numpy as np
import workload as w


class Customer(ap.Agent):
    """One who buys at random times and leaves one day."""

    def setup(self, born: float) -> None:
        """Be born at time ``born``, months."""
        self.born = born
        self.last = born
        random = self.model.random
        self.satisfaction = min(max(random.gauss(w.INITIAL_MEAN, w.INITIAL_SD), 0.0), 1.0)
        self.sunk = 0.0
        self.next_purchase = born + random.expovariate(1.0)
        self.active = True

    def step(self) -> None:
        """Make this month's purchases."""
        random = self.model.random
        while self.next_purchase < self.model.t:
            self.purchase(self.next_purchase)
            if random.random() < self.p_leave():
                self.active = False
                return
            self.next_purchase += random.expovariate(1.0)

    def purchase(self, now: float) -> None:
        """Buy at time ``now``: learn from the quality, sink costs, pay."""
        model = self.model
        quality = min(max(model.random.gauss(w.QUALITY_MEAN, w.QUALITY_SD), 0.0), 1.0)
        self.satisfaction += w.GAIN * (quality - self.satisfaction)
        self.sunk = self.sunk * exp(-w.SUNK_DECAY * (now - self.last)) + w.SUNK_STEP
        self.last = now
        revenue = w.PRICE * (w.REVENUE_BASE + self.satisfaction)
        model.purchases += 1
        model.revenue += revenue
        model.profit += w.MARGIN * revenue * exp(-w.DISCOUNT_RATE * now)

    def p_leave(self) -> float:
        """Probability of leaving after the last purchase."""
        log_odds = (
            w.LEAVE_BASE
            + w.LEAVE_SATISFACTION * (self.satisfaction - w.SATISFACTION_CENTRE)
            + w.LEAVE_TENURE * (1.0 - exp(-(self.last - self.born) / w.TENURE_SCALE))
            + w.LEAVE_SUNK * self.sunk
        )
        return 1.0 / (1.0 + exp(-log_odds))


class Shop(ap.Model):
    """The firm and its customers. Step t covers the month from t - 1 to t."""

    def setup(self) -> None:
        """Start with ``p.n`` customers."""
        self.customers = ap.AgentList(self, self.p.n, Customer, born=0.0)
        self.satisfied = self.count_satisfied()

    def step(self) -> None:
        """One month."""
        self.arrivals = self.purchases = 0
        self.revenue = self.profit = 0.0
        self.welcome()
        self.customers.step()
        before = len(self.customers)
        self.customers = ap.AgentList(self, [customer for customer in self.customers if customer.active])
        self.active = len(self.customers)
        self.churned = before - self.active
        self.satisfied = self.count_satisfied()
        self.record(list(w.SERIES))

    def welcome(self) -> None:
        """Create the month's arrivals, at the times of a Poisson process."""
        rate = w.ARRIVAL_BASE * self.p.n + w.ARRIVAL_REFERRAL * self.satisfied
        now = self.t - 1 + self.random.expovariate(rate)
        while now < self.t:
            self.arrivals += 1
            self.profit -= w.ACQUISITION_COST * exp(-w.DISCOUNT_RATE * now)
            self.customers.append(Customer(self, born=now))
            now += self.random.expovariate(rate)

    def count_satisfied(self) -> int:
        """Customers above the satisfaction at which one recommends."""
        return sum(customer.satisfaction > w.SATISFIED for customer in self.customers)


def run(n: int, seed: int, periods: int = w.PERIODS) -> dict[str, np.ndarray]:
    """Simulate ``n`` initial customers; the arrays are explained in ``workload``."""
    results = Shop({"n": n, "steps": periods, "seed": seed}).run(display=False)
    frame = results.variables.Shop
    return {name: frame[name].to_numpy(float) for name in w.SERIES}
