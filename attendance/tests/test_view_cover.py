"""Cover: the office gives a class to another teacher for a day, in two clicks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from accounts.tests.factories import TeacherFactory
from attendance.tests.registers import address, page_posts, row_links, send, text_of
from students.models import TeachingAssignment
from students.tests.factories import ClosureFactory, SchoolClassFactory, SubjectFactory, TeachingAssignmentFactory
from tests.cast import MONDAY, YEAR_START

DAY = timedelta(days=1)
QUERIES = 7  # who you are, the school, the class, calendar, assignments, teachers, the log


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def free(cast):
    """A teacher without a register of the own today."""
    return TeacherFactory(full_name="Zoe Free")


def place(school_class, day=MONDAY):
    return f"{address(school_class, day)}cover/"


def offered(page):
    """What the buttons of the page say, from top to bottom."""
    return [text_of(button) for button in re.findall(r'name="teacher"[^>]*>(.*?)</button>', page.content.decode())]


def assignments():
    """Every assignment and its history."""
    return list(TeachingAssignment.objects.values()), list(TeachingAssignment.history.values())


def assert_refused(answer, sentence):
    assert answer.status_code == 422
    assert sentence in text_of(answer)


class TestTwoClicks:
    def test_a_link_beside_the_register_then_a_button(self, cast, office, free):
        page = office.get("/attendance/")
        assertContains(page, f'href="{place(cast.class_7a)}">Give cover')
        assert offered(office.get(place(cast.class_7a))) == ["Zoe Free", "Ben Okafor has 7B at the same time"]
        answer = office.post(place(cast.class_7a), {"teacher": free.pk}, follow=True)
        assertContains(answer, "Zoe Free covers 7A on Mon 16 Mar 2026.")

    def test_whoever_covers_finds_the_class_on_that_day_and_takes_the_register(
        self, cast, office, sign_in, free, frozen
    ):
        browser = sign_in(free.user)
        assert row_links(browser.get("/attendance/").content.decode()) == []
        assert browser.get(address(cast.class_7a)).status_code == 404
        office.post(place(cast.class_7a), {"teacher": free.pk})
        found = row_links(browser.get("/attendance/").content.decode().split('id="missed"')[0])
        assert found == [(address(cast.class_7a), "7A not taken yet")]
        assert browser.post(address(cast.class_7a), page_posts([cast.amina, cast.bo])).status_code == 302
        assert f'href="{address(cast.class_7a)}"' in sign_in(cast.ana.user).get("/attendance/").content.decode()
        frozen.move_to(datetime(2026, 3, 17, 9, 0, tzinfo=UTC))
        assert sign_in(free.user).get(address(cast.class_7a)).status_code == 404

    def test_it_is_one_day_in_the_name_of_the_office(self, cast, office, free):
        office.post(place(cast.class_7a, MONDAY + DAY), {"teacher": free.pk})
        given = TeachingAssignment.objects.get(teacher=free)
        assert (given.school_class, given.subject) == (cast.class_7a, None)
        assert (given.starts_on, given.ends_on) == (MONDAY + DAY, MONDAY + 2 * DAY)
        assert [(kept.history_type, kept.history_user) for kept in given.history.all()] == [("+", cast.office)]


class TestEnding:
    def test_the_cover_is_shown_and_ended_with_history(self, cast, office, free, sign_in):
        office.post(place(cast.class_7a), {"teacher": free.pk})
        page = office.get(place(cast.class_7a))
        assertContains(page, "Covers already")
        assert offered(page) == ["Ben Okafor has 7B at the same time"]
        given = TeachingAssignment.objects.get(teacher=free)
        answer = office.post(place(cast.class_7a), {"end": given.pk}, follow=True)
        assertContains(answer, "Zoe Free covers 7A no more on Mon 16 Mar 2026.")
        assert not TeachingAssignment.objects.filter(teacher=free).exists()
        last = TeachingAssignment.history.filter(id=given.pk).first()
        assert (last.history_type, last.history_user) == ("-", cast.office)
        assert sign_in(free.user).get(address(cast.class_7a)).status_code == 404

    def test_the_assignment_of_the_year_is_no_cover_to_end(self, cast, office):
        before = assignments()
        lasting = TeachingAssignment.objects.get(teacher=cast.ana)
        assert_refused(office.post(place(cast.class_7a), {"end": lasting.pk}), "This has changed meanwhile.")
        assert assignments() == before

    def test_a_cover_of_another_class_is_not_ended_here(self, cast, office, free):
        office.post(place(cast.class_7b), {"teacher": free.pk})
        before = assignments()
        given = TeachingAssignment.objects.get(teacher=free)
        assert_refused(office.post(place(cast.class_7a), {"end": given.pk}), "This has changed meanwhile.")
        assert assignments() == before


class TestWhoIsOffered:
    def test_those_who_are_free_first_and_a_class_that_does_not_meet_keeps_nobody_busy(self, cast, office):
        tuesdays = SchoolClassFactory(name="Chess", academic_year=cast.year, meets_on="2")
        for name, school_class in (("Will Chess", tuesdays), ("Abe Busy", cast.class_7b)):
            teacher = TeacherFactory(full_name=name)
            TeachingAssignmentFactory(teacher=teacher, school_class=school_class, subject=None, starts_on=YEAR_START)
        busy = ["Abe Busy has 7B at the same time", "Ben Okafor has 7B at the same time"]
        assert offered(office.get(place(cast.class_7a))) == ["Will Chess", *busy]

    def test_a_subject_in_another_class_is_no_register_and_whoever_has_the_class_needs_no_cover(
        self, cast, office, free
    ):
        music = SubjectFactory(name="Music")
        for school_class, teacher in ((cast.class_7b, free), (cast.class_7a, TeacherFactory(full_name="Mia Music"))):
            TeachingAssignmentFactory(teacher=teacher, school_class=school_class, subject=music, starts_on=YEAR_START)
        page = office.get(place(cast.class_7a))
        assert offered(page) == ["Zoe Free", "Ben Okafor has 7B at the same time"]
        assertContains(page, "Have 7A anyway and can take its register: Ana Silva, Mia Music.")

    def test_neither_the_deactivated_nor_whoever_has_the_class(self, cast, office, free):
        gone = TeacherFactory(full_name="Otto Off", user__is_active=False)
        assert offered(office.get(place(cast.class_7a))) == ["Zoe Free", "Ben Okafor has 7B at the same time"]
        before = assignments()
        for teacher in (gone, cast.ana):
            answer = office.post(place(cast.class_7a), {"teacher": teacher.pk})
            assert_refused(answer, "This has changed meanwhile. Look at who covers now, then choose again.")
        assert assignments() == before

    def test_nobody_left_to_offer_leads_to_the_teachers(self, cast, office):
        TeachingAssignment.objects.filter(teacher=cast.ben).update(school_class=cast.class_7a)
        assertContains(office.get(place(cast.class_7a)), "There is no other teacher who could take the class.")

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_the_same_queries_at_any_size(self, number, cast, office, count_queries):
        for each in range(number):
            school_class = SchoolClassFactory(name=f"X{each}", academic_year=cast.year)
            TeachingAssignmentFactory(
                teacher=TeacherFactory(), school_class=school_class, subject=None, starts_on=YEAR_START
            )
        assert count_queries(lambda: office.get(place(cast.class_7a))) == QUERIES


class TestRefusals:
    @pytest.mark.parametrize("teacher", ["", "0", "x", "9" * 40, "1\x00", "１"])
    def test_no_such_teacher(self, teacher, cast, office, free):
        before = assignments()
        answer = send(office, place(cast.class_7a), {"teacher": teacher})
        assert_refused(answer, "This has changed meanwhile. Look at who covers now, then choose again.")
        assert assignments() == before

    @pytest.mark.parametrize(
        ("days", "sentence"),
        [
            (-3, "Fri 13 Mar 2026 is over. Cover gives a class for today or a later day."),
            (5, "The school does not meet on Sat 21 Mar 2026, but on"),
            (7, "The school is closed on Mon 23 Mar 2026: Spring break."),
            (400, "is outside the school year 2025/26."),
        ],
    )
    def test_a_day_without_a_register_to_come(self, days, sentence, cast, office, free):
        ClosureFactory(name="Spring break", starts_on=MONDAY + 7 * DAY, ends_on=MONDAY + 12 * DAY)
        where = place(cast.class_7a, MONDAY + days * DAY)
        before = assignments()
        page = office.get(where)
        assert (page.status_code, offered(page)) == (200, [])
        assertContains(page, sentence)
        assert_refused(office.post(where, {"teacher": free.pk}), sentence)
        assert assignments() == before

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_the_ends_of_the_calendar(self, day, cast, office):
        assert office.get(f"/attendance/{cast.class_7a.pk}/{day}/cover/").status_code == 200

    def test_no_such_class(self, cast, office):
        assert office.get(f"/attendance/{'9' * 30}/2026-03-16/cover/").status_code == 404

    def test_only_the_office_gives_cover(self, cast, sign_in, free):
        before = assignments()
        for user in (cast.ana.user, cast.ben.user, cast.mariam.user):
            assert sign_in(user).post(place(cast.class_7a), {"teacher": free.pk}).status_code == 403
        assert assignments() == before

    def test_no_link_for_a_teacher_nor_for_a_day_that_is_over(self, cast, sign_in, office):
        assertContains(office.get("/attendance/"), "Give cover")
        assertNotContains(sign_in(cast.ana.user).get("/attendance/"), "Give cover")
        assertNotContains(office.get("/attendance/", {"date": "2026-03-13"}), "Give cover")
