"""W1 in Mesa, as its documentation writes models: agents that step once a month, and a data collector.

Purchases have exact times, so an agent's step works through the purchases that fall into the month.
"""

from math import exp

import mesa
import numpy as np
import workload as w


class Customer(mesa.Agent):
    """One who buys at random times and leaves one day.

    Parameters
    ----------
    model : Shop
        The model it lives in.
    born : float
        Time of birth, months.
    """

    def __init__(self, model: "Shop", born: float) -> None:
        super().__init__(model)
        self.born = born
        self.last = born
        self.satisfaction = min(max(self.random.gauss(w.INITIAL_MEAN, w.INITIAL_SD), 0.0), 1.0)
        self.sunk = 0.0
        self.next_purchase = born + self.random.expovariate(1.0)

    def step(self) -> None:
        """Make this month's purchases."""
        while self.next_purchase < self.model.month_end:
            self.purchase(self.next_purchase)
            if self.random.random() < self.p_leave():
                self.model.churned += 1
                self.remove()
                return
            self.next_purchase += self.random.expovariate(1.0)

    def purchase(self, now: float) -> None:
        """Buy at time ``now``: learn from the quality, sink costs, pay."""
        quality = min(max(self.random.gauss(w.QUALITY_MEAN, w.QUALITY_SD), 0.0), 1.0)
        self.satisfaction += w.GAIN * (quality - self.satisfaction)
        self.sunk = self.sunk * exp(-w.SUNK_DECAY * (now - self.last)) + w.SUNK_STEP
        self.last = now
        revenue = w.PRICE * (w.REVENUE_BASE + self.satisfaction)
        self.model.purchases += 1
        self.model.revenue += revenue
        self.model.profit += w.MARGIN * revenue * exp(-w.DISCOUNT_RATE * now)

    def p_leave(self) -> float:
        """Probability of leaving after the last purchase."""
        log_odds = (
            w.LEAVE_BASE
            + w.LEAVE_SATISFACTION * (self.satisfaction - w.SATISFACTION_CENTRE)
            + w.LEAVE_TENURE * (1.0 - exp(-(self.last - self.born) / w.TENURE_SCALE))
            + w.LEAVE_SUNK * self.sunk
        )
        return 1.0 / (1.0 + exp(-log_odds))


class Shop(mesa.Model):
    """The firm and its customers.

    Parameters
    ----------
    n : int
        Customers at time 0.
    seed : int
        Seed of the model's generators.
    """

    def __init__(self, n: int, seed: int) -> None:
        super().__init__(rng=seed)
        self.n = n
        self.month_end = 0
        Customer.create_agents(self, n, born=0.0)
        self.satisfied = self.count_satisfied()
        self.datacollector = mesa.DataCollector(
            model_reporters={name: name for name in w.SERIES if name != "active"}
            | {"active": lambda model: len(model.agents)}
        )

    def step(self) -> None:
        """One month."""
        self.churned = self.arrivals = self.purchases = 0
        self.revenue = self.profit = 0.0
        month = self.month_end
        self.month_end = month + 1
        self.welcome(month)
        self.agents.do("step")
        self.satisfied = self.count_satisfied()
        self.datacollector.collect(self)

    def welcome(self, month: int) -> None:
        """Create the month's arrivals, at the times of a Poisson process."""
        rate = w.ARRIVAL_BASE * self.n + w.ARRIVAL_REFERRAL * self.satisfied
        now = month + self.random.expovariate(rate)
        while now < self.month_end:
            self.arrivals += 1
            self.profit -= w.ACQUISITION_COST * exp(-w.DISCOUNT_RATE * now)
            Customer(self, now)
            now += self.random.expovariate(rate)

    def count_satisfied(self) -> int:
        """Customers above the satisfaction at which one recommends."""
        return sum(customer.satisfaction > w.SATISFIED for customer in self.agents)


def run(n: int, seed: int, periods: int = w.PERIODS) -> dict[str, np.ndarray]:
    """Simulate ``n`` initial customers; the arrays are explained in ``workload``."""
    model = Shop(n, seed)
    for _ in range(periods):
        model.step()
    frame = model.datacollector.get_model_vars_dataframe()
    return {name: frame[name].to_numpy(float) for name in w.SERIES}
