"""A note of the school for a family: written and withdrawn on the student's page, read on the report."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from attendance.tests.registers import send, text_of
from dashboard.models import FamilyNote
from students.models import StudentParentLink
from students.services import delete_student
from students.tests.factories import TeachingAssignmentFactory
from tests.cast import MONDAY, YEAR_START

TEXT = "Amina reads aloud so well that the whole class listens."


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def place(student):
    return f"/students/{student.student_id}/note/"


def kept():
    return list(FamilyNote.objects.values()), list(FamilyNote.history.values())


class TestWriting:
    def test_it_stands_on_the_report_with_who_wrote_it_and_when(self, ana, cast, sign_in):
        answer = ana.post(place(cast.amina), {"text": f"  {TEXT} "}, follow=True)
        assert "The note stands on the report now." in text_of(answer)
        for user in (cast.mariam.user, cast.ana.user, cast.office):
            page = sign_in(user).get(f"/report/{cast.amina.student_id}/")
            assert f"From the school {TEXT} Ana Silva, 16 Mar 2026" in text_of(page)

    def test_the_history_says_who(self, ana, cast):
        ana.post(place(cast.amina), {"text": TEXT})
        row = FamilyNote.history.get()
        assert (row.history_type, row.history_user, row.text) == ("+", cast.ana.user, TEXT)

    def test_sent_twice_it_stands_once(self, ana, cast):
        for _time in range(2):
            ana.post(place(cast.amina), {"text": TEXT})
        assert FamilyNote.objects.count() == 1

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            pytest.param("", "Type what the family is to read.", id="nothing"),
            pytest.param("   ", "Type what the family is to read.", id="blanks"),
            pytest.param("x" * 501, "This has 501 characters. Shorten it to 500.", id="longer than its column"),
            pytest.param("a\x00b", "This holds characters that cannot be printed.", id="a null"),
            pytest.param("a\nb", "This holds characters that cannot be printed.", id="a line break"),
            pytest.param("\u202eabc", "This holds characters that cannot be printed.", id="right-to-left override"),
        ],
    )
    def test_what_cannot_stand_there_is_refused_and_kept_in_its_field(self, ana, cast, text, sentence):
        before = kept()
        answer = send(ana, place(cast.amina), {"text": text})
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        assert kept() == before

    @pytest.mark.parametrize(("who", "status"), [("ben", 404), ("mariam", 403), ("former", 403)])
    def test_only_who_sees_the_student_may_write(self, cast, sign_in, who, status):
        users = {"ben": cast.ben.user, "mariam": cast.mariam.user, "former": cast.former.user}
        before = kept()
        assert sign_in(users[who]).post(place(cast.amina), {"text": TEXT}).status_code == status
        assert kept() == before


class TestWithdrawing:
    @pytest.fixture
    def note(self, ana, cast):
        ana.post(place(cast.amina), {"text": TEXT})
        return FamilyNote.objects.get()

    def withdraw(self, browser, note):
        return browser.post(f"/students/{note.student.student_id}/note/{note.pk}/withdraw/", follow=True)

    def test_it_leaves_the_report_and_stays_in_the_history(self, ana, cast, note):
        assert f"The note is off the report: “{TEXT}”" in text_of(self.withdraw(ana, note))
        assert TEXT not in text_of(ana.get(f"/report/{cast.amina.student_id}/"))
        assert [(row.history_type, row.history_user) for row in FamilyNote.history.order_by("history_id")] == [
            ("+", cast.ana.user),
            ("-", cast.ana.user),
        ]

    def test_the_office_may_and_another_teacher_of_the_class_may_not(self, cast, sign_in, note):
        TeachingAssignmentFactory(teacher=cast.ben, school_class=cast.class_7a, subject=None, starts_on=YEAR_START)
        ben = sign_in(cast.ben.user)
        page = ben.get(f"/students/{cast.amina.student_id}/")
        assert TEXT in text_of(page)
        assert "/withdraw/" not in page.content.decode()
        assert self.withdraw(ben, note).status_code == 404
        assert FamilyNote.objects.count() == 1
        assert self.withdraw(sign_in(cast.office), note).status_code == 200
        assert FamilyNote.objects.count() == 0

    def test_not_through_another_students_address(self, cast, sign_in, note):
        answer = sign_in(cast.office).post(f"/students/{cast.bo.student_id}/note/{note.pk}/withdraw/")
        assert (answer.status_code, FamilyNote.objects.count()) == (404, 1)


def test_no_parent_of_another_child_and_nobody_whose_link_has_ended_reads_it(ana, cast, sign_in):
    ana.post(place(cast.amina), {"text": TEXT})
    mariam = sign_in(cast.mariam.user)
    assert TEXT in text_of(mariam.get(f"/report/{cast.amina.student_id}/"))
    StudentParentLink.objects.filter(parent=cast.mariam).update(ends_on=MONDAY)
    for browser in (mariam, sign_in(cast.nils.user), sign_in(cast.former.user)):
        answer = browser.get(f"/report/{cast.amina.student_id}/")
        assert (answer.status_code, TEXT in text_of(answer)) == (404, False)


def test_it_goes_with_the_student(ana, cast):
    ana.post(place(cast.amina), {"text": TEXT})
    ana.post(place(cast.bo), {"text": "Well done."})
    delete_student(by=cast.office, student=cast.amina)
    assert [note.student for note in FamilyNote.objects.all()] == [cast.bo]
    assert [row.text for row in FamilyNote.history.all()] == ["Well done."]


def test_an_empty_note_cannot_be_stored(cast):
    with pytest.raises(IntegrityError, match="family_note_has_text"), transaction.atomic():
        FamilyNote.objects.create(student=cast.amina, text="", written_by=cast.ana.user)
