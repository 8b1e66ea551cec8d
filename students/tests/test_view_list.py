"""/students/: whom staff see, and how they find them."""

from datetime import date

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from students.models import Student
from students.tests.factories import (
    EnrolmentFactory,
    GuardianFactory,
    SchoolClassFactory,
    StudentFactory,
    TeachingAssignmentFactory,
)
from tests.cast import MONDAY, pupil

LIST = "/students/"
QUERIES = 6  # who you are, the school, classes, the count, the page, the log


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def names(client: Client, **query: str) -> list[str]:
    """The names on the page, in its order."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [student.full_name for student in response.context["page"]]


def sheet(client: Client, **query: str) -> list[str]:
    """The lines of the CSV."""
    response = client.get(LIST, {**query, "format": "csv"})
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode().split("\r\n")


def test_the_office_sees_every_student_by_family_name(office):
    assert names(office) == ["Amina Diallo", "Bo Lind", "Cleo Marsh"]


def test_a_teacher_sees_the_students_of_their_own_classes_only(cast, ana, sign_in):
    assert names(sign_in(cast.ben.user)) == ["Cleo Marsh"]
    assert names(ana) == ["Amina Diallo", "Bo Lind"]


def test_a_teacher_cannot_list_another_class_by_its_id(cast, ana, office):
    assert names(office, class_id=cast.class_7b.pk) == ["Cleo Marsh"]
    response = ana.get(LIST, {"class_id": cast.class_7b.pk})
    assert response.status_code == 400
    assert list(response.context["page"]) == []
    assertContains(
        response,
        f"Select a valid choice. {cast.class_7b.pk} is not one of the available choices.",
        status_code=400,
    )


def test_the_drop_down_of_a_teacher_offers_their_own_classes_only(cast, ana, office):
    def offered(client):
        return [label for _value, label in client.get(LIST).context["filter"].form.fields["class_id"].choices]

    assert offered(office) == ["All classes", "7A", "7B"]
    assert offered(ana) == ["All classes", "7A"]


def test_a_parent_is_refused(cast, sign_in):
    assert sign_in(cast.mariam.user).get(LIST).status_code == 403


def test_somebody_signed_out_is_led_to_the_sign_in(cast):
    response = Client().get(LIST)
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/students/")


def test_opening_the_list_is_noted_once_without_a_child(cast, office):
    office.get(LIST, {"search": "amina"})
    assert list(AccessLog.objects.values_list("reader__username", "page", "path", "student_id")) == [
        ("office", "students:list", "/students/", "")
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("amina", ["Amina Diallo"]),
        ("DIAL", ["Amina Diallo"]),
        ("diallo amina", ["Amina Diallo"]),
        ("amina lind", []),
        ("  lind  ", ["Bo Lind"]),
        ("m", ["Amina Diallo", "Cleo Marsh"]),
        ("Amina'; DROP TABLE students_student; --", []),
    ],
)
def test_search_finds_each_word_in_a_name(office, words, found):
    assert names(office, search=words) == found


def test_search_finds_a_student_id(cast, office):
    assert names(office, search=cast.bo.student_id) == ["Bo Lind"]
    assert names(office, search=cast.bo.student_id.lower()) == ["Bo Lind"]


@pytest.mark.parametrize("words", ["Élise", "élise", "ÉLISE", "Ñandú", "ñandú élise"])
def test_search_finds_accented_names_in_any_case(office, words):
    StudentFactory(given_name="Élise", family_name="Ñandú")
    assert names(office, search=words) == ["Élise Ñandú"]


@pytest.mark.parametrize(("sign", "name"), [("%", "Per%cent"), ("_", "Under_score"), ("\\", "Back\\slash")])
def test_signs_of_a_search_pattern_are_ordinary_characters(office, sign, name):
    StudentFactory(given_name=name, family_name="Zed")
    assert names(office, search=sign) == [f"{name} Zed"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param({"search": "a\x00b"}, "Null characters are not allowed.", id="search-without-nul"),
        pytest.param(
            {"search": "a " * 51}, "Ensure this value has at most 100 characters (it has 101).", id="search-length"
        ),
        pytest.param(
            {"class_id": "0"}, "Select a valid choice. 0 is not one of the available choices.", id="class-known"
        ),
        pytest.param(
            {"class_id": "x"}, "Select a valid choice. x is not one of the available choices.", id="class-a-number"
        ),
        pytest.param(
            {"grade_level": "12"}, "Select a valid choice. 12 is not one of the available choices.", id="level-known"
        ),
        pytest.param(
            {"status": "gone"}, "Select a valid choice. gone is not one of the available choices.", id="status-known"
        ),
    ],
)
def test_a_filter_that_cannot_be_read_is_answered_with_its_reason_and_no_student(office, query, said):
    response = office.get(LIST, query)
    assertContains(response, said, status_code=400, html=False)
    assert list(response.context["page"]) == []


def test_a_filter_that_cannot_be_read_gives_no_csv(office):
    response = office.get(LIST, {"status": "gone", "format": "csv"})
    assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")


def test_students_are_filtered_by_class_and_by_grade_level(cast, office):
    cast.class_7b.grade_level = "08"
    cast.class_7b.save()
    assert names(office, class_id=cast.class_7a.pk) == ["Amina Diallo", "Bo Lind"]
    assert names(office, grade_level="08") == ["Cleo Marsh"]
    assert names(office, grade_level="08", class_id=cast.class_7a.pk) == []


def test_a_class_left_yesterday_does_not_count(cast, office):
    cast.bo.enrolments.update(ends_on=MONDAY)
    assert names(office, class_id=cast.class_7a.pk) == ["Amina Diallo"]


def test_leavers_are_hidden_until_asked_for(cast, office):
    Student.objects.filter(pk=cast.bo.pk).update(left_on=MONDAY)
    assert names(office) == ["Amina Diallo", "Cleo Marsh"]
    assert names(office, status="left") == ["Bo Lind"]
    assert names(office, status="all") == ["Amina Diallo", "Bo Lind", "Cleo Marsh"]


def test_somebody_on_their_last_day_still_attends(cast, office):
    Student.objects.filter(pk=cast.bo.pk).update(left_on=date(2026, 3, 17))
    assert names(office, status="left") == []
    assert names(office) == ["Amina Diallo", "Bo Lind", "Cleo Marsh"]


def test_each_active_filter_is_a_chip_that_removes_it_and_leads_to_the_first_page(cast, office):
    query = {"search": "amina", "class_id": cast.class_7a.pk, "sort": "-name", "page": "1"}
    assert [(chip.label, chip.query) for chip in office.get(LIST, query).context["chips"]] == [
        ("Name or student id: amina", f"?class_id={cast.class_7a.pk}&sort=-name"),
        ("Class: 7A", "?search=amina&sort=-name"),
    ]


@pytest.mark.parametrize(
    ("sort", "ordered"),
    [
        ("name", ["Amina", "Bo", "Cleo"]),
        ("-name", ["Cleo", "Bo", "Amina"]),
        ("class", ["Amina", "Bo", "Cleo"]),
        ("-class", ["Cleo", "Bo", "Amina"]),
        ("student_id", ["Amina", "Bo", "Cleo"]),
        ("-student_id", ["Cleo", "Bo", "Amina"]),
        ("born", ["Cleo", "Amina", "Bo"]),
        ("-born", ["Bo", "Amina", "Cleo"]),
    ],
)
def test_the_list_is_sorted_by_each_column_both_ways(cast, office, sort, ordered):
    for student, born in ((cast.amina, 5), (cast.bo, 6), (cast.cleo, 4)):
        Student.objects.filter(pk=student.pk).update(date_of_birth=date(2013, 1, born))
    assert [name.split()[0] for name in names(office, sort=sort)] == ordered


@pytest.mark.parametrize("sort", ["born", "-born"])
def test_students_without_a_date_of_birth_stand_last_either_way(cast, office, sort):
    Student.objects.exclude(pk=cast.bo.pk).update(date_of_birth=date(2014, 5, 1))
    Student.objects.filter(pk=cast.bo.pk).update(date_of_birth=None)
    assert names(office, sort=sort)[-1] == "Bo Lind"


@pytest.mark.parametrize("sort", ["password", "guardians__phone", "--name", "", "-"])
def test_a_column_that_is_not_on_the_list_is_not_sorted_by(office, sort):
    assertContains(
        office.get(LIST, {"sort": sort}),
        f"This list cannot be sorted by “{sort.removeprefix('-')}”.",
        status_code=404,
    )


def test_a_page_holds_25_and_the_rest_follow(cast, office):
    for number in range(30):
        StudentFactory(given_name=f"N{number:02d}", family_name="Ostrich")
    assert len(names(office)) == 25
    assert names(office, page="2")[-3:] == ["N27 Ostrich", "N28 Ostrich", "N29 Ostrich"]
    assertContains(office.get(LIST), "33 students")
    assertContains(office.get(LIST, {"page": "2"}), "Page 2 of 2")


@pytest.mark.parametrize("page", ["99", "0", "-1", "x", "9" * 30])
def test_a_page_that_is_not_there_names_the_last_one(office, page):
    assertContains(
        office.get(LIST, {"page": page}),
        "There is no such page of this list. The last one is page 1.",
        status_code=404,
    )


def test_the_csv_holds_what_is_filtered_and_no_more(cast, office):
    Student.objects.filter(pk=cast.bo.pk).update(date_of_birth=date(2013, 5, 4), gender="male")
    GuardianFactory(student=cast.bo, phone="0210 000 002", priority=2)
    GuardianFactory(student=cast.bo, phone="0210 000 001", priority=1)
    assert len(sheet(office)) == 5
    columns = (
        "student_id,full_name,given_name,family_name,gender,date_of_birth,enrollment_date,class_name,guardian_contact"
    )
    assert sheet(office, search="lind") == [
        f"\ufeff{columns}",
        f"{cast.bo.student_id},Bo Lind,Bo,Lind,male,2013-05-04,2025-09-01,7A,0210 000 001",
        "",
    ]


def test_the_csv_holds_every_page(cast, office):
    for _number in range(30):
        StudentFactory()
    assert len(sheet(office, page="2")) == 1 + 33 + 1


def test_the_csv_of_a_teacher_holds_their_own_students_only(cast, ana, office):
    assert [line.split(",")[1] for line in sheet(office)[1:-1]] == ["Amina Diallo", "Bo Lind", "Cleo Marsh"]
    assert [line.split(",")[1] for line in sheet(ana)[1:-1]] == ["Amina Diallo", "Bo Lind"]


def test_a_name_or_phone_that_a_spreadsheet_would_run_is_disarmed(cast, office):
    student = StudentFactory(given_name='=HYPERLINK("http://x","y")', family_name="@Evil")
    GuardianFactory(student=student, phone="+351 210 000 000")
    assert sheet(office, search="Evil")[1] == (
        f'{student.student_id},"\'=HYPERLINK(""http://x"",""y"") @Evil","\'=HYPERLINK(""http://x"",""y"")",'
        "'@Evil,,,,,'+351 210 000 000"
    )


def test_the_csv_is_a_download_noted_like_the_page(cast, office):
    response = office.get(LIST, {"format": "csv"})
    assert response["Content-Disposition"] == 'attachment; filename="students.csv"'
    assert AccessLog.objects.count() == 1


def test_a_school_without_students_is_told_what_to_do(office):
    Student.objects.all().delete()
    response = office.get(LIST)
    assertContains(response, "There are no students here yet.")
    assertContains(response, '<a class="btn btn-primary" href="/students/new/">Add a student</a>', html=True, count=2)


def test_a_filter_without_a_match_offers_the_way_back(office):
    response = office.get(LIST, {"search": "nobody"})
    assertContains(response, "No student matches these filters.")
    assertContains(response, '<a class="btn btn-plain" href="/students/">Show all students</a>', html=True)
    assertNotContains(response, "Download as CSV")


def test_a_student_in_two_classes_of_a_teacher_stands_in_the_list_once(cast, ana):
    club = SchoolClassFactory(name="Chess", academic_year=cast.year)
    TeachingAssignmentFactory(teacher=cast.ana, school_class=club)
    EnrolmentFactory(student=cast.amina, school_class=club, is_primary=False)
    assert names(ana) == ["Amina Diallo", "Bo Lind"]


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_the_list_costs_the_same_for_any_number_of_students(cast, ana, count_queries, rows):
    Student.objects.filter(pk=cast.bo.pk).delete()
    for number in range(rows - 1):
        pupil("Extra", f"Number{number}", cast.class_7a)
    assert count_queries(lambda: ana.get(LIST)) == QUERIES


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_the_csv_costs_the_same_for_any_number_of_students(cast, ana, count_queries, rows):
    Student.objects.filter(pk=cast.bo.pk).delete()
    for number in range(rows - 1):
        GuardianFactory(student=pupil("Extra", f"Number{number}", cast.class_7a))
    assert count_queries(lambda: sheet(ana)) == QUERIES - 1
