"""Word of mouth: what customers say of firms reaches others and makes reputations (R17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retsim.lifecycle.talking import CONTENT, WEIGHT, hear, pass_on, rewarded, speak
from retsim.market.channels import reserve_rewards, rewarded_ranks_cut
from retsim.market.network import Network
from retsim.rules.word import reputation_after

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market


class WordOfMouth:
    """What is said at each tick.

    The delighted recommend their firm, the disappointed and those who left discontent warn of theirs. Recommendations
    are meetings with the firm; warnings make its customers think and take from the recommendations.
    """

    def __init__(self, market: Market) -> None:
        word = market.scenario.word
        self.market, self.word = market, word
        self.network: Network | None = None
        if word.rate > 0.0 and word.network != "none":
            self.network = Network(word.network, market.key, ties=word.ties, rewiring=word.rewiring)

    def spread(self, months: float) -> None:
        """Let those speak who are in the market now, and others hear it within the tick."""
        word, market = self.word, self.market
        if word.rate <= 0.0:
            return
        n, n_firms = market.population.n, len(market.firms)
        if self.network:
            self.network.grow(n, market.population.initial)
        said, totals = np.empty((n, 4), np.int32), np.zeros((n_firms, 4), np.int64)
        heads = speak(market.world.ref, n, market.now - word.leavers, said, totals)
        everybody = float(max(heads, 1) * WEIGHT)
        self._believe(totals, everybody, months)
        if self.network:
            everybody = float(2 * word.ties * WEIGHT)
        tick = int(market.world.clock[0]["tick"])
        terms = (market.now, months, tick, word.rate, word.rivals, word.warnings, word.matching, everybody)
        lifts = np.array([reserve_rewards(market, firm) for firm in market.firms])
        ref, heard = market.world.ref, np.zeros((n if self.network else 0, 2), np.int64)
        if self.network:
            for k in range(n_firms):
                pass_on(self.network.partners, k, said, heard)
                hear(ref, n, (k, k + 1), terms, (said, totals, heard, lifts))
        else:
            hear(ref, n, (0, n_firms), terms, (said, totals, heard, lifts))
        for firm in market.firms:
            if lifts[firm.index] > 0.0:
                self._promise_rewards(firm, n, tick)
        market.firms[0].clocks_moved += 1

    def _promise_rewards(self, firm: Firm, n: int, tick: int) -> None:
        """Reserve a reward for each rewarded word, and let those go without for which there is no money."""
        ref, ranks = self.market.world.ref, np.empty(n)
        found = rewarded(ref, n, (firm.index, tick, np.inf), ranks)
        cut = rewarded_ranks_cut(firm, ranks[:found])
        if cut < 2.0:
            rewarded(ref, n, (firm.index, tick, cut), ranks)

    def _believe(self, totals: np.ndarray, everybody: float, months: float) -> None:
        """Move each firm's reputation towards how satisfied those are who speak of it."""
        for firm in self.market.firms:
            praise, blame, praise_content, blame_content = (float(x) for x in totals[firm.index])
            weight = praise + self.word.warnings * blame
            if weight > 0.0:
                told = (praise_content + self.word.warnings * blame_content) / CONTENT / weight
                words = self.word.rate * weight / everybody * months
                learning = self.word.reputation_learning
                firm.reputation = reputation_after(firm.reputation, told, words, learning)
