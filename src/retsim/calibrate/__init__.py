"""From a company's own records to the laws of its customers.

A transaction log is read (`read_transactions`), reduced to what each customer did
(`summarise`), fitted (`fit_bgnbd`, `fit_paretonbd`, `fit_gammagamma`; `fit_sbg` for a
table of contract renewals) and the fit held against what happened next (`tracking`). The laws
become a scenario (`scenario_from`), whose customers are held against the log, too (`tracked`).

Names load on first use, as the modules behind them need scipy and pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retsim.calibrate.bgnbd import BgNbd, fit_bgnbd
    from retsim.calibrate.cohort import expected_cumulative
    from retsim.calibrate.economy import Assumptions
    from retsim.calibrate.errors import CsvError, FitError
    from retsim.calibrate.estimation import Fit
    from retsim.calibrate.gammagamma import GammaGamma, fit_gammagamma, spend_correlation
    from retsim.calibrate.holdout import Tracking, purchases_by_frequency, tracking
    from retsim.calibrate.log_format import LogFormat
    from retsim.calibrate.paretonbd import ParetoNbd, fit_paretonbd
    from retsim.calibrate.sbg import Sbg, fit_sbg
    from retsim.calibrate.scenario import scenario_from
    from retsim.calibrate.simulated import Tracked, simulated_purchases, tracked
    from retsim.calibrate.summary import Summary, summarise, summary_from_arrays
    from retsim.calibrate.transactions import (
        ReadReport,
        Transactions,
        read_transactions,
        transactions_from_frame,
    )

_HOMES = {
    "bgnbd": ("BgNbd", "fit_bgnbd"),
    "cohort": ("expected_cumulative",),
    "economy": ("Assumptions",),
    "errors": ("CsvError", "FitError"),
    "estimation": ("Fit",),
    "gammagamma": ("GammaGamma", "fit_gammagamma", "spend_correlation"),
    "holdout": ("Tracking", "purchases_by_frequency", "tracking"),
    "paretonbd": ("ParetoNbd", "fit_paretonbd"),
    "sbg": ("Sbg", "fit_sbg"),
    "scenario": ("scenario_from",),
    "simulated": ("Tracked", "simulated_purchases", "tracked"),
    "summary": ("Summary", "summarise", "summary_from_arrays"),
    "log_format": ("LogFormat",),
    "transactions": (
        "ReadReport",
        "Transactions",
        "read_transactions",
        "transactions_from_frame",
    ),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Assumptions",
    "BgNbd",
    "CsvError",
    "Fit",
    "FitError",
    "GammaGamma",
    "LogFormat",
    "ParetoNbd",
    "ReadReport",
    "Sbg",
    "Summary",
    "Tracked",
    "Tracking",
    "Transactions",
    "expected_cumulative",
    "fit_bgnbd",
    "fit_gammagamma",
    "fit_paretonbd",
    "fit_sbg",
    "purchases_by_frequency",
    "read_transactions",
    "scenario_from",
    "simulated_purchases",
    "spend_correlation",
    "summarise",
    "summary_from_arrays",
    "tracked",
    "tracking",
    "transactions_from_frame",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module when it is first asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
