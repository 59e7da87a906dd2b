"""Bonds fade with time."""

from __future__ import annotations

from retsim.jit import rule
from retsim.rules.bonds import kept


@rule
def fade(c, b, when):
    """Let attachment and sunk stock fade to now."""
    months = when - c.decayed_at
    c.attachment *= kept(b.attachment_decay, months)
    c.sunk *= kept(b.sunk_depreciation, months)
    c.decayed_at = when
