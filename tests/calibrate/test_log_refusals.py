"""Logs that are refused: where, which value, by which rule; and that no row goes missing."""

import datetime
import gzip
import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retsim.calibrate import CsvError, read_transactions

BAD_VALUES = [
    ("a,2020-01-06,abc", "amount", "abc", "not a number"),
    ("a,2020-01-06,12.3.4", "amount", "12.3.4", "not a number"),
    ("a,2020-01-06,inf", "amount", "inf", "not a finite number"),
    ("a,2020-01-06,-Infinity", "amount", "-Infinity", "not a finite number"),
    ("a,2020-01-06,NaN", "amount", "NaN", "missing"),
    ("a,2020-01-06,1e300", "amount", "1e300", "outside"),
    ("a,2020-01-06,", "amount", "", "missing"),
    (",2020-01-06,5", "customer_id", "", "missing"),
    ("NULL,2020-01-06,5", "customer_id", "NULL", "missing"),
    ("a,,5", "date", "", "missing"),
    ("a,2020-02-30,5", "date", "2020-02-30", "no day"),
    ("a,31/31/2020,5", "date", "31/31/2020", "no day"),
    ("a,soon,5", "date", "soon", "not a date"),
    ("a,2020-01-06 25:00,5", "date", "2020-01-06 25:00", "not a date"),
    ("a,9999-12-31,5", "date", "9999-12-31", "outside the years"),
    ("a,2020-01-06", "(whole row)", "a,2020-01-06", "2 fields, the header has 3"),
    ("a,2020-01-06,5,6", "(whole row)", "a,2020-01-06,5,6", "4 fields, the header has 3"),
]


@pytest.mark.parametrize(("row", "column", "value", "reason"), BAD_VALUES)
def test_a_bad_row_is_named(log, row, column, value, reason):
    path = log("a,2020-01-05,4", "", row, "b,2020-01-05,4")
    with pytest.raises(CsvError) as caught:
        read_transactions(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: 1 of 3 rows cannot be used")
    # The header is row 1, and the blank line counts as a line.
    assert "row 4" in message
    assert repr(value) in message
    assert reason in message
    found = read_transactions(path, skip_bad=True)
    assert found.report.refused.to_numpy().tolist()[0][:3] == [4, column, value]
    assert reason in found.report.refused["reason"][0]
    assert found.days["customer"].tolist() == ["a", "b"]


def test_many_bad_rows_are_counted_and_the_first_listed(log):
    with pytest.raises(CsvError) as caught:
        read_transactions(log(*["a,2020-01-05,4"] * 3, *["a,2020-01-05,?"] * 20))
    lines = str(caught.value).splitlines()
    assert "20 of 23 rows" in lines[0]
    assert "row 5" in lines[1]
    assert "15 more" in lines[-2]
    assert "skip" in lines[-1]


def test_a_log_without_a_good_row_is_an_error_even_if_bad_ones_may_be_skipped(log):
    with pytest.raises(CsvError, match="No row is left"):
        read_transactions(log("a,2020-01-05,x", "b,2020-01-05,y"), skip_bad=True)
    with pytest.raises(CsvError, match="no row after the header"):
        read_transactions(log(), skip_bad=True)
    with pytest.raises(CsvError, match="no purchase"):
        read_transactions(log("a,2020-01-05,-4"))


GOOD = st.tuples(
    st.sampled_from("abcd"),
    st.dates(min_value=datetime.date(2020, 1, 1), max_value=datetime.date(2030, 1, 1)),
    st.decimals(-50, 50, places=2),
).map(lambda row: f"{row[0]},{row[1].isoformat()},{row[2]}")
BAD = st.sampled_from([row for row, *_ in BAD_VALUES])


@given(rows=st.lists(st.one_of(GOOD, BAD, st.just("")), max_size=40))
def test_rows_in_are_kept_or_returned_or_refused(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("log") / "log.csv"
    sure = "sure,2019-01-01,1"
    path.write_text("\n".join(["customer_id,date,amount", sure, *rows]))
    report = read_transactions(path, skip_bad=True).report
    bad = {row for row, *_ in BAD_VALUES}
    n_bad = sum(row in bad for row in rows)
    n_returns = sum(row not in bad and row != "" and float(row.split(",")[2]) < 0 for row in rows)
    assert report.n_rows == 1 + sum(row != "" for row in rows)
    assert (report.n_refused, report.n_returns) == (n_bad, n_returns)
    assert report.n_kept == report.n_rows - n_bad - n_returns
    lines = [i for i, row in enumerate(rows, start=3) if row in bad]
    assert report.refused["row"].tolist() == lines


def test_ambiguous_dates_are_never_guessed(log):
    path = log("a,05/05/2020,1", "a,13/04/2020,1", "b,03/04/2020,1", "b,04/03/2020,1")
    for skip_bad in (False, True):
        with pytest.raises(CsvError, match="two ways") as caught:
            read_transactions(path, skip_bad=skip_bad)
        assert caught.value.row == 4
        assert caught.value.column == "date"
        for part in ("'03/04/2020'", "--date-format", "2 of 4 rows", "other rows point to %d/%m/%Y"):
            assert part in str(caught.value)
    found = read_transactions(path, date_format="%d/%m/%Y")
    assert [d.date().isoformat() for d in found.days["date"]][-2:] == ["2020-03-04", "2020-04-03"]
    with pytest.raises(CsvError, match=r"row 3.*does not fit the date format %m/%d/%Y"):
        read_transactions(path, date_format="%m/%d/%Y")


@pytest.mark.parametrize("date", ["3/4/20", "13/04/20", "01.02.2020", "1-2-2020 10:30"])
def test_more_ambiguous_dates(log, date):
    with pytest.raises(CsvError, match=r"row 2, column date.*date-format"):
        read_transactions(log(f"a,{date},1"))


def test_an_open_decimal_sign_is_never_guessed(log):
    def semicolons(*amounts):
        rows = "".join(f"a;2020-01-0{i};{amount}\n" for i, amount in enumerate(amounts, start=1))
        return log(raw=b"customer_id;date;amount\n" + rows.encode())

    with pytest.raises(CsvError, match=r"row 2, column amount: '1,234'.*--decimal"):
        read_transactions(semicolons("1,234"))
    with pytest.raises(CsvError, match=r"'1\.5' here and '1,5' in row 2"):
        read_transactions(semicolons("1,5", "1.5"))
    assert read_transactions(semicolons("1,234"), decimal=",").days["amount"][0] == 1.234
    assert read_transactions(semicolons("1,234"), decimal=".").days["amount"][0] == 1234.0
    assert read_transactions(semicolons("1,234", "0,5")).days["amount"].tolist() == [1.234, 0.5]
    assert read_transactions(semicolons("1,234", "0.5")).days["amount"].tolist() == [1234.0, 0.5]


@pytest.mark.parametrize(
    ("header", "options", "why"),
    [
        ("id,when,money", {}, "no column is recognised as the customer among 'id', 'when', 'money'"),
        ("customer_id,day,price", {}, "no column is recognised as the amount"),
        ("customer_id,household_id,date,amount", {}, "several columns could be the customer"),
        ("customer_id,date,amount", {"amount": "amont"}, "no column 'amont'.*did you mean 'amount'"),
        ("customer_id,date,amount,amount", {"amount": "amount"}, "several columns"),
        ("customer_id,date,amount", {"amount": "date"}, "one column has two roles"),
        ("only", {}, "no header"),
        ("customer_id,date,amount", {"delimiter": "ab"}, "one character"),
        ("customer_id,date,amount", {"encoding": "utf-99"}, "unknown encoding"),
        ("customer_id,date,amount,é", {"encoding": "ascii"}, "not ascii"),
    ],
)
def test_headers_that_are_refused(log, header, options, why):
    with pytest.raises(CsvError, match=why):
        read_transactions(log("1,2020-01-05,1,1", header=header), **options)


def test_quotes_that_do_not_close(log):
    with pytest.raises(CsvError, match="quotes") as caught:
        read_transactions(log("a,2020-01-05,1", '"b,2020-01-05,1', *["c,2020-01-05,1"] * 20_000))
    assert caught.value.row == 3
    # Where a later quote closes it, the rows in between are one ragged row, and said to be so.
    with pytest.raises(CsvError, match="from row 3 to row 5"):
        read_transactions(log("a,2020-01-05,1", '"b,2020-01-05,1', "c,2020-01-05,1", 'd"'))


HEADER = b"customer_id,date,amount\n"


@cache
def noise():
    return "".join(random.Random(5).choices("abcdef ,;\n0123456789", k=1_000_000)).encode() * 10


@cache
def binary():
    return random.Random(6).randbytes(10_000_000)


KINDS = {
    "binary": binary,
    "zeros": lambda: bytes(10_000_000),
    "one line": lambda: b"a" * 10_000_000,
    "delimiters": lambda: b"," * 10_000_000,
    "blank lines": lambda: b"\n" * 10_000_000,
    "noise": noise,
    "noise under a header": lambda: HEADER + noise(),
    "binary after good rows": lambda: HEADER + b"a,2020-01-05,1\n" * 10_000 + binary(),
    "quotes": lambda: HEADER + b'"' * 10_000_001,
    "compressed zeros": lambda: gzip.compress(HEADER + b"0" * 20_000_000, 1),
    "broken gzip": lambda: gzip.compress(binary(), 1)[:-1000],
    "excel": lambda: b"PK\x03\x04" + noise(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_ten_megabytes_of_nonsense(log, kind):
    path = log(raw=KINDS[kind]())
    with pytest.raises(CsvError) as caught:
        read_transactions(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert len(message) < 2000
    assert all(character.isprintable() or character == "\n" for character in message)


def test_a_zero_byte_far_down_the_file(log):
    rows = b"customer_id,date,amount\n" + b"a,2020-01-05,1\n" * 10_000 + b"a\0,2020-01-05,1\n"
    with pytest.raises(CsvError, match="row 10002: is not text"):
        read_transactions(log(raw=rows))


def test_no_file_at_all(tmp_path):
    empty = tmp_path / "empty.csv"
    empty.touch()
    for path, why in (
        (tmp_path, "is a folder"),
        (tmp_path / "none.csv", "no such file"),
        ("/dev/zero", "not a regular file"),
        ("a\0b", "cannot be read|no such file"),
        (empty, "is empty"),
    ):
        with pytest.raises(CsvError, match=why):
            read_transactions(path)


@pytest.mark.verify
def test_a_million_rows(tmp_path):
    import subprocess
    import sys

    import numpy as np

    rng = np.random.default_rng(1)
    n = 1_000_000
    moments = np.datetime64("2020-01-01T00:00:00") + rng.integers(0, 700 * 86_400, n)
    amounts = np.round(rng.gamma(2.0, 20.0, n) * np.where(rng.random(n) < 0.03, -1.0, 1.0), 2)
    path = tmp_path / "log.csv"
    with path.open("w") as file:
        file.write("invoice;customer_id;date;note;amount\n")
        customers = rng.integers(0, 200_000, n)
        for i, (customer, moment, amount) in enumerate(zip(customers, moments, amounts, strict=True)):
            file.write(f"{i};C{customer};{moment};a note;{str(amount).replace('.', ',')}\n")
    program = (
        "import sys; from retsim.calibrate import read_transactions\n"
        "report = read_transactions(sys.argv[1]).report\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"  # ru_maxrss is the parent's, too
        "peak = int(status['VmHWM'].split()[0]) / 1024\n"
        "print(report.n_rows, report.n_kept + report.n_returns, peak)"
    )
    answer = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    n_rows, n_used, megabytes = map(float, answer.stdout.split())
    assert n_rows == n_used == n
    assert megabytes < 1000.0
