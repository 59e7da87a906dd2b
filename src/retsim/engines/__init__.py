"""Two ways of letting customers live: `reference`, a SimPy process each, and `compiled`, one loop: the same bits."""
