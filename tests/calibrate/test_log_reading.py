"""Logs that can be read: layouts, columns, encodings, delimiters, decimal signs, odd rows."""

import gzip

import numpy as np
import pandas as pd
import pytest
from conftest import DATA

from retsim.calibrate import read_transactions, transactions_from_frame


def days(found):
    return [(c, d.date().isoformat(), a) for c, d, a in found.days.itertuples(index=False)]


def test_a_plain_log(log):
    found = read_transactions(log("b,2020-01-05,10.5", "a,2020-01-07,3", "a,2020-01-05,4"))
    assert days(found) == [("a", "2020-01-05", 4.0), ("a", "2020-01-07", 3.0), ("b", "2020-01-05", 10.5)]
    assert found.n_customers == 2
    assert found.report.n_rows == found.report.n_kept == 3


def test_one_day_is_one_purchase_and_repeats_are_counted(log):
    found = read_transactions(log("a,2020-01-05,4", "a,2020-01-05,4", "a,2020-01-05,2.5", "a,2020-01-06,0"))
    assert days(found) == [("a", "2020-01-05", 10.5), ("a", "2020-01-06", 0.0)]
    assert found.report.n_duplicates == 1
    assert found.report.n_kept == 4


def test_same_day_at_another_time_is_no_repetition(log):
    found = read_transactions(log("a,2020-01-05 10:00:00,4", "a,2020-01-05 11:00:00,4"))
    assert days(found) == [("a", "2020-01-05", 8.0)]
    assert found.report.n_duplicates == 0


HEADERS = [
    "customer_id,date,amount",
    "CustomerID,InvoiceDate,TotalPrice",
    "household_id,transaction_timestamp,sales_value",
    "Customer,Order Date,Revenue",
    "client-id,DATE,Total Amount",
]


@pytest.mark.parametrize("header", HEADERS)
def test_obvious_names_are_recognised(log, header):
    assert days(read_transactions(log("7,2020-01-05,4", header=header))) == [("7", "2020-01-05", 4.0)]


def test_named_columns_among_others(log):
    path = log("x,7,9.99,2020-01-05,1", header="customer,kunde,amount,wann,wieviel")
    found = read_transactions(path, customer="kunde", date="wann", amount="wieviel")
    assert days(found) == [("7", "2020-01-05", 1.0)]


TEXT = "customer_id{0}date{0}amount\nMüller{0}2020-01-05{0}4\nØrsted{0}2020-01-06{0}5\n"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_and_delimiters(log, encoding, delimiter):
    found = read_transactions(log(raw=TEXT.format(delimiter).encode(encoding)))
    assert days(found) == [("Müller", "2020-01-05", 4.0), ("Ørsted", "2020-01-06", 5.0)]
    assert found.report.read_as["delimiter"] == delimiter


def test_an_accent_beyond_the_head_of_the_file(log):
    rows = b"customer_id,date,amount\n" + b"a,2020-01-05,1\n" * 10_000
    for encoding in ("utf-8", "cp1252"):
        found = read_transactions(log(raw=rows + "é,2020-01-05,1\n".encode(encoding)))
        assert found.days["customer"].tolist() == ["a", "é"]
        assert found.report.read_as["encoding"] == encoding
        assert found.report.n_rows == 10_001


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends_blank_lines_and_gzip(tmp_path, ends):
    text = ends.join(["", "customer_id,date,amount", "a,2020-01-05,4", "", " ", "b,2020-01-06,5"])
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    found = read_transactions(path)
    assert days(found) == [("a", "2020-01-05", 4.0), ("b", "2020-01-06", 5.0)]
    assert found.report.n_rows == 2


def test_quotes_and_the_line_that_announces_a_delimiter(log):
    raw = b'sep=;\n"customer_id";"note";"date";"amount"\n"a;1";"two\nlines, ""quoted""";2020-01-05;"1.234,50"\n'
    found = read_transactions(log(raw=raw))
    assert days(found) == [("a;1", "2020-01-05", 1234.5)]


def test_blanks_around_fields(log):
    rows = ('"a, b", "2020-01-05", " 4 "', " c , 2020-01-06 ,5 ")
    path = log(*rows, header='"customer_id", "date", "amount"')
    assert days(read_transactions(path)) == [("a, b", "2020-01-05", 4.0), ("c", "2020-01-06", 5.0)]


def test_an_unusual_delimiter_by_name(log):
    path = log(raw=b"customer_id^date^amount\na^2020-01-05^4\n")
    assert days(read_transactions(path, delimiter="^")) == [("a", "2020-01-05", 4.0)]
    tabbed = log(raw=b"customer_id\tdate, of course\tamount\na\t2020-01-05\t4\n")
    found = read_transactions(tabbed, delimiter="tab", date="date, of course")
    assert days(found) == [("a", "2020-01-05", 4.0)]


def test_customers_stay_text(log):
    found = read_transactions(log("007,2020-01-05,4", "7,2020-01-05,4", "7.0,2020-01-05,4"))
    assert found.days["customer"].tolist() == ["007", "7", "7.0"]


CDNOW = b" 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n 00021 0002 19970101  3   63.34\r\n"


def test_cdnow_layout_with_and_without_sample_ids(log):
    expected = [
        ("00004", "1997-01-01", 29.33),
        ("00004", "1997-01-18", 29.73),
        ("00021", "1997-01-01", 63.34),
    ]
    assert days(read_transactions(log(raw=CDNOW))) == expected
    assert days(read_transactions(log(raw=CDNOW), layout="cdnow")) == expected
    without = b"\n".join(line[:6] + line[11:] for line in CDNOW.splitlines())
    assert days(read_transactions(log(raw=without))) == expected


def test_both_layouts_of_the_same_log_agree(cdnow, tmp_path):
    with gzip.open(DATA / "CDNOW_sample.txt.gz", "rt") as text:
        rows = [line.split() for line in text]
    path = tmp_path / "cdnow.csv"
    written = pd.DataFrame(rows, columns=["customer", "sample", "date", "cds", "usd"])
    written.sample(frac=1.0, random_state=1).to_csv(path, index=False, sep=";", decimal=",")
    found = read_transactions(path)
    assert found.days["customer"].tolist() == cdnow.days["customer"].tolist()
    assert found.days["date"].tolist() == cdnow.days["date"].tolist()
    # Rows of a day are added in another order.
    assert found.days["amount"].to_numpy() == pytest.approx(cdnow.days["amount"].to_numpy(), rel=1e-14)


def test_frames_follow_the_same_rules(log):
    frame = pd.DataFrame(
        {
            "who": ["a", "a", "b", "a"],
            "when": pd.to_datetime(["2020-01-05 10:00", "2020-01-05 11:00", "2020-01-06 00:00", "2020-01-07 09:00"]),
            "paid": [4.0, 5.0, 6.0, -2.0],
        }
    )
    found = transactions_from_frame(frame, customer="who", date="when", amount="paid")
    same = read_transactions(log("a,2020-01-05,4", "a,2020-01-05,5", "b,2020-01-06,6", "a,2020-01-07,-2"))
    assert days(found) == days(same) == [("a", "2020-01-05", 7.0), ("b", "2020-01-06", 6.0)]
    assert found.report.n_returns == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"amount": [1.0, np.nan]}, "row 1 .*lacks a value"),
        ({"amount": [np.inf, 1.0]}, "row 0 .*infinite"),
        ({"amount": ["1", "2"]}, "must be a number"),
        ({"date": ["2020-01-01", "2020-01-02"]}, "must be datetime64"),
        ({"customer": [None, "a"]}, "row 0"),
    ],
)
def test_frames_that_are_refused(change, why):
    good = {
        "customer": ["a", "b"],
        "date": pd.to_datetime(["2020-01-01", "2020-01-02"]),
        "amount": [1.0, 2.0],
    }
    with pytest.raises(ValueError, match=why):
        transactions_from_frame(pd.DataFrame(good | change))
    with pytest.raises(ValueError, match="no column 'when'"):
        transactions_from_frame(pd.DataFrame(good), date="when")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"layout": "xml"}, "auto, csv or cdnow"),
        ({"decimal": ";"}, "decimal"),
        ({"date_format": "%H:%M"}, "day, month and year"),
    ],
)
def test_options_out_of_range(log, options, why):
    with pytest.raises(ValueError, match=why):
        read_transactions(log("a,2020-01-05,4"), **options)
