"""Plots: what a study, a run or a calibration says, as pictures whose title is the answer.

Every function takes finished results and returns a `matplotlib.figure.Figure` that belongs to nobody: pyplot is never
imported, so nothing stays open and nothing appears unasked. A notebook shows it when it is the last value of a cell;
``figure.savefig("answer.png", dpi=200)`` writes it. All are 160 mm wide with no letter under 8 points, and tell lines
apart by dashes and markers, bars by hatching, not by colour alone.
"""

from retsim.plots.answers import answers
from retsim.plots.breakeven import breakeven
from retsim.plots.claims import claims
from retsim.plots.cohorts import cohort_retention
from retsim.plots.digest import figure_digest
from retsim.plots.effects import differences
from retsim.plots.fans import customers, profit_paths
from retsim.plots.flows import switching_flows
from retsim.plots.forces import departure_forces
from retsim.plots.lasting import survival
from retsim.plots.saving import save_all
from retsim.plots.tracking import tracking

__all__ = [
    "answers",
    "breakeven",
    "claims",
    "cohort_retention",
    "customers",
    "departure_forces",
    "differences",
    "figure_digest",
    "profit_paths",
    "save_all",
    "survival",
    "switching_flows",
    "tracking",
]
