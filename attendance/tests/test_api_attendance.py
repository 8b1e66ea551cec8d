"""/api/attendance/: marks as programs read and write them, one or many at once, and the rate of a student."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import AccessLog
from attendance.models import AttendanceRecord, Register, Status
from attendance.tests.factories import AttendanceRecordFactory
from attendance.tests.registers import stored
from students.models import StudentParentLink
from students.tests.factories import ClosureFactory, SchoolClassFactory, TeachingAssignmentFactory
from tests.cast import MONDAY, YEAR_START, pupil

LIST, BATCH, RATE = "/api/attendance/", "/api/attendance/batch/", "/api/attendance/rate/"
FRIDAY = date(2026, 3, 13)


@pytest.fixture
def office(cast, program):
    return program(cast.office)


@pytest.fixture
def ana(cast, program):
    return program(cast.ana.user)


@pytest.fixture
def mariam(cast, program):
    return program(cast.mariam.user)


def sent(student, school_class, status="present", day=MONDAY, **more):
    return {
        "student_id": student.student_id,
        "class_id": school_class.pk,
        "date": day.isoformat(),
        "status": status,
        **more,
    }


@pytest.fixture
def mark(cast):
    """Amina's mark as a program sends it."""
    return lambda status="present", **more: sent(cast.amina, cast.class_7a, status, **more)


# --- Reading ----------------------------------------------------------------------------------------


def test_a_mark_is_one_item_in_the_words_of_the_contract(cast, ana, mark):
    saved = ana.post(LIST, mark("late", minutes_late=5))
    assert ana.get(LIST).json() == [
        {
            "attendance_id": saved.json()["attendance_id"],
            "student_id": cast.amina.student_id,
            "class_id": cast.class_7a.pk,
            "date": "2026-03-16",
            "status": "late",
            "minutes_late": 5,
            "note": "",
        }
    ]


def test_each_person_lists_the_marks_that_they_may_read(cast, office, ana, mariam, program):
    of_amina = AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a)
    of_bo = AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a, date=FRIDAY)
    of_cleo = AttendanceRecordFactory(student=cast.cleo, school_class=cast.class_7b, date=FRIDAY)

    def keys(caller):
        return [item["attendance_id"] for item in caller.get(LIST).json()]

    assert keys(office) == [of_amina.pk, of_bo.pk, of_cleo.pk]
    assert keys(ana) == [of_amina.pk, of_bo.pk]
    assert keys(mariam) == [of_amina.pk]
    assert keys(program(cast.former.user)) == []
    StudentParentLink.objects.filter(student=cast.amina).update(may_see_attendance=False)
    assert keys(mariam) == []


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"start_date": "2026-03-14"}, 1),
        ({"end_date": "2026-03-13"}, 2),
        ({"date": "2026-03-16", "status": "present"}, 1),
        ({"status": "absent"}, 0),
        ({"student_id": "STU99999"}, 0),
    ],
)
def test_the_filters_are_those_of_the_page(cast, office, query, number):
    AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a)
    AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a, date=FRIDAY)
    AttendanceRecordFactory(student=cast.cleo, school_class=cast.class_7b, date=FRIDAY)
    assert len(office.get(LIST, query).json()) == number


# --- One mark ---------------------------------------------------------------------------------------


def test_a_mark_is_saved_in_its_register_with_who_did_it(cast, ana, mark):
    answer = ana.post(LIST, mark("absent", note="no word"))
    record = AttendanceRecord.objects.get()
    assert (answer.status_code, answer.json()) == (201, {"message": "The mark is saved.", "attendance_id": record.pk})
    assert (record.student, record.school_class, record.date) == (cast.amina, cast.class_7a, MONDAY)
    assert (record.status, record.note, record.marked_by) == ("absent", "no word", cast.ana.user)
    register = Register.objects.get()
    assert (register.absent, register.recorded, register.version, register.taken_by) == (1, 1, 1, cast.ana.user)
    kept = [*AttendanceRecord.history.all(), *Register.history.all()]
    assert [(row.history_type, row.history_user) for row in kept] == [("+", cast.ana.user), ("~", cast.ana.user)]


def test_the_same_mark_again_writes_nothing(cast, ana, mark):
    first = ana.post(LIST, mark("late", minutes_late=5, note="bus"))
    before = stored()
    for again in (mark("late", minutes_late=5, note="bus"), mark("late")):
        answer = ana.post(LIST, again)
        assert (answer.status_code, answer.json()) == (200, first.json())
    assert stored() == before


def test_another_mark_is_refused_with_what_is_stored_until_if_match_names_it(cast, ana, office, mark):
    first = ana.post(LIST, mark("absent", note="ill"))
    refused = office.post(LIST, mark("present"))
    assert refused.status_code == 409
    assert refused.json()["current"] == ana.get(LIST).json()[0]
    tag = refused.headers["ETag"]
    assert tag == first.headers["ETag"]
    saved = office.post(LIST, mark("late"), HTTP_IF_MATCH=tag)
    assert (saved.status_code, saved.json()["attendance_id"]) == (200, first.json()["attendance_id"])
    record = AttendanceRecord.objects.get()
    assert (record.status, record.note, record.marked_by) == ("late", "ill", cast.office)
    assert Register.objects.get().version == 2
    outdated = ana.post(LIST, mark("present"), HTTP_IF_MATCH=tag)
    assert outdated.status_code == 412
    assert outdated.json()["current"]["status"] == "late"
    assert ana.post(LIST, mark("present"), HTTP_IF_MATCH="*").status_code == 200
    assert AttendanceRecord.objects.get().status == "present"


def test_if_match_of_a_mark_that_is_not_there_fails(ana, mark):
    answer = ana.post(LIST, mark(), HTTP_IF_MATCH='"0123"')
    assert (answer.status_code, list(answer.json())) == (412, ["error"])


def test_who_left_early_still_has_left_early_when_the_note_changes(cast, ana, mark):
    AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, left_early=True)
    assert ana.post(LIST, mark("present", note="dentist"), HTTP_IF_MATCH="*").status_code == 200
    assert AttendanceRecord.objects.get().left_early is True
    assert ana.post(LIST, mark("absent"), HTTP_IF_MATCH="*").status_code == 200
    assert AttendanceRecord.objects.get().left_early is False


BAD = {
    "student-required": ({"student_id": None}, "student_id"),
    "student-known": ({"student_id": "STU99999"}, "student_id"),
    "student-length": ({"student_id": "S" * 21}, "student_id"),
    "class-known": ({"class_id": 999_999}, "class_id"),
    "class-in-range": ({"class_id": 2**63}, "class_id"),
    "day-is-a-day": ({"date": "2026-02-30"}, "date"),
    "day-not-in-the-future": ({"date": "2026-03-17"}, "date"),
    "day-is-a-school-day": ({"date": "2026-03-15"}, "date"),
    "day-in-the-year": ({"date": "2019-03-15"}, "date"),
    "day-of-this-age": ({"date": "9999-12-31"}, "date"),
    "status-known": ({"status": "here"}, "status"),
    "status-is-a-text": ({"status": ["present"]}, "status"),
    "minutes-whole": ({"status": "late", "minutes_late": 2.5}, "minutes_late"),
    "minutes-in-range": ({"status": "late", "minutes_late": 721}, "minutes_late"),
    "minutes-only-late": ({"minutes_late": 5}, "minutes_late"),
    "note-length": ({"note": "x" * 301}, "note"),
    "note-printable": ({"note": "a\u0007b"}, "note"),
    "unknown-field": ({"colour": "red"}, "colour"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_the_register_would_refuse_is_refused_by_name_and_nothing_is_stored(cast, office, mark, case):
    changes, field = BAD[case]
    before = stored()
    answer = office.post(LIST, mark(**changes) if "status" not in changes else {**mark(), **changes})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert stored() == before


def test_a_teacher_marks_own_classes_within_the_window(cast, ana, office):
    old = MONDAY - timedelta(days=21)
    for wrong, field in (
        (sent(cast.cleo, cast.class_7b), "class_id"),
        (sent(cast.cleo, cast.class_7a), "student_id"),
        (sent(cast.amina, cast.class_7a, day=old), "date"),
    ):
        answer = ana.post(LIST, wrong)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert office.post(LIST, sent(cast.amina, cast.class_7a, day=old)).status_code == 201


def test_a_closed_day_says_why(cast, office, mark):
    ClosureFactory(name="Storm", starts_on=MONDAY)
    said = office.post(LIST, mark()).json()["fields"]["date"]
    assert said == ["The school is closed on Mon 16 Mar 2026: Storm. Choose a school day."]


# --- Many at once -----------------------------------------------------------------------------------


def test_a_batch_is_saved_as_a_whole(cast, ana):
    records = [
        sent(cast.amina, cast.class_7a),
        sent(cast.bo, cast.class_7a, "late", minutes_late=3),
        sent(cast.bo, cast.class_7a, "absent", day=FRIDAY),
    ]
    answer = ana.post(BATCH, {"records": records})
    assert (answer.status_code, answer.json()) == (201, {"message": "3 marks are saved.", "count": 3})
    registers = Register.objects.order_by("date").values_list("date", "present", "late", "absent", "version")
    assert list(registers) == [(FRIDAY, 0, 0, 1, 1), (MONDAY, 1, 1, 0, 1)]
    before = stored()
    assert ana.post(BATCH, {"records": records}).status_code == 201
    assert stored() == before


def test_one_wrong_mark_stops_all_and_is_told_by_its_index(cast, ana):
    records = [
        sent(cast.amina, cast.class_7a),
        sent(cast.cleo, cast.class_7a),
        sent(cast.bo, cast.class_7a, "present", minutes_late=3),
    ]
    answer = ana.post(BATCH, {"records": records})
    assert answer.status_code == 400
    assert {index: list(errors) for index, errors in answer.json()["fields"]["records"].items()} == {
        "1": ["student_id"],
        "2": ["minutes_late"],
    }
    assert AttendanceRecord.objects.count() == Register.objects.count() == 0


def test_a_mark_of_the_wrong_shape_is_told_by_its_index_too(cast, ana):
    records = [sent(cast.amina, cast.class_7a), {**sent(cast.bo, cast.class_7a), "status": "here"}, 7]
    fields = ana.post(BATCH, {"records": records}).json()["fields"]["records"]
    assert list(fields) == ["1", "2"]


def test_a_student_twice_in_one_register_is_refused(cast, ana):
    records = [sent(cast.amina, cast.class_7a), sent(cast.amina, cast.class_7a, "late")]
    assert list(ana.post(BATCH, {"records": records}).json()["fields"]["records"]) == ["1"]


def test_a_batch_over_other_marks_is_refused_with_them_until_it_may_replace_any(cast, ana):
    ana.post(LIST, sent(cast.bo, cast.class_7a, "absent"))
    records = {"records": [sent(cast.amina, cast.class_7a), sent(cast.bo, cast.class_7a)]}
    refused = ana.post(BATCH, records)
    assert refused.status_code == 409
    assert {index: item["status"] for index, item in refused.json()["current"].items()} == {"1": "absent"}
    assert list(refused.json()["fields"]["records"]) == ["1"]
    assert AttendanceRecord.objects.count() == 1
    assert ana.post(BATCH, records, HTTP_IF_MATCH="*").status_code == 201
    assert set(AttendanceRecord.objects.values_list("status", flat=True)) == {Status.PRESENT}


@pytest.mark.parametrize("records", [[], {}, None, "x", [{}] * 501])
def test_a_batch_is_a_list_of_1_to_500_marks(ana, records):
    answer = ana.post(BATCH, {"records": records})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["records"])


def test_500_marks_cost_at_most_three_times_the_statements_of_one(cast, office, count_queries):
    """Twenty classes of 25: a school's morning."""
    marks = []
    for number in range(20):
        school_class = SchoolClassFactory(name=f"K{number}", academic_year=cast.year)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=school_class, starts_on=YEAR_START)
        marks += [sent(pupil("Kid", f"No {place}", school_class), school_class) for place in range(25)]
    office.post(LIST, sent(cast.amina, cast.class_7a))
    one = count_queries(lambda: office.post(BATCH, {"records": marks[:1]}))
    answers = []
    many = count_queries(lambda: answers.append(office.post(BATCH, {"records": marks[1:]})))
    assert answers[0].json()["count"] == 499
    assert many <= 3 * one


# --- The rate ---------------------------------------------------------------------------------------


def test_the_rate_is_told_with_what_it_is_of(cast, mariam):
    days = [MONDAY - timedelta(days=number) for number in (0, 3, 4, 5, 6, 7, 10)]
    statuses = ["absent", "present", "late", "present", "present", "present", "excused"]
    for day, status in zip(days, statuses, strict=True):
        AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, date=day, status=status)
    answer = mariam.get(RATE, {"student_id": cast.amina.student_id, "start_date": "2026-03-05"})
    assert answer.status_code == 200
    assert answer.json() == {
        "student_id": cast.amina.student_id,
        "attendance_rate": 71.4,  # 5 of 7
        "attended": 5,
        "possible": 7,
        "coverage": 87.5,  # 7 of the 8 school days from Thursday the 5th
        "unexcused": 1,
    }
    assert AccessLog.objects.values_list("page", "student_id").get() == ("api:attendance_rate", cast.amina.student_id)


def test_without_data_there_is_no_rate(cast, office):
    answer = office.get(RATE, {"student_id": cast.amina.student_id, "start_date": "2026-03-16"})
    assert answer.json() == {
        "student_id": cast.amina.student_id,
        "attendance_rate": None,
        "attended": 0,
        "possible": 0,
        "coverage": 0.0,
        "unexcused": 0,
    }


def test_days_to_come_count_for_nobody(cast, office):
    AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a)
    query = {"student_id": cast.amina.student_id, "start_date": "2026-03-16", "end_date": "2026-06-30"}
    assert office.get(RATE, query).json()["coverage"] == 100.0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "student_id"),
        ({"start_date": "2026-13-01"}, "start_date"),
        ({"start_date": "2026-03-02", "end_date": "2026-03-01"}, "end_date"),
        ({"class_id": "1"}, "class_id"),
    ],
)
def test_a_rate_that_cannot_be_read_names_why(cast, office, query, field):
    asked = {"student_id": cast.amina.student_id, **query} if query else {}
    answer = office.get(RATE, asked)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_rate_is_for_those_who_may_read_the_marks(cast, mariam, ana):
    for caller, student in ((mariam, cast.cleo), (ana, cast.cleo)):
        assert caller.get(RATE, {"student_id": student.student_id}).status_code == 404
    StudentParentLink.objects.filter(student=cast.amina).update(may_see_attendance=False)
    assert mariam.get(RATE, {"student_id": cast.amina.student_id}).status_code == 404
