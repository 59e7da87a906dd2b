"""Scenarios: what they hold, how they are read, checked, changed and kept.

A scenario is data. This room owns its form, its files and the messages about them; it runs nothing.
"""

from retsim.scenario.distributions import Distribution
from retsim.scenario.errors import Problem, ScenarioError
from retsim.scenario.evidence import evidence
from retsim.scenario.files import load, packaged, set_values
from retsim.scenario.models import Behaviour, FirmSpec, Segment, Traits
from retsim.scenario.outside import Entry
from retsim.scenario.scenario import Plan, Scenario
from retsim.scenario.schema import schema
from retsim.scenario.spending import Budget, Mix, Strategy

__all__ = [
    "Behaviour",
    "Budget",
    "Distribution",
    "Entry",
    "FirmSpec",
    "Mix",
    "Plan",
    "Problem",
    "Scenario",
    "ScenarioError",
    "Segment",
    "Strategy",
    "Traits",
    "evidence",
    "load",
    "packaged",
    "schema",
    "set_values",
]
