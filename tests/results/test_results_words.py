"""Numbers as people read them."""

import math

import pytest

from retsim.results.measures import MEASURES
from retsim.results.words import MINUS, number


@pytest.mark.parametrize(
    ("value", "metric", "sign", "text"),
    [
        (1234567.8, "profit", False, "1,234,568"),
        (-12345.6, "profit", True, "-12,346"),
        (345.67, "profit", True, "+345.7"),
        (-0.4, "profit", True, "-0.40"),
        (0.0, "profit", True, "0"),
        (-0.001, "profit", True, "0.00"),
        (3.14159, "clv", False, "3.14"),
        (9.76, "customers", True, "+9.8"),
        (123.0, "customers", False, "123.0"),
        (0.97654, "retention_rate", False, "97.65 %"),
        (0.0097, "retention_rate", True, "+0.97 pts"),
        (-0.000001, "retention_rate", True, "0.00 pts"),
        (math.inf, "customer_equity", False, "infinite"),
        (-math.inf, "customer_equity", False, "-infinite"),
        (math.nan, "clv", False, "-"),
    ],
)
def test_number(value, metric, sign, text):
    assert number(value, MEASURES[metric], sign=sign) == text
    assert number(value, MEASURES[metric], sign=sign, minus=MINUS) == (
        text if text == "-" else text.replace("-", MINUS)
    )
