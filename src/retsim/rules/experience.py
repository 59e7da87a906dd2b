"""R2 and R3: what is perceived, and what it does to satisfaction and expectation."""

from __future__ import annotations

from retsim.jit import rule


@rule
def clipped(x):
    """X held between 0 and 1."""
    return min(max(x, 0.0), 1.0)


@rule
def weighted(offer, b):
    """Quality of an occasion: service, product and delivery by their weights. R2."""
    quality = b.service_weight * offer.service_quality + b.product_weight * offer.product_quality
    return quality + b.delivery_weight * offer.delivery_quality


@rule
def better_by(quality, advantage):
    """What an advantage in quality really adds: min(1, quality + advantage) - quality. R2, R19."""
    return min(quality + advantage, 1.0) - quality


@rule
def perceived(quality, scatter, loss):
    """Perceived performance of one occasion, 0 to 1.

    Formula: clip(quality + scatter - loss). R2; service first, then product, then delivery in `quality`.
    """
    return clipped(quality + scatter - loss)


@rule
def satisfaction_after(satisfaction, expectation, x, learning_rate, loss_aversion):
    """Satisfaction after perceiving x.

    Formula: S + min(1, l k)(x - S), k = loss aversion where x < E and x < S, else 1. Expectancy disconfirmation,
    Oliver (1980); loss aversion, Kahneman & Tversky (1979). The cap keeps the result between S and x. That k needs
    x < S too is *assumed*: otherwise an experience short of a high expectation would lift a low satisfaction faster
    than a better one does.
    """
    step = learning_rate * loss_aversion if x < min(expectation, satisfaction) else learning_rate
    return satisfaction + min(step, 1.0) * (x - satisfaction)


@rule
def expectation_after(expectation, x, expectation_learning):
    """Expectation after perceiving x: E + e (x - E), slower than satisfaction. Oliver (1980)."""
    return expectation + expectation_learning * (x - expectation)
