"""The strategies that every scenario may name (R21): a table of data, `strategies.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from retsim.scenario.spending import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = Path(__file__).parent / "strategies.toml"

__all__ = ["known_strategies", "strategies"]


@cache
def _table() -> Mapping[str, Any]:
    return MappingProxyType(tomllib.loads(_FILE.read_text(encoding="utf-8")))


@cache
def strategies() -> Mapping[str, Strategy]:
    """All packaged strategies by name.

    Returns
    -------
    mapping of str to Strategy
        ``scenario.with_(strategy="at-risk")`` takes one of them.
    """
    return MappingProxyType({name: Strategy(**values) for name, values in _table().items()})


def known_strategies() -> tuple[str, ...]:
    """Their names."""
    return tuple(_table())
