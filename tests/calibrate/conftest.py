"""CDNOW, read and fitted once; files written in the way a test wants them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from retsim.calibrate import (
    BgNbd,
    Fit,
    ParetoNbd,
    Summary,
    Transactions,
    fit_bgnbd,
    fit_paretonbd,
    read_transactions,
    summarise,
)

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def cdnow() -> Transactions:
    return read_transactions(DATA / "CDNOW_sample.txt.gz")


@pytest.fixture(scope="session")
def cdnow_summary(cdnow: Transactions) -> Summary:
    return summarise(cdnow, cutoff="1997-09-30")


@pytest.fixture(scope="session")
def cdnow_bgnbd(cdnow_summary: Summary) -> Fit[BgNbd]:
    return fit_bgnbd(cdnow_summary)


@pytest.fixture(scope="session")
def cdnow_paretonbd(cdnow_summary: Summary) -> Fit[ParetoNbd]:
    return fit_paretonbd(cdnow_summary)


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    """Write a transaction log: rows under a header, or bytes as they are."""

    def write(*rows: str, header: str = "customer_id,date,amount", raw: bytes | None = None) -> Path:
        path = tmp_path / "log.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode() if raw is None else raw)
        return path

    return write


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261122)
