"""A researcher's own rule in place of one of the model's, in both engines, without touching either.

Rules are small pure functions; everything that calls one is compiled again with yours. Equality of the engines, paired
luck and the ledger hold as before: a rule decides an amount, never who is asked, when, or with which luck.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from retsim import jit

__all__ = ["own_rules"]

_COMPILED = ("retsim.lifecycle", "retsim.lifecycle.enrolling", "retsim.lifecycle.integrating", "retsim.lifecycle.membership",
             "retsim.engines.compiled", "retsim.engines.reference", "retsim.engines.settling")  # fmt: skip
"""Rooms that must be there before references are looked for."""


@contextmanager
def own_rules(rules: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """Let every run within the block live by rules of your own.

    Parameters
    ----------
    rules : mapping of str to function
        By ``room.rule``, as in `retsim.rules`, such as ``{"experience.satisfaction_after": mine}``. A function takes
        the same arguments, by the same names and in the same order; it may use + - * / min max abs, comparisons,
        `math.floor`, constants of its module, and `retsim.numerics.exp` and `log`. It must not keep anything and must
        not draw anything.

    Raises
    ------
    ValueError
        There is no such rule, or the arguments are others: names what there is.
    RuntimeError
        Blocks stand in each other.

    Notes
    -----
    Compiling takes about a minute the first time; it is kept, as that of the model's own rules is. Runs are made in this
    process: `retsim.compare` with several workers refuses.
    """
    if jit.own_sources():
        raise RuntimeError("own_rules: stands within another own_rules; name all rules in one")
    for name in _COMPILED:
        import_module(name)
    swaps = [(_rule(name, function), jit.rule(function)) for name, function in rules.items()]
    jit.set_own_sources("".join(f"{name}\n{_source(function)}\n" for name, function in sorted(rules.items())))
    try:
        for old, new in swaps:
            _swap(old, new)
        jit.forget(_modules())
        yield
    finally:
        jit.set_own_sources("")
        for old, new in swaps:
            _swap(new, old)
        jit.forget(_modules())


def _rule(name: str, function: Callable[..., Any]) -> Any:
    """The model's rule of this name, which `function` could replace."""
    room = name.partition(".")[0]
    rooms = {key.removeprefix("retsim.rules."): m for key, m in sys.modules.items() if key.startswith("retsim.rules.")}
    known = {f"{key}.{n}": r for key, m in rooms.items() for n, r in vars(m).items() if _is_rule(r, m.__name__)}
    if name not in known:
        have = ", ".join(sorted(n for n in known if n.startswith(f"{room}.")) or sorted(known))
        raise ValueError(f"own_rules: {name!r}: there is no such rule; there are {have}")
    wanted = list(inspect.signature(_plain(known[name])).parameters)
    given = list(inspect.signature(function).parameters)
    if given != wanted:
        raise ValueError(f"own_rules: {name}: takes {', '.join(wanted)}; yours takes {', '.join(given) or 'nothing'}")
    return known[name]


def _is_rule(candidate: Any, module: str) -> bool:
    plain = _plain(candidate)
    return inspect.isfunction(plain) and plain.__module__ == module and not plain.__name__.startswith("_")


def _plain(function: Any) -> Any:
    """The Python function within a compiled one."""
    return getattr(function, "py_func", function)


def _source(function: Callable[..., Any]) -> str:
    """What decides how a function computes: its text, and the constants that it looks up."""
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError):
        text = repr((function.__code__.co_code, function.__code__.co_consts))
    looked_up = inspect.getclosurevars(function)
    constants = {**looked_up.nonlocals, **looked_up.globals}
    return text + repr(sorted((key, _named(value)) for key, value in constants.items()))


def _named(constant: Any) -> str:
    """What a rule looks up, without the address at which this process keeps it."""
    plain = _plain(constant)
    if inspect.isfunction(plain):
        name = f"{plain.__module__}.{plain.__qualname__}"
        return name if plain.__module__.startswith("retsim.") else name + _source(plain)
    return str(getattr(constant, "__name__", repr(constant)))


def _swap(old: Any, new: Any) -> None:
    """Put `new` wherever the package refers to `old`."""
    for module in _modules():
        for name, value in list(vars(module).items()):
            if value is old:
                setattr(module, name, new)


def _modules() -> list[Any]:
    return [module for name, module in list(sys.modules.items()) if name.startswith("retsim.") and module is not None]
