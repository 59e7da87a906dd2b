"""Docstring examples run; importing the package loads nothing heavy; broken input never passes."""

import doctest
import importlib
import inspect
import pkgutil
import re
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


def public_functions():
    for name in theory.__all__:
        module = getattr(theory, name)
        for label, thing in vars(module).items():
            if inspect.isfunction(thing) and thing.__module__ == module.__name__ and not label.startswith("_"):
                yield thing


@pytest.mark.parametrize(
    "function", list(public_functions()), ids=lambda f: f.__module__.split(".")[-1] + "." + f.__name__
)
def test_docstrings_name_every_argument_and_what_comes_back(function):
    text = inspect.getdoc(function)
    assert "Returns\n" in text
    if function.__name__ == "elasticities":
        assert "same arguments" in text
        return
    listed = re.findall(r"^([a-z_, ]+) :", text, flags=re.MULTILINE)
    names = {name.strip() for line in listed for name in line.split(",")}
    assert names >= set(inspect.signature(function).parameters)


def test_import_loads_no_scipy():
    heavy = "('scipy', 'pandas', 'matplotlib', 'numba')"
    code = f"import sys, retsim.theory; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("bad", [None, "0.5", True, [0.2, None], [[1], [1, 2]], 10**400, 1j, np.nan, np.inf, [True]])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match=r"^here: share\S* (=|is) .*must (be|lie)"):
        Place("here").numbers("share", bad, "a share", SHARE)


def test_scalars_where_one_number_is_meant():
    with pytest.raises(ValueError, match=r"share has shape \(2,\), must be one number"):
        Place("here").number("share", [0.1, 0.2], "a share", SHARE)
    with pytest.raises(ValueError, match=r"count = 2\.5, must be a whole number, 1 or more"):
        Place("here").whole("count", 2.5, "a count", least=1)
