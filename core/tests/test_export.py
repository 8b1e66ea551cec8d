"""Lists as CSV that a spreadsheet opens without harm."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.http import HttpResponse

from core.export import as_download, csv_response, disarm


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


NAMES = {
    "an ordinary one": ("students.csv", 'attachment; filename="students.csv"'),
    "spaces": ("cards 7 a.pdf", 'attachment; filename="cards 7 a.pdf"'),
    "not ASCII": ("Größe-Łódź.pdf", "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe-%C5%81%C3%B3d%C5%BA.pdf"),
    "another script": ("صف.pdf", "attachment; filename*=utf-8''%D8%B5%D9%81.pdf"),
    "a quote ends the header's word": ('7A"; filename="evil.exe', 'attachment; filename="7A-; filename=-evil.exe"'),
    "a new line begins a header": ("7A\r\nSet-Cookie: a=b.pdf", 'attachment; filename="7A-Set-Cookie- a=b.pdf"'),
    "parts of a path": ("../../etc/passwd.pdf", 'attachment; filename="etc-passwd.pdf"'),
    "parts of a path in Windows": ("..\\..\\boot.pdf", 'attachment; filename="boot.pdf"'),
    "a hidden file": (".profile", 'attachment; filename="profile"'),
    "the writing turned round": ("report\u202efdp.exe.pdf", 'attachment; filename="report-fdp.exe.pdf"'),
    "a NUL": ("a.exe\x00.pdf", 'attachment; filename="a.exe.pdf"'),
    "half a surrogate pair": ("a\ud800.pdf", 'attachment; filename="a.pdf"'),
    "percent signs, which some browsers decode": ("%2e%2e%2fa.pdf", 'attachment; filename="2e-2e-2fa.pdf"'),
    "nothing that may stay": ("///.pdf", 'attachment; filename="file.pdf"'),
    "nothing at all": ("", 'attachment; filename="file"'),
    "too long": ("a" * 300 + ".pdf", f'attachment; filename="{"a" * 100}.pdf"'),
}


@pytest.mark.parametrize("case", NAMES)
def test_the_name_of_a_file_is_safe(case):
    name, header = NAMES[case]
    assert as_download(name) == {"Content-Disposition": header}
    assert HttpResponse(headers=as_download(name))["Content-Disposition"] == header
