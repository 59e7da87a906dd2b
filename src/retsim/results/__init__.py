"""Results: what one run says, as tidy frames, measures, a fingerprint and a check of every invariant.

This room reads what the market wrote down and changes nothing. Frames are made when they are asked for;
measures are computed from arrays, because a study needs thousands of them.
"""

from retsim.results.check import BrokenInvariantError
from retsim.results.measures import MEASURES, Measure
from retsim.results.run import Run
from retsim.results.simulate import simulate

__all__ = ["MEASURES", "BrokenInvariantError", "Measure", "Run", "simulate"]
