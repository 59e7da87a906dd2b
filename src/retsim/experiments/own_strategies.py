"""Strategies of the user's own in an experiment: which scenario gets which, and whether workers can run them."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from retsim.experiments.place import THREADS
from retsim.results.simulate import check_strategy

if TYPE_CHECKING:
    from retsim.experiments.place import Workers
    from retsim.market.plans import StrategyFunction
    from retsim.scenario import Scenario

__all__ = ["can_travel", "strategies_of"]


def strategies_of(strategy: Any, scenarios: Mapping[str, Scenario]) -> dict[str, StrategyFunction]:
    """Strategies of the user's own by scenario, from one for all or some by name.

    Raises
    ------
    TypeError, ValueError
        One is no function, or is for a scenario that there is not.
    """
    if not isinstance(strategy, Mapping):
        check_strategy(strategy)
        return {} if strategy is None else dict.fromkeys(scenarios, strategy)
    for name, function in strategy.items():
        if name not in scenarios:
            raise ValueError(f"strategy[{name!r}] must name one of the scenarios {', '.join(scenarios)}")
        check_strategy(function, f"strategy[{name!r}]")
    return {name: function for name, function in strategy.items() if function is not None}


def can_travel(own: Mapping[str, StrategyFunction], workers: Workers) -> bool:
    """Whether workers can run the functions: threads any, a cluster what can be sent, processes what can be imported.

    Processes know nothing of the user's script. Dask sends functions of a script as they are (`cloudpickle`).
    """
    if not own or workers.where == THREADS:
        return True
    if workers.is_cluster:
        return _is_sent(own)
    if any(getattr(function, "__module__", "__main__") == "__main__" for function in own.values()):
        return False
    try:
        pickle.dumps(own)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def _is_sent(own: Mapping[str, StrategyFunction]) -> bool:
    try:
        import cloudpickle
    except ImportError:
        # Without Dask there is no cluster either, and that is told where it is looked for.
        return True
    try:
        cloudpickle.dumps(own)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True
