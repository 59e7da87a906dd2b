"""The examples in the docstrings run; importing the package loads nothing heavy; broken input never passes."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

from retsim import theory
from retsim.theory._checks import SHARE, Place

MODULES = [name for _, name, _ in pkgutil.iter_modules(theory.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    outcome = doctest.testmod(importlib.import_module(f"retsim.theory.{name}"))
    assert outcome.failed == 0


def test_every_public_function_shows_its_formula_and_its_errors():
    for name in theory.__all__:
        module = getattr(theory, name)
        for public in vars(module).values():
            if callable(public) and getattr(public, "__module__", "") == module.__name__ and public.__doc__:
                if public.__name__.startswith("_") or isinstance(public, type):
                    continue
                assert "Parameters\n" in public.__doc__ or public.__name__ in {
                    "checked_past",
                    "elasticities",
                }, public
                assert "Returns\n" in public.__doc__ or public.__name__ == "checked_past", public


def test_import_loads_no_scipy():
    code = "import sys, retsim.theory; print([m for m in ('scipy', 'pandas', 'matplotlib', 'numba') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "bad", [None, "0.5", True, [0.2, None], [[1], [1, 2]], 10**400, 1j, np.nan, np.inf, [True]]
)
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match=r"^here: share\S* (=|is) .*must (be|lie)"):
        Place("here").numbers("share", bad, "a share", SHARE)


def test_scalars_where_one_number_is_meant():
    with pytest.raises(ValueError, match=r"share has shape \(2,\), must be one number"):
        Place("here").number("share", [0.1, 0.2], "a share", SHARE)
    with pytest.raises(ValueError, match="count = 2.5, must be a whole number, 1 or more"):
        Place("here").whole("count", 2.5, "a count", least=1)
