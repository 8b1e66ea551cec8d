"""/behavior/new/: the same noted of one student or many, in ten seconds, once however often it is sent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog, ParkedForm
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import TeacherFactory
from behavior.models import BehaviorCategory, BehaviorRecord
from behavior.tests.factories import category
from behavior.tests.noting import NEW, form_key_on, send, stored, text_of, ticked_on, typed
from students.models import Student
from students.services import delete_student
from students.tests.factories import EnrolmentFactory, SchoolClassFactory, StudentFactory, TeachingAssignmentFactory
from tests.cast import MONDAY, YEAR_START, pupil

DAY = timedelta(days=1)
OPENING = 6  # who you are, the school, the class, its students, categories, the log
SAVING = 10  # who you are, the school, class, students, categories; the category, saved before?, profile, rows, history


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


def of_7a(cast, students=(), **changes):
    """What the page of 7A sends."""
    return typed(students, class_id=cast.class_7a.pk, **changes)


class TestNoting:
    def test_of_two_students_at_once_a_record_each_with_who_and_where(self, cast, ana):
        answer = send(ana, NEW, of_7a(cast, [cast.amina, cast.bo]))
        assert answer.status_code == 302
        rows = BehaviorRecord.objects.order_by("student")
        assert [row.student for row in rows] == [cast.amina, cast.bo]
        for row in rows:
            assert (row.behavior_type, row.category, row.notes) == (
                "positive",
                category("Kindness"),
                "Helped the new pupil",
            )
            assert (row.date, row.shared_with_parents, row.school_class) == (MONDAY, False, cast.class_7a)
            assert (row.teacher, row.noted_by) == (cast.ana, cast.ana.user)
            assert [(kept.history_type, kept.history_user) for kept in row.history.all()] == [("+", cast.ana.user)]

    def test_shared_without_a_note_and_of_an_earlier_day(self, cast, ana):
        sent = of_7a(cast, [cast.bo], shared_with_parents="on", notes=None, date="2026-03-13", behavior_type="negative")
        send(ana, NEW, sent)
        record = BehaviorRecord.objects.get()
        assert (record.shared_with_parents, record.notes, record.date) == (True, "", date(2026, 3, 13))
        assert record.behavior_type == "negative"

    def test_the_office_notes_without_a_teacher(self, cast, office):
        send(office, NEW, of_7a(cast, [cast.amina]))
        record = BehaviorRecord.objects.get()
        assert (record.teacher, record.noted_by) == (None, cast.office)

    @pytest.mark.parametrize("back", [0, 366])
    def test_today_and_a_year_back_are_the_furthest_days(self, back, cast, ana):
        send(ana, NEW, of_7a(cast, [cast.amina], date=MONDAY - back * DAY))
        assert BehaviorRecord.objects.get().date == MONDAY - back * DAY


class TestAnotherDay:
    def test_its_field_is_folded_away_until_the_day_is_not_today(self, cast, ana):
        folded, unfolded = '<details class="fold noting__part">', '<details class="fold noting__part" open>'
        assertContains(ana.get(NEW, {"class_id": cast.class_7a.pk}), folded)
        assertContains(send(ana, NEW, of_7a(cast)), folded, status_code=422)
        for day in ("2026-03-13", "", "nonsense"):
            assertContains(send(ana, NEW, of_7a(cast, date=day)), unfolded, status_code=422)


class TestReceipt:
    def test_says_what_was_noted_of_whom_and_who_reads_it_beside_the_next_form(self, cast, ana):
        answer = ana.post(NEW, of_7a(cast, [cast.amina, cast.bo]), follow=True)
        said = text_of(answer)
        assert "Noted: ▲ Positive · Kindness: Amina Diallo, Bo Lind. Only staff read it." in said
        assert ticked_on(answer) == set()
        shared = ana.post(NEW, of_7a(cast, [cast.bo], shared_with_parents="on"), follow=True)
        assert "Parents can read it." in text_of(shared)

    def test_names_three_and_counts_the_others(self, cast, ana):
        for number in range(5):
            pupil(f"Zed{number}", "Last", cast.class_7a)
        everyone = Student.objects.enrolled_on(cast.class_7a, MONDAY)
        said = text_of(ana.post(NEW, of_7a(cast, everyone), follow=True))
        assert "Amina Diallo, Bo Lind, Zed0 Last and 4 more." in said

    def test_is_gone_after_ten_minutes_and_never_anothers(self, cast, ana, frozen, sign_in):
        receipt = send(ana, NEW, of_7a(cast, [cast.amina])).url
        assertContains(ana.get(receipt), "Noted:")
        assertNotContains(sign_in(cast.office).get(receipt), "Noted:")
        frozen.shift(timedelta(minutes=10, seconds=1))
        assertNotContains(sign_in(cast.ana.user).get(receipt), "Noted:")

    @pytest.mark.parametrize("key", ["", "x", "11111111-2222-4333-8444-555555555555", "é\x00"])
    def test_of_a_save_that_never_was_says_nothing(self, key, cast, ana):
        answer = ana.get(NEW, {"class_id": cast.class_7a.pk, "noted": key})
        assert answer.status_code == 200
        assertNotContains(answer, "Noted:")


class TestSentTwice:
    def test_the_same_form_again_notes_nothing_twice_and_says_so(self, cast, ana):
        sent = of_7a(cast, [cast.amina, cast.bo])
        first = send(ana, NEW, sent)
        before = stored()
        again = send(ana, NEW, sent)
        assert (again.status_code, again.url) == (302, first.url)
        assertContains(ana.get(again.url), "This was saved before. Nothing is noted twice.")
        assert stored() == before

    def test_even_half_an_hour_later_and_with_one_of_the_records_withdrawn(self, cast, ana, frozen):
        sent = of_7a(cast, [cast.amina, cast.bo])
        send(ana, NEW, sent)
        BehaviorRecord.objects.get(student=cast.bo).delete()
        frozen.shift(timedelta(minutes=29))
        send(ana, NEW, sent)
        assert [record.student for record in BehaviorRecord.objects.all()] == [cast.amina]

    @pytest.mark.parametrize(
        "changes",
        [{"notes": "Another day, another deed"}, {"behavior_type": "negative"}, {"shared_with_parents": "on"}],
    )
    def test_the_form_gone_back_to_and_changed_is_another_save(self, changes, cast, ana):
        sent = of_7a(cast, [cast.amina])
        send(ana, NEW, sent)
        send(ana, NEW, sent | changes)
        assert BehaviorRecord.objects.filter(student=cast.amina).count() == 2

    def test_the_form_gone_back_to_for_another_student_is_another_save(self, cast, ana):
        sent = of_7a(cast, [cast.amina])
        send(ana, NEW, sent)
        send(ana, NEW, of_7a(cast, [cast.bo], form_key=sent["form_key"]))
        assert [row.student for row in BehaviorRecord.objects.order_by("student")] == [cast.amina, cast.bo]

    def test_each_page_has_a_key_of_its_own_so_that_the_same_may_happen_twice(self, cast, ana):
        for _time in range(2):
            key = form_key_on(ana.get(NEW, {"class_id": cast.class_7a.pk}))
            send(ana, NEW, of_7a(cast, [cast.amina], form_key=key))
        assert BehaviorRecord.objects.filter(student=cast.amina).count() == 2

    def test_a_form_sent_by_somebody_else_with_the_same_key_leaves_the_first_alone(self, cast, ana, office):
        sent = of_7a(cast, [cast.amina])
        send(ana, NEW, sent)
        before = stored()
        answer = office.post(NEW, sent, follow=True)
        assertContains(answer, "This was saved before.")
        assert stored() == before


class TestWhoIsOffered:
    def test_the_class_page_leads_here_and_all_its_students_of_today_are_offered(self, cast, ana):
        link = f"{NEW}?class_id={cast.class_7a.pk}"
        assertContains(ana.get(f"/classes/{cast.class_7a.pk}/"), f'href="{link}"')
        page = ana.get(link)
        assert [student for student, _ticked in page.context["form"].lines] == [cast.amina, cast.bo]
        assertNotContains(page, "Cleo")

    def test_a_student_named_in_the_address_is_ticked_in_their_class(self, cast, ana):
        page = ana.get(NEW, {"student": cast.bo.student_id.lower()})
        assert ticked_on(page) == {cast.bo.student_id}
        assertContains(page, "Amina Diallo")
        assertContains(page, f'name="class_id" value="{cast.class_7a.pk}"')

    def test_of_several_classes_the_one_that_is_theirs(self, cast, ana):
        club = SchoolClassFactory(name="Chess", academic_year=cast.year)
        EnrolmentFactory(student=cast.cleo, school_class=club, starts_on=YEAR_START, is_primary=False)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=club, subject=None, starts_on=YEAR_START)
        assert ana.get(NEW, {"student": cast.cleo.student_id}).context["page"].group.school_class == club

    def test_a_student_in_no_class_alone_for_the_office(self, cast, office):
        loner = StudentFactory(given_name="Lone", family_name="Wolf")
        page = office.get(NEW, {"student": loner.student_id})
        assert ticked_on(page) == {loner.student_id}
        answer = send(office, NEW, typed([loner], student=loner.student_id))
        assert answer.url.startswith(f"{NEW}?student={loner.student_id}&noted=")
        record = BehaviorRecord.objects.get()
        assert (record.student, record.school_class) == (loner, None)

    def test_without_either_the_own_classes_to_choose_from(self, cast, ana, sign_in):
        page = ana.get(NEW)
        assertContains(page, f'href="{NEW}?class_id={cast.class_7a.pk}"')
        assertNotContains(page, f'class_id={cast.class_7b.pk}"')
        assertContains(sign_in(TeacherFactory().user).get(NEW), "You have no class now")

    def test_a_class_without_students_says_so(self, cast, office):
        empty = SchoolClassFactory(name="9Z", academic_year=cast.year)
        assertContains(office.get(NEW, {"class_id": empty.pk}), "Nobody is enrolled in this class today.")

    def test_categories_are_those_that_the_school_offers(self, cast, ana):
        BehaviorCategory.objects.filter(name="Safety").update(is_active=False)
        page = text_of(ana.get(NEW, {"class_id": cast.class_7a.pk}))
        assert "Discipline Homework Kindness Leadership Participation" in page
        assert "Safety" not in page


class TestWhose:
    @pytest.mark.parametrize(
        "query",
        [
            "class_id=7B",
            "class_id=x",
            "class_id=99999999999999999999",
            "class_id=１",
            "student=STU00003",
            "student=STU99999",
            "student=Cleo",
            "student=STU\x00",
        ],
    )
    def test_not_yours_and_not_there_are_the_same(self, query, cast, ana, office):
        assert cast.cleo.student_id == "STU00003"
        asked = query.replace("7B", str(cast.class_7b.pk))
        fields = dict([asked.split("=")])
        before = stored()
        assert ana.get(NEW, fields).status_code == 404
        assert send(ana, NEW, typed([cast.cleo]) | fields).status_code == 404
        assert stored() == before
        if query in {"class_id=7B", "student=STU00003"}:
            assert office.get(NEW, fields).status_code == 200

    def test_a_student_of_another_class_is_not_noted_with_the_own(self, cast, ana):
        before = stored()
        answer = send(ana, NEW, of_7a(cast, [cast.amina, cast.cleo]))
        assertContains(answer, f"Not in this class on this day: {cast.cleo.student_id}.", status_code=422)
        assert stored() == before

    def test_parents_are_refused_and_the_signed_out_led_to_the_sign_in(self, cast, sign_in):
        assert sign_in(cast.mariam.user).get(NEW).status_code == 403
        assert sign_in(cast.mariam.user).post(NEW, of_7a(cast, [cast.amina])).status_code == 403
        assert Client().get(NEW).url.startswith(reverse("account_login"))
        assert BehaviorRecord.objects.count() == 0


class TestSessionEnded:
    def test_what_was_typed_waits_for_its_owner_and_is_saved_by_saving(self, cast, ana):
        page = ana.get(NEW, {"student": cast.bo.student_id})
        signed = page.context["kept_for"]
        sent = of_7a(cast, [cast.amina, cast.bo], notes="Typed long", kept_for=signed, shared_with_parents="on")
        leads_to = send(Client(), NEW, sent).url
        waiting = f"{NEW}?parked={ParkedForm.objects.get().pk}"
        assert leads_to.startswith(reverse("account_login"))
        assert BehaviorRecord.objects.count() == 0
        shown = ana.get(waiting)
        assertContains(shown, "This is what you typed before your session ended.")
        assert ticked_on(shown) == {cast.amina.student_id, cast.bo.student_id}
        assertContains(shown, 'value="Typed long"')
        assert form_key_on(shown) == sent["form_key"]
        parked = {"parked": str(ParkedForm.objects.get().pk)}
        assert send(ana, NEW, sent | parked).status_code == 302
        assert BehaviorRecord.objects.filter(notes="Typed long", shared_with_parents=True).count() == 2
        assert ParkedForm.objects.count() == 0

    def test_a_form_that_names_an_erased_student_goes_with_them(self, cast, ana):
        signed = ana.get(NEW, {"class_id": cast.class_7a.pk}).context["kept_for"]
        send(Client(), NEW, of_7a(cast, [cast.bo], kept_for=signed))
        assert ParkedForm.objects.count() == 1
        delete_student(by=cast.office, student=cast.bo)
        assert ParkedForm.objects.count() == 0


class TestCost:
    @pytest.mark.parametrize("number", [1, 3, 28])
    def test_the_same_queries_for_any_class(self, number, cast, ana, count_queries):
        Student.objects.filter(pk=cast.bo.pk).delete()
        for each in range(number - 1):
            pupil(f"Pupil{each}", "More", cast.class_7a)
        students = list(Student.objects.enrolled_on(cast.class_7a, MONDAY))
        assert len(students) == number
        assert count_queries(lambda: ana.get(NEW, {"class_id": cast.class_7a.pk})) == OPENING
        sent = of_7a(cast, students)
        assert count_queries(lambda: send(ana, NEW, sent)) == SAVING

    def test_reading_is_noted(self, cast, ana):
        forget_readings()
        ana.get(NEW, {"class_id": cast.class_7a.pk})
        assert list(AccessLog.objects.values_list("page", "student_id")) == [("behavior:new", "")]
