"""R4: what customer and firm have in common: values (`identification`), and people of one kind (affinity)."""

from __future__ import annotations

from retsim.jit import rule


@rule
def fit(stance, its_stance):
    """How well the stances of customer and firm fit: 1 - |difference|, 0 to 1. Assumed form."""
    return 1.0 - abs(stance - its_stance)


@rule
def identified(gain, how_well, weight):
    """Gain of attachment where values count: gain (1 + weight (2 fit - 1)), from (1 - weight) to (1 + weight) of it.

    Customers identify with a firm whose identity is like their own (Bhattacharya & Sen 2003); the form is assumed.
    """
    return gain * (1.0 + weight * (2.0 * how_well - 1.0))


@rule
def weight_of(weight, belonging):
    """Weight of shared values for a member of the firm's community: weight + belonging, at most 1. *Assumed* form.

    Members of a brand community identify more with the brand (Algesheimer, Dholakia & Herrmann 2005).
    """
    return min(weight + belonging, 1.0)


@rule
def shared(u, p):
    """How many kinds of affinity are shared: those whose uniform lies below their probability."""
    kinds = 0.0
    for k in range(len(p)):
        if u[k] < p[k]:
            kinds += 1.0
    return kinds
