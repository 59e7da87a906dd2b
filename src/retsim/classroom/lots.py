"""Lots that are not part of a run: which market a student gets, and who answers a survey.

A lot is the SHA-256 of its name, so that it is the same on every machine and leaves the luck of the runs alone.
"""

from __future__ import annotations

import hashlib

__all__ = ["uniform"]


def uniform(*name: object) -> float:
    """A number in 0..1 (1 excluded) that depends on nothing but the name."""
    digest = hashlib.sha256("\x1f".join(map(str, name)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2.0**48
