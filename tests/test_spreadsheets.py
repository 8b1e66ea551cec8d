"""Every list as XLSX: the same rows as its CSV, for whoever may read the list and for nobody else."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from openpyxl import load_workbook

from accounts.models import AccessLog
from assessments.recounting import recount_totals
from assessments.tests.factories import ScoreFactory
from attendance.recounting import recount_registers
from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory
from behavior.tests.factories import BehaviorRecordFactory
from core import spreadsheet
from dashboard.dashboard_csv import TABLES
from participation.tests.factories import ParticipationRecordFactory
from students.tests.factories import GuardianFactory
from tests.cast import MONDAY

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS = [
    "/students/",
    "/attendance/records/",
    "/attendance/not-taken/",
    "/attendance/planned-absences/",
    "/attendance/absent-today/",
    "/assessments/records/",
    "/assessments/statistics/",
    "/assessments/",
    "/behavior/",
    "/participation/",
    "/dashboard/at-risk/",
    "/dashboard/high-performers/",
    *(f"/dashboard/?table={table}" for table in TABLES),
]
ODD = '=HYPERLINK("https://evil.example")'


def address(path, kind):
    return f"{path}{'&' if '?' in path else '?'}format={kind}"


def rows_of_csv(client, path):
    answer = client.get(address(path, "csv"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return [[cell.removeprefix("'") for cell in row] for row in csv.reader(StringIO(text))]


def cells_of(client, path):
    answer = client.get(address(path, "xlsx"))
    assert (answer.status_code, answer["Content-Type"]) == (200, XLSX)
    return list(load_workbook(BytesIO(answer.content)).active.rows)


def plain(cell):
    """A cell as the CSV writes it; numbers lose their noughts there too."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value.date() if cell.number_format == "yyyy-mm-dd" else value).isoformat()
    return str(value)


def same(text):
    """Numbers by their value: 82.0 in a CSV is 82 in a cell."""
    try:
        return Decimal(text).normalize()
    except ArithmeticError:
        return text


@pytest.fixture
def school(cast):
    """The cast with a row in every list of 7A."""
    GuardianFactory(student=cast.amina, phone="+49 30 1234")
    AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, date=MONDAY, status="absent", note=ODD)
    AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a, date=MONDAY, status="absent", note="")
    PlannedAbsenceFactory(student=cast.bo, starts_on=MONDAY, ends_on=date(2026, 3, 19), reason="=1+1")
    work = ScoreFactory(student=cast.amina, assessment__school_class=cast.class_7a, score=Decimal("7.25")).assessment
    ScoreFactory(student=cast.bo, assessment=work, score=Decimal(9))
    BehaviorRecordFactory(student=cast.amina, notes="=2+2", date=MONDAY)
    ParticipationRecordFactory(student=cast.amina, remarks="@sum", date=MONDAY)
    recount_registers(by=None, repair=True)
    recount_totals(repair=True)
    return cast


@pytest.mark.parametrize("path", LISTS)
def test_the_rows_are_those_of_the_csv(school, sign_in, path):
    for client in (sign_in(school.office), sign_in(school.ana.user)):
        wanted = [[same(cell) for cell in row] for row in rows_of_csv(client, path)]
        found = [[same(plain(cell)) for cell in row] for row in cells_of(client, path)]
        assert found == wanted
        assert len(found) > 1 or path.startswith(("/dashboard", "/attendance/not-taken"))


@pytest.mark.parametrize("path", LISTS)
def test_who_may_not_have_the_csv_may_not_have_it_either(school, sign_in, client, path):
    parent = sign_in(school.mariam.user)
    assert [parent.get(address(path, kind)).status_code for kind in ("csv", "xlsx")] == [403, 403]
    assert [client.get(address(path, kind)).status_code for kind in ("csv", "xlsx")] == [302, 302]


def test_a_teacher_gets_nothing_of_other_classes(school, sign_in):
    names = [
        {cell.value for row in cells_of(sign_in(user), "/students/") for cell in row}
        for user in (school.office, school.ana.user)
    ]
    assert ["Cleo Marsh" in each for each in names] == [True, False]


def test_days_are_days_numbers_are_numbers_and_no_text_is_a_formula(school, sign_in):
    head, *rows = cells_of(sign_in(school.office), "/assessments/records/")
    place = {cell.value: number for number, cell in enumerate(head)}
    found = next(row for row in rows if row[place["student_id"]].value == school.amina.student_id)
    assert found[place["score"]].value == 7.25
    assert found[place["date_taken"]].is_date
    head, *rows = cells_of(sign_in(school.office), "/behavior/")
    notes = rows[0][[cell.value for cell in head].index("notes")]
    assert (notes.value, notes.data_type) == ("=2+2", "s")


def test_opening_it_is_logged_as_the_list_is(school, sign_in):
    office = sign_in(school.office)
    logged = []
    for kind in ("csv", "xlsx"):
        before = AccessLog.objects.count()
        assert office.get(address("/students/", kind)).status_code == 200
        logged.append(AccessLog.objects.count() - before)
    assert logged == [1, 1]


def test_too_many_rows_are_refused_with_a_way_out_and_the_filters_are_kept(school, sign_in, monkeypatch):
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 2)
    office = sign_in(school.office)
    answer = office.get("/students/?status=all&format=xlsx")
    assert (answer.status_code, answer["Location"]) == (302, "/students/?status=all")
    (message,) = get_messages(answer.wsgi_request)
    assert "Narrow the list by its filters, or take the CSV." in str(message)


def test_what_no_cell_can_hold_is_left_out():
    content = spreadsheet.write_workbook(["a\x00b"], [["x" * 40_000, True]])
    head, row = load_workbook(BytesIO(content)).active.rows
    assert (head[0].value, len(row[0].value), row[1].value) == ("ab", 32_767, True)


def test_every_page_that_offers_a_csv_offers_a_workbook():
    for page in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        text = page.read_text().replace('"', "'")
        assert text.count("format='csv'") == text.count("format='xlsx'"), page
