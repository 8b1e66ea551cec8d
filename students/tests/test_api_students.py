"""/api/students/: what programs read and write about students."""

from __future__ import annotations

import pytest

from accounts.models import AccessLog
from students.models import Student
from students.tests.factories import EmergencyContactFactory, GuardianFactory, StudentFactory
from students.tests.posted import everything_stored
from tests.cast import MONDAY

LIST = "/api/students/"


@pytest.fixture
def office(cast, program):
    return program(cast.office)


@pytest.fixture
def ana(cast, program):
    return program(cast.ana.user)


@pytest.fixture
def mariam(cast, program):
    return program(cast.mariam.user)


def names(answer):
    return [item["full_name"] for item in answer.json()]


def of(student):
    return f"{LIST}{student.student_id}/"


# --- Reading ----------------------------------------------------------------------------------------


def test_a_student_is_one_item_in_the_words_of_the_contract(cast, office):
    cast.amina.gender, cast.amina.date_of_birth = "female", "2012-05-15"
    cast.amina.save()
    GuardianFactory(student=cast.amina, name="Mariam Diallo", relationship="mother", phone="1", email="m@x.example")
    GuardianFactory(student=cast.amina, name="Ida Diallo", relationship="aunt", phone="2", priority=2)
    EmergencyContactFactory(student=cast.amina, name="Abu", relationship="uncle", phone="3")
    item = {
        "student_id": cast.amina.student_id,
        "full_name": "Amina Diallo",
        "given_name": "Amina",
        "family_name": "Diallo",
        "gender": "Female",
        "date_of_birth": "2012-05-15",
        "enrollment_date": "2025-09-01",
        "class_id": cast.class_7a.pk,
        "class_name": "7A",
        "guardian_contact": "1",
        "guardians": [
            {"name": "Mariam Diallo", "relationship": "mother", "phone": "1", "email": "m@x.example"},
            {"name": "Ida Diallo", "relationship": "aunt", "phone": "2", "email": ""},
        ],
        "emergency_contacts": [{"name": "Abu", "relationship": "uncle", "phone": "3"}],
    }
    assert office.get(of(cast.amina)).json() == item
    assert office.get(LIST).json()[0] == item


def test_each_person_lists_the_students_whom_they_may_see(cast, office, ana, mariam, program):
    assert names(office.get(LIST)) == ["Amina Diallo", "Bo Lind", "Cleo Marsh"]
    assert names(ana.get(LIST)) == ["Amina Diallo", "Bo Lind"]
    assert names(mariam.get(LIST)) == ["Amina Diallo"]
    assert names(program(cast.former.user).get(LIST)) == []


def test_a_parent_reads_the_own_contact_and_nobody_elses(cast, mariam):
    GuardianFactory(student=cast.amina, name="Her father", phone="1")
    GuardianFactory(student=cast.amina, name="Mariam Diallo", phone="2", priority=2, parent=cast.mariam)
    EmergencyContactFactory(student=cast.amina)
    item = mariam.get(of(cast.amina)).json()
    assert [guardian["name"] for guardian in item["guardians"]] == ["Mariam Diallo"]
    assert (item["guardian_contact"], item["emergency_contacts"]) == ("2", [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "amina"}, ["Amina Diallo"]),
        ({"grade_level": "7"}, ["Amina Diallo", "Bo Lind", "Cleo Marsh"]),
        ({"status": "left"}, ["Lea Gone"]),
    ],
)
def test_the_filters_are_those_of_the_page(cast, office, query, found):
    StudentFactory(given_name="Lea", family_name="Gone", enrollment_date="2020-09-01", left_on=MONDAY)
    assert names(office.get(LIST, query)) == found


def test_a_class_narrows_the_list_for_those_who_may_see_it(cast, office, ana):
    query = {"class_id": cast.class_7b.pk}
    assert names(office.get(LIST, query)) == ["Cleo Marsh"]
    refused = ana.get(LIST, query)
    assert refused.status_code == 400
    assert list(refused.json()["fields"]) == ["class_id"]


def test_reading_is_noted_a_row_for_a_list_and_a_row_for_a_child(cast, office):
    office.get(LIST)
    office.get(of(cast.amina))
    assert list(AccessLog.objects.order_by("pk").values_list("reader__username", "page", "student_id")) == [
        ("office", "api:students", ""),
        ("office", "api:student", cast.amina.student_id),
    ]


# --- Adding -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [("Ada Lee", "Ada", "Lee"), ("Ada", "Ada", ""), (" Ana  Maria  Lee ", "Ana  Maria", "Lee")],
)
def test_the_last_space_of_a_name_splits_it(cast, office, name, given, family):
    answer = office.post(LIST, {"name": name})
    student = Student.objects.get(student_id=answer.json()["student_id"])
    assert answer.status_code == 201
    assert answer.json()["message"] == f"{student.full_name} is added as {student.student_id}."
    assert (student.given_name, student.family_name, student.enrollment_date) == (given, family, MONDAY)


def test_a_student_is_added_with_class_and_people(cast, ana):
    sent = {
        "given_name": "Dara",
        "family_name": "Sok",
        "gender": "Male",
        "dateOfBirth": "2013-01-31",
        "classId": cast.class_7a.pk,
        "guardians": [{"name": "Ro Sok", "phone": "+351 1", "email": "ro@x.example"}, {"name": "Vi Sok"}],
        "emergencyContacts": [{"name": "Neighbour", "relationship": "neighbour", "phone": "2"}],
    }
    answer = ana.post(LIST, sent)
    assert answer.status_code == 201
    item = ana.get(f"{LIST}{answer.json()['student_id']}/").json()
    assert (item["full_name"], item["gender"], item["date_of_birth"]) == ("Dara Sok", "Male", "2013-01-31")
    assert (item["class_id"], item["guardian_contact"]) == (cast.class_7a.pk, "+351 1")
    assert [each["name"] for each in item["guardians"]] == ["Ro Sok", "Vi Sok"]
    assert item["emergency_contacts"] == [{"name": "Neighbour", "relationship": "neighbour", "phone": "2"}]
    history = Student.history.filter(student_id=item["student_id"]).latest()
    assert (history.history_type, history.history_user) == ("+", cast.ana.user)


BAD = {
    "name-required": ({}, "name"),
    "name-or-parts": ({"name": "Ada Lee", "given_name": "Ada"}, "name"),
    "name-length": ({"name": "a" * 101}, "name"),
    "name-printable": ({"name": "Ada\u202eLee"}, "name"),
    "name-is-a-text": ({"name": 7}, "name"),
    "name-not-empty": ({"name": "  "}, "name"),
    "unknown-field": ({"name": "Ada", "favourite": "blue"}, "favourite"),
    "gender-known": ({"name": "Ada", "gender": "F"}, "gender"),
    "born-is-a-day": ({"name": "Ada", "dateOfBirth": "2012-02-30"}, "dateOfBirth"),
    "born-in-iso": ({"name": "Ada", "dateOfBirth": "20120228"}, "dateOfBirth"),
    "born-in-ascii": ({"name": "Ada", "dateOfBirth": "２０１２-02-28"}, "dateOfBirth"),
    "born-before-today": ({"name": "Ada", "dateOfBirth": "2026-03-17"}, "dateOfBirth"),
    "class-known": ({"name": "Ada", "classId": 999_999}, "classId"),
    "class-in-range": ({"name": "Ada", "classId": 10**30}, "classId"),
    "class-is-a-number": ({"name": "Ada", "classId": "1"}, "classId"),
    "class-is-no-truth": ({"name": "Ada", "classId": True}, "classId"),
    "guardians-are-a-list": ({"name": "Ada", "guardians": {"name": "Ro"}}, "guardians"),
    "guardian-has-name": ({"name": "Ada", "guardians": [{"phone": "1"}]}, "guardians"),
    "guardian-email": ({"name": "Ada", "guardians": [{"name": "Ro", "email": "ro"}]}, "guardians"),
    "guardians-not-too-many": ({"name": "Ada", "guardians": [{"name": "Ro"}] * 13}, "guardians"),
    "contact-fields": (
        {"name": "Ada", "emergencyContacts": [{"name": "Ro", "email": "r@x.example"}]},
        "emergencyContacts",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_the_page_would_refuse_is_refused_by_name_and_nothing_is_stored(cast, office, case):
    sent, field = BAD[case]
    office.post(LIST, {})
    before = everything_stored()
    answer = office.post(LIST, sent)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert {**everything_stored(), "accounts.ApiToken": []} == {**before, "accounts.ApiToken": []}


def test_the_errors_of_a_list_are_told_by_index(cast, office):
    answer = office.post(LIST, {"name": "Ada", "guardians": [{"name": "Ro"}, {"name": "Vi", "email": "x"}]})
    assert answer.json()["fields"] == {"guardians": {"1": {"email": ["Enter a valid email address."]}}}


def test_a_teacher_adds_into_an_own_class_only(cast, ana):
    for sent in ({"name": "Ada"}, {"name": "Ada", "classId": cast.class_7b.pk}):
        answer = ana.post(LIST, sent)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["classId"])


# --- Changing ---------------------------------------------------------------------------------------


def test_what_is_not_sent_stays(cast, ana):
    GuardianFactory(student=cast.amina, name="Mariam Diallo")
    before = ana.get(of(cast.amina)).json()
    answer = ana.patch(of(cast.amina), {"gender": "other"})
    assert (answer.status_code, answer.json()) == (200, {"message": "The changes to Amina Diallo are saved."})
    assert ana.get(of(cast.amina)).json() == {**before, "gender": "Other"}
    assert ana.put(of(cast.amina), {"gender": "other"}).status_code == 400
    assert ana.put(of(cast.amina), {"name": "Amina D"}).status_code == 200
    assert ana.get(of(cast.amina)).json()["gender"] == "Other"


def test_a_list_of_people_replaces_the_other_and_keeps_what_belongs_to_a_name(cast, office):
    kept = GuardianFactory(student=cast.amina, name="Mariam Diallo", parent=cast.mariam, address="1 High Street")
    GuardianFactory(student=cast.amina, name="Goes", priority=2)
    people = [{"name": "Comes", "phone": "5"}, {"name": "Mariam Diallo", "phone": "6"}]
    assert office.put(of(cast.amina), {"name": "Amina Diallo", "guardians": people}).status_code == 200
    found = list(cast.amina.guardians.order_by("priority").values_list("name", "phone", "parent", "address"))
    assert found == [("Comes", "5", None, ""), ("Mariam Diallo", "6", cast.mariam.pk, "1 High Street")]
    assert cast.amina.guardians.get(pk=kept.pk).phone == "6"


def test_if_match_lets_through_who_read_what_is_stored_and_shows_others_what_is(cast, ana, office):
    read = ana.get(of(cast.amina))
    tag = read.headers["ETag"]
    assert ana.get(of(cast.amina), HTTP_IF_NONE_MATCH=tag).status_code == 304
    changed = office.patch(of(cast.amina), {"gender": "Female"}, HTTP_IF_MATCH=tag)
    assert changed.status_code == 200
    refused = ana.patch(of(cast.amina), {"gender": "Male"}, HTTP_IF_MATCH=tag)
    assert refused.status_code == 412
    assert refused.json()["current"] == {**read.json(), "gender": "Female"}
    assert refused.headers["ETag"] == changed.headers["ETag"] == ana.get(of(cast.amina)).headers["ETag"]
    assert ana.delete(of(cast.amina)).status_code == 403
    assert office.delete(of(cast.amina), HTTP_IF_MATCH=tag).status_code == 412


def test_the_office_moves_a_student_into_another_class_from_today(cast, office, ana):
    answer = ana.patch(of(cast.amina), {"classId": cast.class_7b.pk})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["classId"])
    assert ana.patch(of(cast.amina), {"classId": cast.class_7a.pk}).status_code == 200
    assert office.patch(of(cast.amina), {"classId": cast.class_7b.pk}).status_code == 200
    assert office.get(of(cast.amina)).json()["class_name"] == "7B"
    assert office.patch(of(cast.amina), {"classId": None}).status_code == 400


def test_the_office_removes_a_student(cast, office):
    answer = office.delete(of(cast.amina))
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "Amina Diallo and every record about them are removed."},
    )
    assert not Student.objects.filter(pk=cast.amina.pk).exists()
    assert office.get(of(cast.amina)).status_code == 404
