"""Lists as CSV that a spreadsheet opens without harm."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from core.export import csv_response, disarm


def body(rows, header=("name",)):
    return b"".join(csv_response("list.csv", header, rows)).decode()


@pytest.mark.parametrize(
    "typed",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "    @x", '=HYPERLINK("http://x","y")', "=", "-"],
)
def test_text_that_a_spreadsheet_would_run_gets_a_quote_before_it(typed):
    assert disarm(typed) == "'" + typed


@pytest.mark.parametrize("typed", ["Bo Lind", "a=b", "O'Neill", "", " ", "1-2", "'=1", "ليلى", "–"])
def test_other_text_is_left_as_it_is(typed):
    assert disarm(typed) == typed


@pytest.mark.parametrize("value", [-5, 0, Decimal("-1.5"), date(2026, 3, 16), True])
def test_numbers_and_dates_are_left_as_they_are(value):
    assert disarm(value) == value


def test_none_is_an_empty_cell():
    assert disarm(None) == ""
    assert body([[None, 0, ""]]) == "\ufeffname\r\n,0,\r\n"


def test_a_spreadsheet_reads_it_as_utf_8_with_crlf_after_each_line():
    assert body([["Åsa"], ["Éva"]]).encode() == b"\xef\xbb\xbfname\r\n\xc3\x85sa\r\n\xc3\x89va\r\n"


def test_commas_quotes_and_line_breaks_stay_in_their_cell():
    rows = [['a "b", c', "one\ntwo"], ["x;y", "z"]]
    assert body(rows, header=["first", "second"]) == ('\ufefffirst,second\r\n"a ""b"", c","one\ntwo"\r\nx;y,z\r\n')
    read = list(csv.reader(io.StringIO(body(rows, header=["first", "second"]).removeprefix("\ufeff"), newline="")))
    assert read == [["first", "second"], *rows]


def test_header_and_rows_are_disarmed():
    assert body([["=1"]], header=["@a"]) == "\ufeff'@a\r\n'=1\r\n"


def test_it_is_a_download_that_streams():
    asked = []

    def rows():
        for number in range(3):
            asked.append(number)
            yield [number]

    response = csv_response("students.csv", ["number"], rows())
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="students.csv"'
    assert asked == []
    assert b"".join(response).decode() == "\ufeffnumber\r\n0\r\n1\r\n2\r\n"
