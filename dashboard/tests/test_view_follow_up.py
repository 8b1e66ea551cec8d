"""/students/<student_id>/follow-up/: what staff did about an alert, noted and withdrawn on the student's page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.tests.factories import ParentFactory
from attendance.tests.registers import send, text_of
from dashboard.models import FollowUp
from dashboard.tests.factories import FollowUpFactory
from students.services import delete_student
from students.tests.factories import StudentParentLinkFactory, TeachingAssignmentFactory
from tests.cast import MONDAY, YEAR_START

ONE_DAY = timedelta(days=1)
NOTE = "Mariam Diallo will call the doctor."
TYPED = {"kind": "spoke", "note": NOTE, "done_on": "2026-03-13", "look_again_on": "2026-03-27"}


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def page_of(student):
    return f"/students/{student.student_id}/"


def place(student):
    return f"{page_of(student)}follow-up/"


def kept():
    return list(FollowUp.objects.values()), list(FollowUp.history.values())


class TestNoting:
    def test_it_stands_on_the_page_with_who_when_and_when_to_look_again(self, ana, cast):
        answer = send(ana, place(cast.amina), TYPED | {"note": f"  {NOTE} "})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{page_of(cast.amina)}#follow-up")
        said = text_of(ana.get(page_of(cast.amina)))
        assert "Noted for Amina Diallo: Spoke to the family. To be looked at again on Fri 27 Mar." in said
        assert f"Spoke to the family , Fri 13 Mar: {NOTE} Ana Silva · look again on Fri 27 Mar Withdraw" in said
        row = FollowUp.objects.get()
        assert (row.student, row.kind, row.note, row.noted_by) == (cast.amina, "spoke", NOTE, cast.ana.user)
        assert (row.done_on, row.look_again_on) == (date(2026, 3, 13), date(2026, 3, 27))

    def test_the_form_starts_with_today_and_in_14_days(self, ana, cast):
        page = ana.get(page_of(cast.amina)).content.decode()
        assert 'name="done_on" value="2026-03-16"' in page
        assert 'name="look_again_on" value="2026-03-30"' in page
        assert "Nothing is noted yet." in page

    def test_the_latest_comes_first(self, ana, cast):
        for day in (12, 16, 13):
            FollowUpFactory(student=cast.amina, note=f"On the {day}.", done_on=date(2026, 3, day))
        said = text_of(ana.get(page_of(cast.amina)))
        assert [day for _place, day in sorted((said.index(f"On the {day}."), day) for day in (12, 13, 16))] == [
            16,
            13,
            12,
        ]

    def test_the_history_says_who(self, ana, cast):
        send(ana, place(cast.amina), TYPED)
        row = FollowUp.history.get()
        assert (row.history_type, row.history_user, row.note) == ("+", cast.ana.user, NOTE)

    def test_sent_twice_it_stands_once_and_another_of_the_same_day_beside_it(self, ana, cast):
        for sent in (TYPED, TYPED, TYPED | {"kind": "meeting"}):
            assert send(ana, place(cast.amina), sent).status_code == 302
        assert sorted(FollowUp.objects.values_list("kind", flat=True)) == ["meeting", "spoke"]

    def test_a_note_is_needed_for_something_else_alone(self, ana, cast):
        assert send(ana, place(cast.amina), TYPED | {"kind": "meeting", "note": ""}).status_code == 302
        answer = send(ana, place(cast.amina), TYPED | {"kind": "other", "note": "  "})
        assert answer.status_code == 422
        assert "Say what was done." in text_of(answer)
        assert send(ana, place(cast.amina), TYPED | {"kind": "other", "note": "Wrote a letter."}).status_code == 302

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            pytest.param({"kind": ""}, "Choose what was done.", id="nothing done"),
            pytest.param({"kind": "shouted"}, "Choose what was done from the list.", id="a kind that is none"),
            pytest.param({"done_on": ""}, "Give the day on which it was done.", id="no day"),
            pytest.param({"look_again_on": ""}, "Give the day on which to look again.", id="no day to look again"),
            pytest.param({"done_on": "13.3."}, "Give the day as year-month-day, such as 2026-09-14.", id="no date"),
            pytest.param(
                {"done_on": "２０２６-03-13"}, "Give the day as year-month-day, such as 2026-09-14.", id="full-width"
            ),
            pytest.param({"done_on": "2026-03-17"}, "This day is still to come.", id="tomorrow"),
            pytest.param({"done_on": "2025-03-15"}, "This day is more than a year back.", id="too long ago"),
            pytest.param({"look_again_on": "2027-03-17"}, "This day is more than a year ahead.", id="too far ahead"),
            pytest.param({"look_again_on": "9999-12-31"}, "This day is more than a year ahead.", id="the last day"),
            pytest.param(
                {"look_again_on": "2026-03-12"}, "This is before the day on which it was done.", id="before it"
            ),
            pytest.param({"note": "x" * 301}, "This has 301 characters. Shorten it to 300.", id="too long"),
            pytest.param({"note": "a\x00b"}, "This holds characters that cannot be printed.", id="a null"),
            pytest.param({"note": "a\nb"}, "This holds characters that cannot be printed.", id="a line break"),
        ],
    )
    def test_what_cannot_be_is_refused_and_what_was_typed_stays(self, ana, cast, wrong, sentence):
        before = kept()
        answer = send(ana, place(cast.amina), TYPED | wrong)
        assert answer.status_code == 422
        said = text_of(answer)
        assert "Not saved." in said
        assert sentence in said
        typed = {name: value for name, value in (TYPED | wrong).items() if name in {"done_on", "look_again_on"}}
        for name, value in typed.items():
            assert f'name="{name}"' + (f' value="{value}"' if value else "") in answer.content.decode()
        assert (TYPED | wrong)["note"] in answer.content.decode()
        assert kept() == before

    @pytest.mark.parametrize(
        ("done_on", "look_again_on"),
        [("2026-03-16", "2026-03-16"), ("2025-03-16", "2027-03-16"), ("2026-03-16", "2027-03-16")],
    )
    def test_the_outermost_days_that_are_taken(self, ana, cast, done_on, look_again_on):
        sent = TYPED | {"done_on": done_on, "look_again_on": look_again_on}
        assert send(ana, place(cast.amina), sent).status_code == 302
        assert FollowUp.objects.get().look_again_on == date.fromisoformat(look_again_on)

    @pytest.mark.parametrize(("who", "status"), [("ben", 404), ("mariam", 403), ("former", 403)])
    def test_only_staff_who_see_the_student_may_note(self, cast, sign_in, who, status):
        users = {"ben": cast.ben.user, "mariam": cast.mariam.user, "former": cast.former.user}
        before = kept()
        assert send(sign_in(users[who]), place(cast.amina), TYPED).status_code == status
        assert kept() == before


class TestBackToTheListAtRisk:
    @pytest.mark.parametrize(
        ("came_from", "back"),
        [
            ("/dashboard/at-risk/", "/dashboard/at-risk/"),
            ("/dashboard/at-risk/?class_id=3&page=2", "/dashboard/at-risk/?class_id=3&page=2"),
        ],
    )
    def test_it_leads_back_with_its_filters(self, ana, cast, came_from, back):
        page = ana.get(page_of(cast.amina), {"next": came_from})
        assert f'name="next" value="{came_from.replace("&", "&amp;")}"' in page.content.decode()
        answer = send(ana, place(cast.amina), TYPED | {"next": came_from})
        assert answer.headers["Location"] == back

    @pytest.mark.parametrize(
        "came_from",
        [
            "", "https://evil.example/dashboard/at-risk/", "//evil.example/dashboard/at-risk/",
            "\\\\evil.example/dashboard/at-risk/", "javascript:alert(1)", "/dashboard/at-risk/../../admin/", "/admin/",
            "http://[", "/dashboard/at-risk", "x" * 5000, "\x00",
        ],
    )  # fmt: skip
    def test_anywhere_else_it_stays_with_the_student(self, ana, cast, came_from):
        answer = send(ana, place(cast.amina), TYPED | {"next": came_from})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{page_of(cast.amina)}#follow-up")

    def test_a_line_break_ends_in_no_header(self, ana, cast):
        answer = send(ana, place(cast.amina), TYPED | {"next": "/dashboard/at-risk/?a=\r\nSet-Cookie: x=y"})
        assert answer.headers["Location"] == "/dashboard/at-risk/?a=Set-Cookie%3A+x%3Dy"

    def test_after_a_mistake_it_still_leads_back(self, ana, cast):
        answer = send(ana, place(cast.amina), TYPED | {"kind": "", "next": "/dashboard/at-risk/?page=2"})
        assert answer.status_code == 422
        assert 'name="next" value="/dashboard/at-risk/?page=2"' in answer.content.decode()


class TestWithdrawing:
    @pytest.fixture
    def action(self, ana, cast):
        send(ana, place(cast.amina), TYPED)
        return FollowUp.objects.get()

    def withdraw(self, browser, action):
        return browser.post(f"{place(action.student)}{action.pk}/withdraw/", follow=True)

    def test_it_leaves_the_page_and_stays_in_the_history(self, ana, cast, action):
        said = text_of(self.withdraw(ana, action))
        assert "Withdrawn: Spoke to the family, Fri 13 Mar." in said
        assert NOTE not in said
        assert [(row.history_type, row.history_user) for row in FollowUp.history.order_by("history_id")] == [
            ("+", cast.ana.user),
            ("-", cast.ana.user),
        ]

    def test_the_office_may_and_another_teacher_of_the_class_may_not(self, cast, sign_in, action):
        TeachingAssignmentFactory(teacher=cast.ben, school_class=cast.class_7a, subject=None, starts_on=YEAR_START)
        ben = sign_in(cast.ben.user)
        page = ben.get(page_of(cast.amina))
        assert NOTE in text_of(page)
        assert "/withdraw/" not in page.content.decode()
        assert self.withdraw(ben, action).status_code == 404
        assert FollowUp.objects.count() == 1
        assert self.withdraw(sign_in(cast.office), action).status_code == 200
        assert FollowUp.objects.count() == 0

    def test_not_through_another_students_address(self, cast, sign_in, action):
        answer = sign_in(cast.office).post(f"{place(cast.bo)}{action.pk}/withdraw/")
        assert (answer.status_code, FollowUp.objects.count()) == (404, 1)

    def test_who_no_longer_teaches_the_student_may_not(self, ana, cast, action):
        cast.ana.assignments.update(ends_on=MONDAY)
        assert (self.withdraw(ana, action).status_code, FollowUp.objects.count()) == (404, 1)


def test_no_parent_reads_it_on_the_report_or_anywhere(ana, cast, sign_in):
    send(ana, place(cast.amina), TYPED)
    assert NOTE in text_of(ana.get(page_of(cast.amina)))
    mariam = sign_in(cast.mariam.user)
    assert list(FollowUp.objects.visible_to(cast.mariam.user)) == []
    report = mariam.get(f"/report/{cast.amina.student_id}/")
    assert (report.status_code, NOTE in text_of(report)) == (200, False)
    assert NOTE not in text_of(sign_in(cast.office).get(f"/report/{cast.amina.student_id}/"))


def test_a_teacher_who_is_a_parent_too_reads_none_of_the_own_child(cast, sign_in):
    FollowUpFactory(student=cast.cleo, note=NOTE)
    parent = ParentFactory(user=cast.ana.user, full_name="Ana Silva")
    StudentParentLinkFactory(student=cast.cleo, parent=parent, starts_on=YEAR_START)
    ana = sign_in(cast.ana.user)
    report = ana.get(f"/report/{cast.cleo.student_id}/")
    assert (report.status_code, NOTE in text_of(report)) == (200, False)
    assert ana.get(page_of(cast.cleo)).status_code == 404
    assert list(FollowUp.objects.visible_to(cast.ana.user)) == []
    assert NOTE in text_of(sign_in(cast.ben.user).get(page_of(cast.cleo)))


def test_it_goes_with_the_student(ana, cast):
    for student in (cast.amina, cast.bo):
        send(ana, place(student), TYPED)
    delete_student(by=cast.office, student=cast.amina)
    assert [action.student for action in FollowUp.objects.all()] == [cast.bo]
    assert [row.student_id for row in FollowUp.history.all()] == [cast.bo.pk]


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"kind": "shouted"}, "follow_up_kind_known"),
        ({"look_again_on": MONDAY - ONE_DAY}, "follow_up_looks_again_after"),
    ],
)
def test_what_the_database_refuses(cast, wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        FollowUpFactory(student=cast.amina, **wrong)
