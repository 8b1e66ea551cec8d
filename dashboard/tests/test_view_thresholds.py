"""/dashboard/thresholds/: which thresholds are in force, what others would change, and putting them in force."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode

import pytest

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from attendance.tests.registers import send
from behavior.models import BehaviorRecord
from dashboard.models import ThresholdSet
from dashboard.tests.early_warning import attends, blamed, keep, scores
from dashboard.tests.factories import ThresholdSetFactory
from students.models import Enrolment, SchoolClass, TeachingAssignment
from students.tests.factories import SubjectFactory
from tests.cast import MONDAY, pupil

PLACE = "/dashboard/thresholds/"
HEADS = "Student Class Found Other reasons"
START = {"attendance": "90", "average": "60", "subject": "50", "negative_notes": "3", "note_days": "30"}
HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')
QUERIES, QUERIES_WITH_REHEARSAL = 4, 12


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def warned(cast):
    """88 % Amina, 92 % Bo, 100 % Cleo attend. Bo fails Art, Cleo averages 61 %. Cleo was blamed on three days."""
    for student, school_class, missed in (
        (cast.amina, cast.class_7a, 3),
        (cast.bo, cast.class_7a, 2),
        (cast.cleo, cast.class_7b, 0),
    ):
        attends(student, school_class, missed=missed)
    art, maths = SubjectFactory(name="Art"), SubjectFactory(name="Maths")
    scores(cast.bo, cast.class_7a, art, [48, 49, 47])
    scores(cast.bo, cast.class_7a, maths, [90, 95, 100])
    scores(cast.cleo, cast.class_7b, maths, [61, 61, 61])
    blamed(cast.cleo, cast.ben, 1, 2, 20)
    keep()
    return cast


def words(page) -> str:
    """The words of the main part of a page."""
    source = page.content.decode().split("<main", 1)[1].split(">", 1)[1]
    text = unescape(re.sub(r"<[^>]+>", " ", source)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(text.split())


def rehearsed(office, **values: str):
    """The page after a rehearsal of some values, the others being those in force."""
    page = office.get(PLACE, values)
    assert page.status_code == 200
    return page


def put_in_force(page) -> dict[str, str]:
    """What the button of a rehearsed page posts."""
    form = page.content.decode().split('<form method="post" action="/dashboard/thresholds/"', 1)[1].split("</form>")[0]
    return {name: value for name, value in HIDDEN.findall(form) if name != "csrfmiddlewaretoken"}


def stored() -> list[dict[str, object]]:
    return list(ThresholdSet.objects.values())


class TestInForce:
    def test_a_school_that_set_none_is_told_what_holds(self, office):
        page = office.get(PLACE)
        assert page.status_code == 200
        said = words(page)
        assert "In force: version 0 These are what the portal starts with; nobody has changed them yet." in said
        assert (
            "Low attendance a rate of 90 % or less "
            "Low performance an average below 60 %, or below 50 % in one subject "
            "Behavioural concern at least 3 negative notes within 30 days" in said
        )
        assert "No other thresholds have been put in force yet." in said
        assert "What would change" not in said

    def test_a_set_is_told_with_who_and_when(self, cast, office):
        ThresholdSetFactory(version=1, attendance=Decimal("92.5"), set_by=cast.ana.user)
        said = words(office.get(PLACE))
        assert "In force: version 1 Put in force by Ana Silva, Mon 16 Mar 2026, 09:00." in said
        assert "Low attendance a rate of 92.5 % or less" in said

    def test_the_form_starts_with_what_is_in_force(self, cast, office):
        ThresholdSetFactory(version=1, attendance=Decimal("92.5"), note_days=14, set_by=cast.office)
        page = office.get(PLACE).content.decode()
        assert dict(re.findall(r'type="text" name="([a-z_]+)" id="[^"]+" value="([^"]*)"', page)) == {
            **START,
            "attendance": "92.5",
            "note_days": "14",
        }

    def test_all_versions_are_listed_the_latest_first_and_paged(self, cast, office):
        for number in range(1, 31):
            ThresholdSetFactory(version=number, attendance=Decimal(60 + number), set_by=cast.office)
        first, second = office.get(PLACE), office.get(PLACE, {"page": "2"})
        assert re.findall(r"Version (\d+) \d\d\.0 %", words(first)) == [str(number) for number in range(30, 5, -1)]
        assert re.findall(r"Version (\d+) \d\d\.0 %", words(second)) == ["5", "4", "3", "2", "1"]
        assert "Version 5 65.0 % 60.0 % 50.0 % 3 in 30 days Mon 16 Mar 2026, 09:00 office" in words(second)
        assert office.get(PLACE, {"page": "3"}).status_code == 404


class TestRehearsal:
    def test_a_higher_rate_names_who_more_with_class_and_value(self, warned, office):
        page = rehearsed(office, attendance="92")
        said = words(page)
        assert (
            "Low attendance At 92 % it would be 2 students instead of 1: this one more. Low attendance: would be added "
            f"{HEADS} Bo Lind 7A 92.0 % listed already for another reason" in said
        )
        assert f'<a href="/students/{warned.bo.student_id}/">Bo Lind</a>' in page.content.decode()
        assert "With these thresholds it would be the same 3 students: nobody more, nobody fewer." in said
        assert "Below 60 %, or 50 % in one subject, it would be the same 1 student: nobody more, nobody fewer." in said

    def test_a_lower_rate_names_who_no_longer(self, warned, office):
        said = words(rehearsed(office, attendance="87,9"))
        assert "At 87.9 % it would be 0 students instead of 1: nobody more, 1 no longer." in said
        assert f"Low attendance: would no longer be listed {HEADS} Amina Diallo 7A 88.0 % Low perf" in said
        assert "With these thresholds it would be 2 students instead of 3: nobody more, 1 no longer." in said

    def test_who_stays_listed_for_another_reason_is_marked_so(self, warned, office):
        said = words(rehearsed(office, attendance="92", note_days="1", average="62"))
        assert "Cleo Marsh 7B 3 negative notes within 30 days stays listed for another reason" in said
        assert "Cleo Marsh 7B average 61.0 % listed already for another reason" in said

    def test_exactly_at_the_rate_is_listed_and_a_tenth_below_is_not(self, warned, office):
        assert "At 88 % it would be the same 1 student" in words(rehearsed(office, attendance="88", average="59"))
        assert "At 100 % it would be 3 students instead of 1: these 2 more." in words(
            rehearsed(office, attendance="100")
        )

    def test_an_average_and_a_subject_are_one_rule_with_each_value_named(self, warned, office):
        said = words(rehearsed(office, average="61.1", subject="47"))
        assert (
            "Below 61.1 %, or 47 % in one subject, it would be 1 student instead of 1: this one more, 1 no longer."
            in said
        )
        assert f"Low performance: would be added {HEADS} Cleo Marsh 7B average 61.0 %" in said
        assert f"Low performance: would no longer be listed {HEADS} Bo Lind 7A Art 48.0 %" in said

    def test_notes_are_counted_within_the_days(self, warned, office):
        said = words(rehearsed(office, note_days="20"))
        assert (
            "From 3 negative notes within 20 days on it would be 0 students instead of 1: nobody more, 1 no longer."
            in said
        )
        found = f"{HEADS} Cleo Marsh 7B 3 negative notes within 30 days"
        assert f"Behavioural concern: would no longer be listed {found}" in said
        assert "From 3 negative notes within 21 days on it would be the same 1 student" in words(
            rehearsed(office, note_days="21")
        )

    def test_who_comes_and_goes_at_any_rate_is_worked_out_by_hand(self, warned, office):
        """Whom a rate lists, worked out by hand from 25 sessions and the days missed, for many thresholds."""
        missed = {"Amina Diallo": 3, "Bo Lind": 2, "Cleo Marsh": 0}
        for tenths in range(870, 1001, 7):
            bound = Decimal(tenths) / 10
            expected = {name for name, days in missed.items() if (25 - days) * 1000 <= tenths * 25}
            more, fewer = expected - {"Amina Diallo"}, {"Amina Diallo"} - expected
            change = rehearsed(office, attendance=str(bound), note_days="31").context["rehearsal"].changes[0]
            assert {each.student.full_name for each in change.more.listed} == more
            assert {each.student.full_name for each in change.fewer.listed} == fewer

    def test_it_changes_nothing(self, warned, office):
        before = stored()
        rehearsed(office, attendance="92")
        assert stored() == before == []

    def test_it_is_noted_as_reading(self, warned, office):
        forget_readings()
        rehearsed(office, attendance="92")
        assert list(AccessLog.objects.values_list("reader__username", "page", "path", "student_id")) == [
            ("office", "dashboard:thresholds", PLACE, "")
        ]

    def test_what_the_address_does_not_name_is_as_in_force(self, cast, warned, office):
        ThresholdSetFactory(version=1, attendance=Decimal(95), note_days=14, set_by=cast.office)
        sent = put_in_force(rehearsed(office, average="55"))
        assert sent == {
            **START, "attendance": "95", "average": "55", "note_days": "14",
            "rehearsed": "95 55 50 3 14", "against": "1",
        }  # fmt: skip

    def test_what_is_in_force_needs_no_rehearsal(self, warned, office):
        page = rehearsed(office, **{**START, "attendance": "90,0 %"})
        assert "These are the thresholds in force, so there is nothing to rehearse or to change." in words(page)
        assert "Put in force" not in words(page).replace("Put in force by", "")

    def test_a_school_without_classes_lists_nobody(self, cast, office):
        TeachingAssignment.objects.all().delete()
        Enrolment.objects.all().delete()
        SchoolClass.objects.all().delete()
        said = words(rehearsed(office, attendance="92"))
        assert "With these thresholds it would be the same 0 students: nobody more, nobody fewer." in said

    def test_nobody_who_has_left_is_listed(self, warned, office):
        assert "Bo Lind" in words(rehearsed(office, attendance="92"))
        warned.bo.enrolments.update(ends_on=MONDAY)
        assert "Bo Lind" not in words(rehearsed(office, attendance="92"))

    @pytest.mark.parametrize("rows", [1, 3, 60])
    def test_it_costs_the_same_for_any_number_of_students(self, warned, office, count_queries, rows):
        for number in range(rows):
            more = pupil(f"Pupil{number:02d}", "More", warned.class_7a)
            attends(more, warned.class_7a, missed=2)
            blamed(more, warned.ana, 1, 2, 3)
            ThresholdSetFactory(version=number + 1, set_by=warned.office)
        keep()
        page = rehearsed(office, attendance="92", negative_notes="4")
        assert len(page.context["rehearsal"].changes[0].more.listed) == rows + 1
        assert count_queries(lambda: office.get(PLACE)) == QUERIES
        asked = {"attendance": "92", "negative_notes": "4"}
        assert count_queries(lambda: office.get(PLACE, asked)) == QUERIES_WITH_REHEARSAL

    def test_more_than_12_names_are_folded_under_their_number(self, warned, office):
        def joined(number: int) -> str:
            attends(pupil(f"Pupil{number}", "More", warned.class_7a), warned.class_7a, missed=2)
            keep()
            return rehearsed(office, attendance="92").content.decode()

        pages = [joined(number) for number in range(12)]
        folded = "<summary>Low attendance: would be added (13 names)</summary>"
        assert [folded in page for page in pages] == [False] * 11 + [True]

    def test_a_long_list_says_how_many_are_not_named(self, warned, office, monkeypatch):
        monkeypatch.setattr("dashboard.rehearsal.MOST_NAMED", 1)
        said = words(rehearsed(office, attendance="100"))
        assert f"these 2 more. Low attendance: would be added {HEADS} Bo Lind 7A 92.0 %" in said
        assert "and 1 more student, by class and name" in said


class TestPuttingInForce:
    def test_what_was_rehearsed_is_in_force_as_a_new_version(self, cast, warned, office):
        sent = put_in_force(rehearsed(office, attendance="92,5", negative_notes="4"))
        page = send(office, PLACE, sent)
        assert (page.status_code, page.headers["Location"]) == (302, PLACE)
        said = words(office.get(PLACE))
        assert (
            "Version 1 is in force from now on: Low attendance: a rate of 92.5 % or less; Low performance: an average "
            "below 60 %, or below 50 % in one subject; Behavioural concern: at least 4 negative notes within 30 days."
            in said
        )
        assert "In force: version 1 Put in force by office, Mon 16 Mar 2026, 09:00." in said
        row = ThresholdSet.objects.get()
        assert (row.version, row.attendance, row.average, row.subject) == (1, Decimal("92.5"), 60, 50)
        assert (row.negative_notes, row.note_days, row.set_by) == (4, 30, cast.office)

    def test_sent_twice_it_is_one_version(self, warned, office):
        sent = put_in_force(rehearsed(office, attendance="92"))
        for _time in range(2):
            assert send(office, PLACE, sent).status_code == 302
        assert "These thresholds are in force already. Nothing is changed." in words(office.get(PLACE))
        assert ThresholdSet.objects.count() == 1

    @pytest.mark.parametrize(
        "changed",
        [
            pytest.param({"rehearsed": ""}, id="no rehearsal"),
            pytest.param({"attendance": "93"}, id="another value than was rehearsed"),
            pytest.param({"against": ""}, id="no version"),
            pytest.param({"against": "x"}, id="a version that is none"),
            pytest.param({"against": "１"}, id="a full-width version"),
        ],
    )
    def test_without_a_rehearsal_of_exactly_this_it_is_shown_first(self, warned, office, changed):
        sent = put_in_force(rehearsed(office, attendance="92"))
        page = send(office, PLACE, sent | changed)
        assert (page.status_code, stored()) == (422, [])
        said = words(page)
        assert "Nothing is saved yet: look first at what would change." in said
        assert "it would be 2 students instead of 1" in said
        assert send(office, PLACE, put_in_force(page)).status_code == 302
        assert ThresholdSet.objects.count() == 1

    def test_what_somebody_else_put_in_force_meanwhile_is_told_and_stands(self, cast, warned, office):
        sent = put_in_force(rehearsed(office, attendance="92"))
        ThresholdSetFactory(version=1, attendance=Decimal(86), set_by=cast.ana.user)
        before = stored()
        page = send(office, PLACE, sent)
        assert (page.status_code, stored()) == (409, before)
        said = words(page)
        assert "Ana Silva has put version 1 in force meanwhile. Nothing is changed: look again." in said
        assert "In force: version 1" in said
        assert "At 92 % it would be 2 students instead of 0: these 2 more." in said
        assert send(office, PLACE, put_in_force(page)).status_code == 302
        assert list(ThresholdSet.objects.values_list("version", "attendance")) == [(2, 92), (1, 86)]


BAD = [
    pytest.param("attendance", "", "Give the rate in percent, such as 90 or 92.5.", id="nothing"),
    pytest.param("average", "sixty", "Give a percentage from 0 to 100, such as 90 or 92.5.", id="a word"),
    pytest.param("attendance", "101", "Give at most 100 %.", id="above all"),
    pytest.param("subject", "-1", "Give a percentage from 0 to 100, without a minus.", id="below nothing"),
    pytest.param("attendance", "90.55", "Give at most one decimal, such as 92.5.", id="two decimals"),
    pytest.param("average", "1e3", "Give a percentage from 0 to 100, such as 90 or 92.5.", id="an exponent"),
    pytest.param("average", "NaN", "Give a percentage from 0 to 100, such as 90 or 92.5.", id="not a number"),
    pytest.param("subject", "５０", "Type the digits 0 to 9, such as 90 or 92.5.", id="full-width digits"),
    pytest.param("negative_notes", "0", "Give a whole number from 1 to 50.", id="no note"),
    pytest.param("negative_notes", "", "Give the number of notes, such as 3.", id="empty notes"),
    pytest.param("note_days", "400", "Give a whole number from 1 to 365.", id="more than a year"),
    pytest.param("note_days", "", "Give the number of days, such as 30.", id="empty days"),
    pytest.param("attendance", "9\x000", "This holds characters that cannot be printed.", id="a null"),
    pytest.param("note_days", "9" * 3000, "Give a whole number from 1 to 365.", id="huge"),
]


@pytest.mark.parametrize(("name", "typed", "sentence"), BAD)
def test_what_cannot_be_a_threshold_is_refused_kept_and_changes_nothing(office, name, typed, sentence):
    asked = START | {"attendance": "91", name: typed}
    for page, status in (
        (office.get(f"{PLACE}?{urlencode(asked)}"), 400),
        (send(office, PLACE, asked | {"rehearsed": " ".join(asked.values()), "against": "0"}), 422),
    ):
        assert page.status_code == status
        assert sentence in words(page)
        assert f'name="{name}" id="id_{name}" value="{typed}"' in page.content.decode()
        assert "What would change" not in words(page)
    assert stored() == []


def test_an_address_with_parts_that_are_nothing_asks_for_nothing(office):
    page = office.get(PLACE, {"page": "1", "performance": "x"})
    assert (page.status_code, page.context["rehearsal"]) == (200, None)


def test_teachers_and_parents_are_refused_and_change_nothing(cast, sign_in):
    sent = START | {"attendance": "92", "rehearsed": "92 60 50 3 30", "against": "0"}
    for user in (cast.ana.user, cast.mariam.user):
        browser = sign_in(user)
        assert (browser.get(PLACE).status_code, send(browser, PLACE, sent).status_code) == (403, 403)
    assert stored() == []
    assert send(sign_in(cast.office), PLACE, sent).status_code == 302


def test_praise_is_no_concern(warned, office):
    assert "would be the same 1 student" in words(rehearsed(office, note_days="31")).split("From 3")[1]
    BehaviorRecord.objects.filter(date=MONDAY - timedelta(days=1)).update(behavior_type="positive")
    assert "would be the same 0 students" in words(rehearsed(office, note_days="31")).split("From 3")[1]
