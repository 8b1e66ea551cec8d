"""What the register shows and asks beside its lines: last sessions, the classes beside it, the rest, confirmations."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from accounts.tests.factories import TeacherFactory
from attendance.models import AttendanceRecord, Status
from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory, RegisterFactory
from attendance.tests.registers import (
    YES,
    address,
    chosen_on,
    opened_with,
    page_posts,
    save_over,
    stored,
    text_of,
    typed_on,
)
from students.models import SchoolClass
from students.tests.factories import EnrolmentFactory, SchoolClassFactory, TeachingAssignmentFactory
from tests.cast import MONDAY, YEAR_START, pupil

DAYS = timedelta(days=1)
FRIDAY = MONDAY - 3 * DAYS
RECENT = re.compile(r'id="name-(STU\d+)">[^<]*</div>\s*<div class="recent">(.*?)</div>', re.DOTALL)
BESIDE = re.compile(r'<a rel="(prev|next)" href="([^"]+)">')


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def both(cast):
    return [cast.amina, cast.bo]


def take(school_class, day, student, status):
    RegisterFactory(school_class=school_class, date=day)
    AttendanceRecordFactory(school_class=school_class, date=day, student=student, status=status)


def recent_on(page):
    """The letters of the last sessions, by student_id."""
    return {
        key: "".join(re.findall(r'aria-hidden="true">(.)<', letters))
        for key, letters in RECENT.findall(page.content.decode())
    }


class TestLastSessions:
    def test_the_last_five_registers_before_the_day_the_oldest_first(self, cast, ana):
        days = [MONDAY - number * DAYS for number in (3, 4, 5, 6, 7, 10)]
        for day, status in zip(days, ("late", "absent", "excused", "present", "late", "absent"), strict=True):
            take(cast.class_7a, day, cast.bo, status)
        page = ana.get(address(cast.class_7a))
        assert recent_on(page) == {cast.bo.student_id: "LPEAL"}
        assert recent_on(ana.get(address(cast.class_7a, MONDAY - 6 * DAYS))) == {cast.bo.student_id: "AL"}

    def test_of_this_class_alone(self, cast, ana):
        EnrolmentFactory(student=cast.bo, school_class=cast.class_7b, is_primary=False)
        take(cast.class_7b, FRIDAY, cast.bo, Status.ABSENT)
        assert recent_on(ana.get(address(cast.class_7a))) == {}
        take(cast.class_7a, FRIDAY, cast.bo, Status.LATE)
        assert recent_on(ana.get(address(cast.class_7a))) == {cast.bo.student_id: "L"}


class TestClassesBeside:
    @pytest.fixture
    def more(self, cast):
        """7C and 7D, taught by Ana, and 7E, which is not."""
        classes = {name: SchoolClassFactory(name=name, academic_year=cast.year) for name in ("7C", "7D", "7E")}
        for name, school_class in classes.items():
            pupil("Some", name, school_class)
            if name != "7E":
                TeachingAssignmentFactory(teacher=cast.ana, school_class=school_class, subject=None)
        return classes

    def beside(self, browser, school_class):
        return dict(BESIDE.findall(browser.get(address(school_class)).content.decode()))

    def test_the_own_classes_in_the_order_of_their_names(self, cast, ana, more):
        assert self.beside(ana, cast.class_7a) == {"next": address(more["7C"])}
        assert self.beside(ana, more["7C"]) == {"prev": address(cast.class_7a), "next": address(more["7D"])}
        assert self.beside(ana, more["7D"]) == {"prev": address(more["7C"])}

    def test_all_classes_for_the_office(self, cast, more, sign_in):
        assert self.beside(sign_in(cast.office), cast.class_7a) == {"next": address(cast.class_7b)}

    def test_not_a_class_without_students_or_that_does_not_meet_on_the_day(self, cast, ana, more):
        SchoolClass.objects.filter(pk=more["7C"].pk).update(meets_on="23")
        assert self.beside(ana, cast.class_7a) == {"next": address(more["7D"])}
        more["7D"].enrolments.all().delete()
        assert self.beside(ana, cast.class_7a) == {}


class TestNobodyMarked:
    def test_it_starts_blank_but_for_what_is_known(self, cast, ana):
        zoe = pupil("Zoe", "Zoll", cast.class_7a)
        PlannedAbsenceFactory(student=cast.amina, reason="Dentist")
        AttendanceRecordFactory(student=zoe, school_class=cast.class_7a, status=Status.LATE)
        page = ana.get(f"{address(cast.class_7a)}?start=blank")
        assert chosen_on(page) == {cast.amina.student_id: "excused", zoe.student_id: "late"}

    def test_a_line_left_blank_is_refused(self, cast, ana, both):
        posted = page_posts(both, **{f"status-{cast.bo.student_id}": None})
        answer = ana.post(address(cast.class_7a), posted)
        assert (answer.status_code, AttendanceRecord.objects.count()) == (422, 0)

    def test_the_rest_are_set_present_and_nothing_else_is(self, cast, ana, both):
        zoe = pupil("Zoe", "Zoll", cast.class_7a)
        PlannedAbsenceFactory(student=cast.amina, reason="Dentist")
        typed = {
            f"status-{cast.amina.student_id}": None,
            f"status-{cast.bo.student_id}": "absent",
            f"status-{zoe.student_id}": None,
            f"note-{zoe.student_id}": "Typed",
        }
        before = stored()
        answer = ana.post(address(cast.class_7a), page_posts([*both, zoe], **typed) | {"rest": "present"})
        assert (answer.status_code, stored()) == (200, before)
        assert chosen_on(answer) == {
            cast.amina.student_id: "excused", cast.bo.student_id: "absent", zoe.student_id: "present",
        }  # fmt: skip
        assert [typed_on(answer, "note", student) for student in (cast.amina, zoe)] == ["Dentist", "Typed"]

    def test_a_stored_mark_is_not_set_present(self, cast, ana, both):
        ana.post(address(cast.class_7a), page_posts(both, "excused"))
        posted = page_posts(both, **{f"status-{cast.bo.student_id}": None}) | {"rest": "present"}
        assert chosen_on(ana.post(address(cast.class_7a), posted))[cast.bo.student_id] == "excused"


class TestConfirming:
    PAST = "This is not today's register."

    def asked(self, answer):
        """The questions of a page that was not saved."""
        assert answer.status_code == 422
        return [question.sentence for question in answer.context["page"].questions]

    def test_a_past_day(self, cast, ana, both):
        before = stored()
        answer = ana.post(address(cast.class_7a, FRIDAY), page_posts(both, "late"))
        assert (self.asked(answer), stored()) == ([self.PAST], before)
        assert chosen_on(answer) == {student.student_id: "late" for student in both}
        assert 'name="confirmed" value="past"' in answer.content.decode()
        assert ana.post(address(cast.class_7a, FRIDAY), page_posts(both) | {"confirmed": "past"}).status_code == 302

    def test_a_past_day_in_which_nothing_changes(self, cast, ana, both):
        ana.post(address(cast.class_7a, FRIDAY), page_posts(both) | YES)
        assert ana.post(address(cast.class_7a, FRIDAY), page_posts(both)).status_code == 302

    @pytest.mark.parametrize(("absent", "asks"), [(2, False), (3, True)])
    def test_more_than_half_absent(self, absent, asks, cast, ana, both):
        four = [*both, pupil("Yan", "Yu", cast.class_7a), pupil("Zoe", "Zoll", cast.class_7a)]
        posted = page_posts(four) | {f"status-{student.student_id}": "absent" for student in four[:absent]}
        answer = ana.post(address(cast.class_7a), posted)
        if asks:
            assert self.asked(answer) == ["3 of 4 are marked absent."]
            assert ana.post(address(cast.class_7a), posted | {"confirmed": "absent"}).status_code == 302
        assert AttendanceRecord.objects.filter(status="absent").count() == absent

    def test_the_marks_of_somebody_else(self, cast, ana, both, sign_in):
        sign_in(cast.office).post(address(cast.class_7a), page_posts(both))
        before = stored()
        changed = page_posts(both, **{f"status-{cast.bo.student_id}": "late"})
        posted = changed | opened_with(ana.get(address(cast.class_7a)))
        answer = ana.post(address(cast.class_7a), posted)
        assert (self.asked(answer), stored()) == (["This replaces what office marked: Bo Lind."], before)
        assert ana.post(address(cast.class_7a), posted | {"confirmed": "others"}).status_code == 302
        assert AttendanceRecord.objects.get(student=cast.bo).marked_by == cast.ana.user

    def test_not_the_own_marks(self, cast, ana, both):
        ana.post(address(cast.class_7a), page_posts(both))
        posted = page_posts(both, "late") | opened_with(ana.get(address(cast.class_7a)))
        assert ana.post(address(cast.class_7a), posted).status_code == 302

    def test_an_answer_covers_only_what_was_asked(self, cast, ana, both, sign_in):
        sign_in(cast.office).post(address(cast.class_7a, FRIDAY), page_posts(both) | YES)
        posted = page_posts(both, "absent") | opened_with(ana.get(address(cast.class_7a, FRIDAY)))
        answer = ana.post(address(cast.class_7a, FRIDAY), posted | {"confirmed": "past"})
        assert self.asked(answer) == [
            "2 of 2 are marked absent.", "This replaces what office marked: Amina Diallo, Bo Lind.",
        ]  # fmt: skip
        assert 'name="confirmed" value="absent others past"' in answer.content.decode()

    def test_a_mistake_is_said_before_anything_is_asked(self, cast, ana, both):
        posted = page_posts(both, "late", **{f"minutes-{cast.bo.student_id}": "x"})
        answer = ana.post(address(cast.class_7a, FRIDAY), posted)
        assert self.asked(answer) == []
        assert "Give the minutes as a whole number" in text_of(answer)


class TestClash:
    def test_both_marks_both_people_and_both_times_are_shown(self, cast, ana, both, sign_in, frozen):
        opened = opened_with(ana.get(address(cast.class_7a)))
        typed = {f"note-{cast.bo.student_id}": "Rang at 8", f"status-{cast.bo.student_id}": "absent"}
        cover = TeacherFactory(full_name="Cora Cover")
        TeachingAssignmentFactory(teacher=cover, school_class=cast.class_7a, subject=None, starts_on=YEAR_START)
        sign_in(cover.user).post(address(cast.class_7a), page_posts([cast.bo], **typed) | YES)
        frozen.shift(timedelta(minutes=4))
        late = {f"status-{cast.bo.student_id}": "late", f"minutes-{cast.bo.student_id}": "5"}
        answer = ana.post(address(cast.class_7a), page_posts(both, **late) | opened)
        said = text_of(answer)
        assert answer.status_code == 409
        assert "1 mark was changed meanwhile" in said
        assert "Bo Lind A Absent , “Rang at 8” Cora Cover, 09:00 L Late , 5 minutes you, 09:04" in said
        assert "The other marks are saved: 1 present, 1 absent." in said
        assert "Amina Diallo" not in said
        assert list(AttendanceRecord.objects.order_by("student").values_list("status", "marked_by")) == [
            ("present", cast.ana.user.pk), ("absent", cover.user.pk),
        ]  # fmt: skip

    def test_what_was_kept_for_somebody_else_is_said(self, cast, ana, both, sign_in):
        ana.post(address(cast.class_7a), page_posts(both))
        opened = opened_with(ana.get(address(cast.class_7a)))
        changed = page_posts(both, **{f"status-{cast.bo.student_id}": "late"})
        save_over(sign_in(cast.office), address(cast.class_7a), changed)
        answer = ana.post(address(cast.class_7a), page_posts(both) | opened, follow=True)
        assert "Kept as somebody else changed it since: Bo Lind." in text_of(answer)
        assert AttendanceRecord.objects.get(student=cast.bo).status == "late"

    @pytest.mark.parametrize("name", ["clash", "choice"])
    def test_a_choice_about_a_student_of_another_class_is_refused(self, name, cast, ana, both):
        before = stored()
        answer = ana.post(address(cast.class_7a), page_posts(both) | {f"{name}-{cast.cleo.student_id}": "mine"})
        assert (answer.status_code, stored()) == (422, before)
        assert f"Not in this class on this day: {cast.cleo.student_id}." in text_of(answer)

    @pytest.mark.parametrize("base", ["1", "?", "<script>", "\0", "f" * 5000])
    def test_a_page_that_tells_no_sense_of_what_it_was_opened_with_overwrites_nothing(self, base, cast, ana, both):
        ana.post(address(cast.class_7a), page_posts(both))
        before = stored()
        posted = page_posts(both, "late", **{f"row-{student.student_id}": base for student in both})
        answer = ana.post(address(cast.class_7a), posted)
        assert (answer.status_code, stored()) == (409, before)
        assert base == "1" or base not in text_of(answer)


def test_the_first_day_of_the_year_has_no_sessions_before_it(cast, sign_in):
    page = sign_in(cast.office).get(address(cast.class_7a, date(2025, 9, 1)))
    assert (page.status_code, recent_on(page)) == (200, {})
