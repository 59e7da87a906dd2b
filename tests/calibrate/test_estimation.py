"""Maximum likelihood where the answer is known in closed form."""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import digamma, gammaln, polygamma

from retsim.calibrate.estimation import _polished, fitted, maximise


class Gamma(NamedTuple):
    shape: float
    rate: float


def gamma_total(y):
    def total(at):
        k, rate = np.exp(at)
        return float(np.sum(k * np.log(rate) - gammaln(k) + (k - 1) * np.log(y) - rate * y))

    return total


def test_gamma_estimates_and_errors(rng):
    y = rng.gamma(2.5, 1 / 0.3, 5000)
    best = maximise(gamma_total(y), [np.log([1.0, 1.0]), np.log([10.0, 0.1])])
    found = fitted("gamma", Gamma, best, n=5000)
    k, rate = found.params
    # Likelihood equations: mean = k / rate, log k - digamma(k) = log mean - mean log.
    assert k / rate == pytest.approx(y.mean(), rel=1e-6)
    assert np.log(k) - digamma(k) == pytest.approx(np.log(y.mean()) - np.log(y).mean(), rel=1e-5)
    # Information matrix: [[trigamma(k), -1/rate], [-1/rate, k/rate^2]].
    information = 5000 * np.array([[polygamma(1, k), -1 / rate], [-1 / rate, k / rate**2]])
    assert found.se == pytest.approx(np.sqrt(np.diag(np.linalg.inv(information))), rel=1e-4)
    assert found.converged
    table = found.table()
    assert table["parameter"].tolist() == ["shape", "rate"]
    assert np.all((table["low"] < table["estimate"]) & (table["estimate"] < table["high"]))


def test_a_poor_start_and_a_rough_likelihood_end_at_the_same_place(rng):
    y = rng.gamma(2.5, 1 / 0.3, 5000)
    good = maximise(gamma_total(y), [np.log([2.5, 0.3])])
    poor = maximise(gamma_total(y), [np.log([1e-4, 1e4]), np.log([1e3, 1e-3])], rough=gamma_total(y[::50]))
    assert poor.at == pytest.approx(good.at, abs=1e-6)


def test_a_ridge_is_noticed():
    # Only the product of the two counts.
    best = maximise(lambda at: -float((at.sum() - 1.0) ** 2), [np.zeros(2)])
    found = fitted("ridge", Gamma, best, n=1)
    assert not found.converged
    assert found.message == "the data do not pin down shape, rate"
    assert np.all(np.isnan(found.se))


def test_what_the_data_do_tell_keeps_its_standard_error():
    class Three(NamedTuple):
        known: float
        flat: float
        ridge: float

    # The first parameter has information 25; of the others only the product counts.
    best = maximise(lambda at: -12.5 * at[0] ** 2 - (at[1] + at[2]) ** 2, [np.array([1.0, 0.5, 0.2])])
    found = fitted("partly", Three, best, n=1)
    assert found.message == "the data do not pin down flat, ridge"
    assert found.se.known == pytest.approx(0.2, rel=1e-4)
    assert np.isnan(found.se[1:]).all()


def test_a_run_to_the_end_is_noticed():
    best = maximise(lambda at: float(-np.exp(-at[0]) - at[1] ** 2), [np.zeros(2)])
    found = fitted("runaway", Gamma, best, n=1)
    assert not found.converged
    assert found.message == "the data do not pin down shape"


@pytest.mark.parametrize("along", [[[1.0, 0.0], [1.0, -1.0]], [[0.6, 0.8], [-0.8, 0.6]]])
def test_what_is_searched_along_changes_nothing(rng, along):
    y = rng.gamma(2.5, 1 / 0.3, 5000)
    plain = maximise(gamma_total(y), [np.zeros(2)])
    turned = maximise(gamma_total(y), [np.zeros(2)], along=np.array(along))
    assert turned.at == pytest.approx(plain.at, abs=1e-7)
    assert turned.value == pytest.approx(plain.value, abs=1e-7)
    assert turned.covariance == pytest.approx(plain.covariance, rel=1e-4)
    assert not turned.loose.any()


def test_parameters_that_share_what_is_not_known_are_not_pinned_down():
    # The ratio of the last two has information 8; their product none.
    def total(at):
        return -12.5 * at[0] ** 2 - 4.0 * (at[1] - at[2]) ** 2

    along = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, -1.0]])
    best = maximise(total, [np.array([1.0, 0.5, 0.2])], along=along)
    assert best.loose.tolist() == [False, True, True]
    assert best.covariance[0, 0] == pytest.approx(1 / 25, rel=1e-4)
    assert np.isnan(best.covariance[1:, 1:]).all()
    assert best.value == pytest.approx(0.0, abs=1e-9)


def test_newtons_method_goes_uphill_where_the_ground_bends_upwards():
    # exp(-x^2 / 2) curves upwards beyond 1, and Newton's own step leads away from the top.
    at, gradient, _ = _polished(lambda at: 100.0 * float(np.exp(-0.5 * at @ at)), np.array([1.3, -0.4]))
    assert at == pytest.approx([0.0, 0.0], abs=1e-6)
    assert gradient == pytest.approx([0.0, 0.0], abs=1e-4)
