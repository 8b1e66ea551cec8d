"""/attendance/records/: every mark that staff may read, narrowed, sorted, by pages and as CSV."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from attendance.models import AttendanceRecord, Status
from attendance.tests.factories import AttendanceRecordFactory
from attendance.tests.registers import address, stored, text_of
from students.tests.factories import AcademicYearFactory, EnrolmentFactory, SchoolClassFactory, StudentFactory
from tests.cast import MONDAY, pupil

LIST = "/attendance/records/"
QUERIES = 6  # who you are, the school, classes, the count, the page, the log
FRIDAY, THURSDAY = date(2026, 3, 13), date(2026, 3, 12)
DAY = timedelta(days=1)
AMINA_THU, AMINA_FRI, BO, CLEO = "Amina 12", "Amina 13", "Bo 13", "Cleo 16"


@pytest.fixture
def marks(cast):
    """Four marks: Amina present on Thursday and absent on Friday, Bo late on Friday, Cleo of 7B excused on Monday."""
    rows = [
        (cast.amina, cast.class_7a, THURSDAY, Status.PRESENT, {}),
        (cast.amina, cast.class_7a, FRIDAY, Status.ABSENT, {"note": "Fever"}),
        (cast.bo, cast.class_7a, FRIDAY, Status.LATE, {"minutes_late": 5, "left_early": True, "note": "Bus"}),
        (cast.cleo, cast.class_7b, MONDAY, Status.EXCUSED, {"note": "canary-of-cleo"}),
    ]
    return [
        AttendanceRecordFactory(student=student, school_class=school_class, date=day, status=status, **more)
        for student, school_class, day, status, more in rows
    ]


@pytest.fixture
def office(cast, marks, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, marks, sign_in):
    return sign_in(cast.ana.user)


def named(page) -> list[str]:
    return [f"{mark.student.given_name} {mark.date.day}" for mark in page]


def listed(client: Client, **query: object) -> list[str]:
    """The marks on the page in its order, as name and day of the month."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return named(response.context["page"])


def sheet(client: Client, **query: object) -> list[str]:
    """The lines of the CSV."""
    response = client.get(LIST, {**query, "format": "csv"})
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return b"".join(response.streaming_content).decode().split("\r\n")


def lines_of(response) -> list[str]:
    """The table's lines in words."""
    body = response.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    return [text_of(line) for line in body.split("</tr>")[:-1]]


class TestWhoseMarks:
    def test_the_office_sees_all_and_a_teacher_those_of_the_own_students(self, cast, office, ana, sign_in):
        assert listed(office) == [CLEO, AMINA_FRI, BO, AMINA_THU]
        assert listed(ana) == [AMINA_FRI, BO, AMINA_THU]
        assert listed(sign_in(cast.ben.user)) == [CLEO]

    def test_no_note_of_another_class_is_on_the_page_or_in_the_csv(self, cast, office, ana, sign_in):
        for right in (office, sign_in(cast.ben.user)):
            assertContains(right.get(LIST), "canary-of-cleo")
            assert "canary-of-cleo" in "".join(sheet(right))
        assertNotContains(ana.get(LIST), "canary-of-cleo")
        assert "canary-of-cleo" not in "".join(sheet(ana))

    @pytest.mark.parametrize("query", [{}, {"format": "csv"}])
    def test_parents_are_refused_and_the_signed_out_led_to_the_sign_in(self, cast, marks, sign_in, query):
        assert sign_in(cast.mariam.user).get(LIST, query).status_code == 403
        assert Client().get(LIST, query).url.startswith("/accounts/login/?next=/attendance/records/")

    def test_a_student_of_another_class_and_no_student_get_the_same_answer(self, cast, ana, office):
        assert listed(office, student_id=cast.cleo.student_id) == [CLEO]
        pages = [
            ana.get(LIST, {"student_id": student_id}).content.decode().replace(student_id, "…")
            for student_id in (cast.cleo.student_id, "STU99999")
        ]
        without_token = [re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page) for page in pages]
        assert without_token[0] == without_token[1]
        assert "No mark matches these filters." in pages[0]

    def test_a_register_is_linked_where_the_person_may_open_it(self, cast, ana, office):
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, is_primary=False)
        AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7b, date=THURSDAY)
        link = f'href="{address(cast.class_7b, THURSDAY)}"'
        assert listed(ana, date=THURSDAY) == [AMINA_THU, AMINA_THU]
        assertContains(office.get(LIST, {"date": THURSDAY}), link)
        assertNotContains(ana.get(LIST, {"date": THURSDAY}), link)
        assertContains(ana.get(LIST, {"date": THURSDAY}), f'href="{address(cast.class_7a, THURSDAY)}"')

    def test_reading_writes_one_line_of_the_access_log_without_the_query(self, cast, office):
        forget_readings()
        before = stored()
        office.get(LIST, {"student_id": cast.bo.student_id})
        sheet(office)
        assert stored() == before
        assert (
            list(AccessLog.objects.values_list("reader__username", "page", "path", "student_id"))
            == [("office", "attendance:records", LIST, "")] * 2
        )


class TestWhatALineSays:
    def test_day_student_class_mark_minutes_left_early_note_and_the_way_to_the_register(self, office):
        assert lines_of(office.get(LIST, {"status": "late"})) == [
            "Fri 13 Mar Bo Lind 7A L Late, 5 minutes, left early Bus Open the register 7A, Fri 13 Mar, Bo Lind"
        ]

    def test_the_name_leads_to_the_students_page(self, cast, office):
        assertContains(office.get(LIST), f'<a href="/students/{cast.bo.student_id}/">Bo Lind</a>', html=True)


class TestFilters:
    def test_by_student(self, cast, office):
        assert listed(office, student_id=cast.amina.student_id) == [AMINA_FRI, AMINA_THU]
        assert listed(office, student_id=f" {cast.amina.student_id.lower()} ") == [AMINA_FRI, AMINA_THU]
        assert listed(office, student_id=cast.amina.student_id[:-1]) == []

    def test_by_class(self, cast, office):
        assert listed(office, class_id=cast.class_7b.pk) == [CLEO]
        assert listed(office, class_id=cast.class_7a.pk) == [AMINA_FRI, BO, AMINA_THU]

    @pytest.mark.parametrize(
        ("status", "found"), [("present", AMINA_THU), ("absent", AMINA_FRI), ("late", BO), ("excused", CLEO)]
    )
    def test_by_mark(self, office, status, found):
        assert listed(office, status=status) == [found]

    def test_by_day(self, office):
        assert listed(office, date="2026-03-13") == [AMINA_FRI, BO]
        assert listed(office, date="2026-03-14") == []

    @pytest.mark.parametrize(
        ("start", "end", "found"),
        [
            ("2026-03-13", "", [CLEO, AMINA_FRI, BO]),
            ("2026-03-14", "", [CLEO]),
            ("", "2026-03-13", [AMINA_FRI, BO, AMINA_THU]),
            ("", "2026-03-12", [AMINA_THU]),
            ("2026-03-12", "2026-03-13", [AMINA_FRI, BO, AMINA_THU]),
            ("2026-03-13", "2026-03-13", [AMINA_FRI, BO]),
            ("2026-03-14", "2026-03-15", []),
            ("1950-01-01", "2150-12-31", [CLEO, AMINA_FRI, BO, AMINA_THU]),
        ],
    )
    def test_by_days_both_inclusive(self, office, start, end, found):
        assert listed(office, start_date=start, end_date=end) == found

    def test_all_at_once(self, cast, office):
        narrow = {
            "student_id": cast.amina.student_id, "class_id": cast.class_7a.pk, "status": "absent",
            "date": "2026-03-13", "start_date": "2026-03-01", "end_date": "2026-03-31",
        }  # fmt: skip
        assert listed(office, **narrow) == [AMINA_FRI]
        assert listed(office, **narrow | {"status": "present"}) == []

    def test_each_is_a_chip_that_removes_it(self, cast, office):
        response = office.get(LIST, {"class_id": cast.class_7a.pk, "start_date": "2026-03-13", "page": "1"})
        assert [(chip.label, chip.query) for chip in response.context["chips"]] == [
            ("Class: 7A", "?start_date=2026-03-13"),
            ("From: 2026-03-13", f"?class_id={cast.class_7a.pk}"),
        ]

    def test_a_teacher_is_offered_the_own_classes_and_a_name_of_two_years_says_which(self, cast, office, ana):
        def offered(client):
            return [label for _pk, label in client.get(LIST).context["filter_form"].fields["class_id"].choices]

        before = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 18))
        SchoolClassFactory(name="7A", academic_year=before)
        assert offered(office) == ["All classes", "7A (2025/26)", "7B", "7A (2024/25)"]
        assert offered(ana) == ["All classes", "7A"]


ISO = "Give the day as year-month-day, such as 2026-09-14."
YEARS = "Give a day between the years 1950 and 2150."
ORDER = "The last day is before the first. Change one of the two."
BAD = {
    "a day exists": ({"date": "2026-02-30"}, ISO),
    "a day has no other order": ({"date": "13.03.2026"}, ISO),
    "a day is in ASCII digits": ({"start_date": "２０２６-03-13"}, ISO),
    "a day holds no NUL": ({"end_date": "2026-03-13\0"}, ISO),
    "a day is short": ({"date": "9" * 10_000}, ISO),
    "year 0 is no year": ({"start_date": "0000-01-01"}, ISO),
    "year 1 is too early": ({"date": "0001-01-01"}, YEARS),
    "1949 is too early": ({"start_date": "1949-12-31"}, YEARS),
    "2151 is too late": ({"end_date": "2151-01-01"}, YEARS),
    "year 9999 is too late": ({"end_date": "9999-12-31"}, YEARS),
    "a range does not end before it starts": ({"start_date": "2026-03-13", "end_date": "2026-03-12"}, ORDER),
    "a mark is one of four": ({"status": "ill"}, "Select a valid choice. ill is not one of the available choices."),
    "a mark is in small letters": (
        {"status": "Late"}, "Select a valid choice. Late is not one of the available choices.",
    ),
    "a class is known": ({"class_id": "0"}, "Select a valid choice. 0 is not one of the available choices."),
    "a class is a number": ({"class_id": "7A"}, "Select a valid choice. 7A is not one of the available choices."),
    "a student id is short": (
        {"student_id": "S" * 10_000}, "Ensure this value has at most 20 characters (it has 10000).",
    ),
    "a student id holds no NUL": ({"student_id": "STU\0"}, "Null characters are not allowed."),
}  # fmt: skip


class TestBadInput:
    @pytest.mark.parametrize(("query", "said"), BAD.values(), ids=BAD)
    def test_it_is_answered_with_what_to_change_and_no_mark(self, office, query, said):
        response = office.get(LIST, query)
        assertContains(response, f'<p class="wrong">{said}</p>', status_code=400, html=True)
        assert list(response.context["page"]) == []

    @pytest.mark.parametrize(("query", "said"), BAD.values(), ids=BAD)
    def test_it_gives_no_csv(self, office, query, said):
        response = office.get(LIST, {**query, "format": "csv"})
        assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")

    def test_what_was_typed_stays(self, office):
        page = office.get(LIST, {"date": "13.3.2026", "student_id": "STU00001"}).content.decode()
        assert re.search(r'<input[^>]* type="text" name="date"[^>]* value="13.3.2026"', page)
        assert re.search(r'<input[^>]* name="student_id"[^>]* value="STU00001"', page)

    def test_a_class_of_somebody_else_is_refused_as_one_that_does_not_exist(self, cast, ana):
        for number in (cast.class_7b.pk, 999_999):
            said = f"Select a valid choice. {number} is not one of the available choices."
            assertContains(ana.get(LIST, {"class_id": number}), said, status_code=400)

    @pytest.mark.parametrize("page", ["99", "0", "-1", "x", "9" * 5000])
    def test_a_page_that_is_not_there_names_the_last_one(self, office, page):
        assertContains(office.get(LIST, {"page": page}), "The last one is page 1.", status_code=404)

    @pytest.mark.parametrize("sort", ["note", "student__date_of_birth", "--date", "pk"])
    def test_a_column_that_is_not_on_the_list_is_not_sorted_by(self, office, sort):
        assertContains(office.get(LIST, {"sort": sort}), "This list cannot be sorted by", status_code=404)


class TestOrderAndPages:
    @pytest.mark.parametrize(
        ("sort", "ordered"),
        [
            ("date", [AMINA_THU, AMINA_FRI, BO, CLEO]),
            ("-date", [CLEO, AMINA_FRI, BO, AMINA_THU]),
            ("student", [AMINA_THU, AMINA_FRI, BO, CLEO]),
            ("-student", [CLEO, BO, AMINA_THU, AMINA_FRI]),
            ("class", [AMINA_THU, AMINA_FRI, BO, CLEO]),
            ("-class", [CLEO, AMINA_THU, AMINA_FRI, BO]),
            ("status", [AMINA_FRI, CLEO, BO, AMINA_THU]),
            ("-status", [AMINA_THU, BO, CLEO, AMINA_FRI]),
        ],
    )
    def test_each_column_sorts_both_ways(self, office, sort, ordered):
        assert listed(office, sort=sort) == ordered

    def test_a_page_holds_25_and_the_rest_follow(self, cast, office):
        for number in range(30):
            AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a, date=MONDAY - 20 * DAY - number * DAY)
        assert len(listed(office)) == 25
        assert len(listed(office, page=2)) == 9
        assertContains(office.get(LIST), "34 marks")
        assertContains(office.get(LIST, {"page": 2}), "Page 2 of 2")

    def test_beyond_ten_thousand_the_pages_end_and_say_so_and_the_csv_does_not(self, cast, office):
        AttendanceRecord.objects.all().delete()
        AttendanceRecord.objects.bulk_create(
            AttendanceRecord(
                student=cast.bo, school_class=cast.class_7a, date=MONDAY - number * DAY, status=Status.PRESENT
            )
            for number in range(10_000)
        )
        assertContains(office.get(LIST), "10000 marks")
        AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a)
        assertContains(office.get(LIST), "More than 10000 marks. The pages hold the first 10000: narrow the list")
        assert len(listed(office, page=400)) == 25
        assertContains(office.get(LIST, {"page": 401}), "The last one is page 400.", status_code=404)
        assert len(sheet(office)) == 1 + 10_001 + 1


class TestCsv:
    def test_it_holds_what_is_filtered_in_the_words_of_the_api(self, cast, marks, office):
        fields = "attendance_id,student_id,full_name,class,date,status,minutes_late,left_early,note"
        assert sheet(office, start_date=FRIDAY, status="late") == [
            f"\ufeff{fields},attendance_event_category",
            f"{marks[2].pk},{cast.bo.student_id},Bo Lind,7A,2026-03-13,late,5,true,Bus,Tardy",
            "",
        ]
        assert sheet(office, status="present")[1] == (
            f"{marks[0].pk},{cast.amina.student_id},Amina Diallo,7A,2026-03-12,present,,false,,In Attendance"
        )

    def test_each_mark_has_the_name_that_ed_fi_gives_it(self, cast, office):
        for number, status in enumerate(("present", "late", "excused", "absent")):
            day = MONDAY - (40 + number) * DAY
            AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a, date=day, status=status)
        lines = sheet(office, end_date=MONDAY - 40 * DAY, sort="-date")[1:-1]
        assert [line.rsplit(",", 1)[1] for line in lines] == [
            "In Attendance", "Tardy", "Excused Absence", "Unexcused Absence",
        ]  # fmt: skip

    def test_it_holds_every_page_in_the_order_of_the_list(self, cast, office):
        for number in range(30):
            AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a, date=MONDAY - 20 * DAY - number * DAY)
        days = [line.split(",")[4] for line in sheet(office, page=2, sort="date")[1:-1]]
        assert (len(days), days) == (34, sorted(days))

    def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(self, office):
        risky = StudentFactory(given_name="=1+1", family_name="")
        mark = AttendanceRecordFactory(student=risky, school_class__name="+7", note="@SUM(A1)")
        assert sheet(office, student_id=risky.student_id)[1] == (
            f"{mark.pk},{risky.student_id},'=1+1,'+7,2026-03-16,present,,false,'@SUM(A1),In Attendance"
        )


class TestEmpty:
    def test_without_any_mark_it_leads_to_the_registers(self, cast, sign_in):
        response = sign_in(cast.office).get(LIST)
        assertContains(response, "No register has been taken yet.")
        assertContains(response, '<a class="btn btn-primary" href="/attendance/">Go to the registers</a>', html=True)
        assertNotContains(response, "Download as CSV")

    def test_without_a_match_it_offers_the_way_back(self, office):
        response = office.get(LIST, {"date": "2026-01-01"})
        assertContains(response, "No mark matches these filters.")
        assertContains(response, f'<a class="btn btn-plain" href="{LIST}">Show all marks</a>', html=True)


@pytest.mark.parametrize("number", [1, 3, 60])
def test_page_and_csv_cost_the_same_for_any_number_of_marks(number, cast, sign_in, count_queries):
    for index in range(number):
        AttendanceRecordFactory(student=pupil(f"Pupil{index}", "More", cast.class_7a), school_class=cast.class_7a)
    ana, lines = sign_in(cast.ana.user), []
    assert count_queries(lambda: ana.get(LIST)) == QUERIES
    assert count_queries(lambda: lines.extend(sheet(ana))) == QUERIES - 1
    assert len(lines) == 1 + number + 1
