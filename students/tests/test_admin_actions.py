"""The actions of the office that ask first: what they do, what they refuse, and who may."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client

from accounts.models import User
from accounts.tests.office_sweep import INLINE_CODE
from students.models import Enrolment, TeachingAssignment
from students.tests.factories import EnrolmentFactory, SchoolClassFactory, StudentFactory
from students.tests.posted import everything_stored
from tests.cast import MONDAY

STUDENTS, ENROLMENTS = "/admin/students/student/", "/admin/students/enrolment/"
CLASSES = "/admin/students/schoolclass/"
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(cast.office)


def chosen(action, *rows):
    """What the list posts when an action is chosen for some rows."""
    return {"action": action, "index": "0", ACTION_CHECKBOX_NAME: [row.pk for row in rows]}


def answered(action, *rows, kept=None, **typed):
    """What the page that asks posts."""
    ticked = [row.pk for row in (rows if kept is None else kept)]
    return {"action": action, "asked": "1", ACTION_CHECKBOX_NAME: [row.pk for row in rows], "rows": ticked, **typed}


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def errors(answer):
    assert answer.status_code == 422
    return [message for messages in answer.context["form"].errors.values() for message in messages]


def number(student):
    return f"{student} ({student.student_id})"


class TestMove:
    def test_first_it_asks_and_names_the_rows(self, cast, clerk):
        before = everything_stored()
        answer = clerk.post(STUDENTS, chosen("move_to_class", cast.amina, cast.cleo))
        page = answer.content.decode()
        assert answer.status_code == 200
        assert (number(cast.amina) in page, number(cast.cleo) in page, number(cast.bo) in page) == (True, True, False)
        assert '<option value="' + str(cast.class_7b.pk) + '">7B (2025/26)</option>' in page
        assert 'value="2026-03-16"' in page
        assert INLINE_CODE.findall(page) == []
        assert everything_stored() == before

    def test_then_it_moves_those_still_ticked(self, cast, clerk):
        posted = answered(
            "move_to_class", cast.amina, cast.bo, kept=[cast.bo], school_class=cast.class_7b.pk, day="2026-03-17"
        )
        answer = clerk.post(STUDENTS, posted, follow=True)
        assert told(answer) == [f"In 7B from Tue 17 Mar 2026: {number(cast.bo)}."]
        assert list(cast.bo.enrolments.order_by("pk").values_list("school_class", "ends_on")) == [
            (cast.class_7a.pk, TUESDAY),
            (cast.class_7b.pk, None),
        ]
        assert cast.amina.enrolments.get().ends_on is None
        assert cast.bo.enrolments.latest("pk").history.get().history_user == cast.office

    def test_who_is_in_it_already_is_named_and_can_be_ticked_off(self, cast, clerk):
        typed = {"school_class": cast.class_7b.pk, "day": "2026-03-17"}
        refused = clerk.post(STUDENTS, answered("move_to_class", cast.bo, cast.cleo, **typed))
        assert errors(refused) == [f"{number(cast.cleo)} is in 7B on or after Tue 17 Mar 2026 already."]
        assert 'value="2026-03-17"' in refused.content.decode(), "what was typed is kept"
        assert cast.bo.enrolments.count() == 1
        clerk.post(STUDENTS, answered("move_to_class", cast.bo, cast.cleo, kept=[cast.bo], **typed))
        assert cast.bo.enrolments.count() == 2

    def test_a_list_that_is_narrowed_by_the_address_stays_so(self, cast, clerk):
        narrowed = f"{STUDENTS}?class={cast.class_7a.pk}"
        typed = {"school_class": cast.class_7b.pk, "day": "2026-03-16"}
        answer = clerk.post(narrowed, answered("move_to_class", cast.bo, **typed))
        assert (answer.status_code, answer.url) == (302, narrowed)


class TestEnd:
    def test_of_students(self, cast, clerk):
        assert clerk.post(STUDENTS, chosen("end_classes_of_students", cast.amina)).status_code == 200
        answer = clerk.post(
            STUDENTS, answered("end_classes_of_students", cast.amina, ends_on="2026-03-20"), follow=True
        )
        assert told(answer) == [f"Ended with Fri 20 Mar 2026: {number(cast.amina)}: 7A."]
        assert cast.amina.enrolments.get().ends_on == date(2026, 3, 21)

    def test_of_enrolments(self, cast, clerk):
        rows = list(Enrolment.objects.order_by("pk"))
        page = clerk.post(ENROLMENTS, chosen("end_chosen_enrolments", *rows)).content.decode()
        assert "Amina Diallo, 7A" in page
        clerk.post(ENROLMENTS, answered("end_chosen_enrolments", *rows, ends_on="2026-03-20"))
        assert set(Enrolment.objects.values_list("ends_on", flat=True)) == {date(2026, 3, 21)}


class TestCover:
    def test_of_several_classes_for_a_day(self, cast, clerk):
        page = clerk.post(CLASSES, chosen("cover_classes", cast.class_7a)).content.decode()
        assert ("Ben Okafor (ben)" in page, "Gus Gone" in page) == (True, False)
        answer = clerk.post(
            CLASSES,
            answered("cover_classes", cast.class_7a, teacher=cast.ben.pk, day="2026-03-17"),
            follow=True,
        )
        assert told(answer) == ["Ben Okafor has on Tue 17 Mar 2026: 7A."]
        cover = TeachingAssignment.objects.get(teacher=cast.ben, school_class=cast.class_7a)
        assert (cover.starts_on, cover.ends_on) == (TUESDAY, TUESDAY + timedelta(days=1))

    def test_one_class_refused_refuses_all(self, cast, clerk):
        typed = {"teacher": cast.ben.pk, "day": "2026-03-17"}
        answer = clerk.post(CLASSES, answered("cover_classes", cast.class_7a, cast.class_7b, **typed))
        assert errors(answer) == ["Ben Okafor has 7B on Tue 17 Mar 2026 already. Choose another teacher or day."]
        assert not TeachingAssignment.objects.filter(teacher=cast.ben, school_class=cast.class_7a).exists()


LIST_GONE = "One of the rows is not there any more. Go back to the list."
NO_DAY = "Give the day as year-month-day, such as 2026-09-14."


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"day": ""}, "Give a day."),
        ({"day": "17.03.2026"}, NO_DAY),
        ({"day": "2026-02-30"}, NO_DAY),
        ({"day": "２０２６-03-17"}, NO_DAY),
        ({"day": "2026-03-17\x00"}, NO_DAY),
        ({"day": "1" * 10_000}, NO_DAY),
        ({"day": "0001-01-01"}, "Mon 1 Jan 0001 is outside the school year 2025/26 of 7B. Choose another day."),
        ({"day": "9999-12-31"}, "Fri 31 Dec 9999 is outside the school year 2025/26 of 7B. Choose another day."),
        ({"school_class": ""}, "Choose one of the list."),
        ({"school_class": "999999"}, "Choose one of the list."),
        ({"school_class": "x\x00"}, "Null characters are not allowed."),
        ({"school_class": "9" * 40}, "Choose one of the list."),
        ({"rows": []}, "Tick at least one row."),
        ({"rows": ["999999"]}, LIST_GONE),
        ({"rows": ["'"]}, LIST_GONE),
        ({"rows": ["9" * 40]}, LIST_GONE),
    ],
)
def test_a_wrong_answer_is_said_and_changes_nothing(cast, clerk, typed, error):
    right = {"school_class": cast.class_7b.pk, "day": "2026-03-17"}
    posted = {**answered("move_to_class", cast.amina, **right), **typed}
    before = everything_stored()
    assert errors(clerk.post(STUDENTS, posted)) == [error]
    assert everything_stored() == before


@pytest.mark.parametrize(
    ("ends_on", "error"),
    [
        ("9999-12-31", "Give a date before the year 9999."),
        ("0001-01-01", "is in no class on Mon 1 Jan 0001 that lasts longer."),
        ("", "Give a day."),
    ],
)
def test_a_wrong_last_day_is_said_and_changes_nothing(cast, clerk, ends_on, error):
    before = everything_stored()
    [said] = errors(clerk.post(STUDENTS, answered("end_classes_of_students", cast.amina, ends_on=ends_on)))
    assert said.endswith(error)
    assert everything_stored() == before


@pytest.mark.parametrize("key", ["x", "", "\x00", "9" * 40, "１２", "-1"])
def test_a_row_that_no_list_offers_is_answered_in_words(cast, clerk, key):
    before = everything_stored()
    posted = {"action": "move_to_class", "index": "0", ACTION_CHECKBOX_NAME: [key]}
    answer = clerk.post(STUDENTS, posted)
    assert answer.status_code == 302
    said = [str(message) for message in clerk.get(STUDENTS).context["messages"]]
    assert said == ["One of the rows is not there any more. Choose again. Nothing was changed."]
    assert everything_stored().keys() == before.keys()
    assert Enrolment.objects.filter(ends_on__isnull=False).count() == 0


def test_rows_that_are_gone_by_now_are_told(cast, clerk):
    posted = {"action": "move_to_class", "index": "0", ACTION_CHECKBOX_NAME: ["999999"]}
    clerk.post(STUDENTS, posted)
    said = [str(message) for message in clerk.get(STUDENTS).context["messages"]]
    assert said == ["The chosen rows are not there any more. Choose again. Nothing was changed."]


def test_two_hundred_rows_at_most(cast, clerk):
    students = StudentFactory.create_batch(201)
    answer = clerk.post(STUDENTS, chosen("move_to_class", *students), follow=True)
    assert told(answer) == ["Choose at most 200 rows at a time. Nothing was changed."]
    assert clerk.post(STUDENTS, chosen("move_to_class", *students[:200])).status_code == 200


@pytest.mark.parametrize("person", ["ana", "mariam", "gone", None])
def test_nobody_but_the_office_acts(cast, sign_in, clerk, person):
    user = {"ana": cast.ana.user, "mariam": cast.mariam.user, "gone": cast.gone}.get(person)
    if person == "gone":
        User.objects.filter(pk=user.pk).update(is_active=True)
    browser = sign_in(user) if user else Client()
    if person == "gone":
        User.objects.filter(pk=user.pk).update(is_active=False)
    refused = 403 if person in {"ana", "mariam"} else 302
    actions = [
        (STUDENTS, answered("move_to_class", cast.amina, school_class=cast.class_7b.pk, day="2026-03-17")),
        (STUDENTS, answered("end_classes_of_students", cast.bo, ends_on="2026-03-20")),
        (ENROLMENTS, answered("end_chosen_enrolments", cast.cleo.enrolments.get(), ends_on="2026-03-20")),
        (CLASSES, answered("cover_classes", cast.class_7a, teacher=cast.ben.pk, day="2026-03-17")),
    ]
    for address, posted in actions:
        before = everything_stored()
        assert (address, browser.post(address, posted).status_code) == (address, refused)
        assert everything_stored() == before
        clerk.post(address, posted)
        assert everything_stored() != before, "the same request of the office does change something"


@pytest.mark.parametrize("rows", [1, 3, 60])
@pytest.mark.parametrize(
    ("address", "action", "factory", "queries"),
    [
        (STUDENTS, "move_to_class", StudentFactory, 11),
        (ENROLMENTS, "end_chosen_enrolments", EnrolmentFactory, 10),
        (CLASSES, "cover_classes", SchoolClassFactory, 11),
    ],
)
def test_asking_costs_the_same_for_any_number_of_rows(clerk, count_queries, rows, address, action, factory, queries):
    made = factory.create_batch(rows)
    assert count_queries(lambda: clerk.post(address, chosen(action, *made))) == queries
