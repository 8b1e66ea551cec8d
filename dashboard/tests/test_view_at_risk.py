"""/dashboard/at-risk/: whom to talk to, and why."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from io import StringIO

import pytest

from accounts.models import AccessLog
from attendance.models import AttendanceRecord
from attendance.tests.factories import AttendanceRecordFactory
from behavior.models import BehaviorRecord
from dashboard.models import FollowUp
from dashboard.tests.early_warning import attends, blamed, keep, scores
from dashboard.tests.factories import FollowUpFactory, ThresholdSetFactory
from students.models import AcademicYear, Enrolment, SchoolClass, TeachingAssignment
from students.tests.factories import SubjectFactory
from tests.cast import MONDAY, pupil

LIST = "/dashboard/at-risk/"
QUERIES = 12  # one of them loads who is signed in, one the school, one notes the reading


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics", code="MAT")


@pytest.fixture
def at_risk(cast, maths):
    """Amina misses 4 of 25 days and fails Mathematics, Bo is blamed three times, Cleo misses 3 of 25 days."""
    attends(cast.amina, cast.class_7a, missed=4)
    scores(cast.amina, cast.class_7a, maths, [40, 45, 50])
    blamed(cast.bo, cast.ana, 0, 5, 29)
    attends(cast.cleo, cast.class_7b, missed=3)
    keep()


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


def words(response, status=200) -> str:
    """The text of the page in one line, without its tags."""
    assert response.status_code == status
    text = re.sub(r"<(script|style|title)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).replace("\N{NO-BREAK SPACE}", " ").split())


def names(response) -> list[str]:
    return re.findall(r'class="alert-of__name"><a href="[^"]+">([^<]+)</a>', response.content.decode())


def sheet(browser, query="") -> list[dict[str, str]]:
    content = b"".join(browser.get(f"{LIST}?format=csv{query}").streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(content)))


class TestWhoIsListed:
    def test_the_office_sees_the_school_by_number_of_rules_then_of_reasons_then_by_name(self, at_risk, office):
        page = office.get(LIST)
        assert names(page) == ["Amina Diallo", "Bo Lind", "Cleo Marsh"]
        assert "3 students · school year 2025/26 to date" in words(page)

    def test_a_teacher_sees_the_own_classes_and_nothing_of_others(self, at_risk, cast, office, sign_in):
        everything = words(office.get(LIST))
        assert "Cleo Marsh" in everything
        assert "7B" in everything
        ana = sign_in(cast.ana.user)
        page = ana.get(LIST)
        assert names(page) == ["Amina Diallo", "Bo Lind"]
        said = words(page)
        assert "2 students · school year 2025/26 to date" in said
        assert "Marks count in the subjects that you see, published or not." in said
        assert "Cleo" not in said
        assert "7B" not in said
        assert "Low attendance 1 Low performance 1 Behavioural concern 1" in said
        assert {line["full_name"] for line in sheet(ana)} == {"Amina Diallo", "Bo Lind"}
        assert names(sign_in(cast.ben.user).get(LIST)) == ["Cleo Marsh"]

    def test_a_teacher_of_one_subject_is_alerted_by_that_subject_alone(self, at_risk, cast, sign_in):
        art = SubjectFactory(name="Art", code="ART")
        scores(cast.amina, cast.class_7a, art, [10, 20, 30])
        keep()
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=art)
        said = words(sign_in(cast.ana.user).get(LIST))
        assert "20.0 % average in Art: below 50 % raises it" in said
        assert "Mathematics" not in said

    def test_somebody_without_classes_is_told_what_to_do(self, at_risk, cast, sign_in):
        TeachingAssignment.objects.filter(teacher=cast.ana).delete()
        said = words(sign_in(cast.ana.user).get(LIST))
        assert "No class is assigned to you now. The school office assigns them." in said

    def test_who_left_the_class_is_no_longer_listed(self, at_risk, cast, office):
        assert "Cleo Marsh" in names(office.get(LIST))
        Enrolment.objects.filter(student=cast.cleo).update(ends_on=MONDAY)
        assert names(office.get(LIST)) == ["Amina Diallo", "Bo Lind"]


class TestOneAlert:
    def test_it_says_rule_value_threshold_since_when_and_what_clears_it(self, at_risk, office):
        said = words(office.get(LIST))
        assert (
            "84.0 % attendance: at most 90 % raises it Since Mon 23 Feb, the portal's own thresholds "
            "What clears it: 4 full weeks without an absence lift it above 90 %." in said
        )
        assert (
            "45.0 % average: below 60 % raises it Since Mon 16 Mar, the portal's own thresholds "
            "What clears it: 3 pieces of work at 80 % reach 60 %." in said
        )
        assert (
            "45.0 % average in Mathematics: below 50 % raises it Since Mon 16 Mar, the portal's own thresholds "
            "What clears it: 1 piece of work at 75 % reaches 50 %." in said
        )
        assert (
            "3 negative notes in 30 days: 3 raise it Since Mon 16 Mar, the portal's own thresholds "
            "What clears it: No further negative note until Tue 17 Mar." in said
        )

    def test_the_dated_rows_stand_under_it_the_latest_first(self, at_risk, cast, office):
        missed = AttendanceRecord.objects.filter(student=cast.amina, status="absent").order_by("-date")
        missed.filter(date=missed[0].date).update(note="Dentist")
        said = words(office.get(LIST))
        assert "Fri 13 Feb A Absent: “Dentist”" in said
        days = [f"{day:%a} {day.day} {day:%b}" for day in missed.values_list("date", flat=True)]
        places = [said.index(f"{day} A Absent") for day in days]
        assert places == sorted(places)

    def test_the_latest_five_stand_there_and_the_others_are_a_link_away(self, cast, office):
        attends(cast.amina, cast.class_7a, missed=7)
        keep()
        everything = f'<a href="/attendance/records/?student_id={cast.amina.student_id}">2 earlier ones'
        page = office.get(LIST).content.decode()
        assert (page.count("mark--absent"), page.count("7 pieces of evidence"), page.count(everything)) == (5, 1, 1)

    def test_five_need_no_link(self, cast, maths, office):
        scores(cast.amina, cast.class_7a, maths, [10] * 5)
        keep()
        page = office.get(LIST).content.decode()
        assert page.count("5 pieces of evidence") == 2
        assert page.count(": 10 of 100") == 2 * 5
        assert "earlier one" not in page

    def test_marks_show_the_work_and_behaviour_its_category_and_note(self, at_risk, cast, office):
        BehaviorRecord.objects.filter(student=cast.bo, date=MONDAY).update(notes="Threw a shoe")
        said = words(office.get(LIST))
        assert re.search(r"Mon 16 Mar Mathematics 2, Mathematics ?: 50 of 100 \(50.0 %\)", said)
        assert re.search(r"Mon 16 Mar Kindness ?: “Threw a shoe”", said)

    def test_the_version_that_raised_it_is_named_with_who_and_when(self, at_risk, cast, office):
        ThresholdSetFactory(version=3, set_by=cast.ana.user, average=Decimal(62))
        said = words(office.get(LIST))
        assert "below 62 % raises it Since Mon 16 Mar, thresholds version 3, set by Ana Silva on 16 Mar 2026" in said
        assert "In force: thresholds version 3, set by Ana Silva on 16 Mar 2026." in said

    def test_its_links_lead_to_the_student_and_to_noting_what_was_done(self, at_risk, cast, office):
        page = office.get(f"{LIST}?class_id={cast.class_7b.pk}").content.decode()
        place = f"/students/{cast.cleo.student_id}/"
        assert f'<a href="{place}">Cleo Marsh</a>' in page
        assert f'href="{place}?next=/dashboard/at-risk/%3Fclass_id%3D{cast.class_7b.pk}#follow-up"' in page


class TestFollowUps:
    def test_a_fresh_action_steps_back_and_stays_on_the_list(self, at_risk, cast, office):
        FollowUpFactory(student=cast.amina, noted_by=cast.ana.user, note="Calls the doctor", done_on=date(2026, 3, 9))
        page = office.get(LIST)
        assert names(page) == ["Bo Lind", "Cleo Marsh", "Amina Diallo"]
        sentence = "Spoke to the family on Mon 9 Mar by Ana Silva, look again on Mon 30 Mar: “Calls the doctor”"
        assert sentence in words(page)
        assert "3 students" in words(page)

    def test_on_the_day_to_look_again_it_is_back_in_its_place(self, at_risk, cast, office):
        FollowUpFactory(student=cast.amina, done_on=date(2026, 3, 9), look_again_on=MONDAY + timedelta(days=1))
        assert names(office.get(LIST))[-1] == "Amina Diallo"
        FollowUp.objects.update(look_again_on=MONDAY)
        page = office.get(LIST)
        assert names(page)[0] == "Amina Diallo"
        assert "It was to be looked at again on Mon 16 Mar" in words(page)

    def test_the_latest_of_several_counts(self, at_risk, cast, office):
        for number, (done_on, again) in enumerate(
            [(date(2026, 3, 2), date(2026, 4, 1)), (date(2026, 3, 10), MONDAY), (date(2026, 3, 9), date(2026, 4, 1))]
        ):
            FollowUpFactory(student=cast.amina, done_on=done_on, look_again_on=again, note=f"number {number}")
        page = office.get(LIST)
        assert names(page)[0] == "Amina Diallo"
        said = words(page)
        assert "“number 1”" in said
        assert "“number 0”" not in said
        assert "“number 2”" not in said

    def test_of_two_on_one_day_the_one_noted_last_counts(self, at_risk, cast, office):
        for note in ("first", "second"):
            FollowUpFactory(student=cast.amina, note=note)
        said = words(office.get(LIST))
        assert "“second”" in said
        assert "“first”" not in said

    def test_one_of_last_year_is_over(self, at_risk, cast, office):
        FollowUpFactory(student=cast.amina, done_on=date(2025, 8, 31), look_again_on=date(2026, 8, 1))
        assert names(office.get(LIST))[0] == "Amina Diallo"


class TestFilters:
    def test_by_class_grade_level_and_rule(self, at_risk, cast, office):
        SchoolClass.objects.filter(pk=cast.class_7b.pk).update(grade_level="8")
        assert names(office.get(f"{LIST}?class_id={cast.class_7b.pk}")) == ["Cleo Marsh"]
        assert names(office.get(f"{LIST}?grade_level=7")) == ["Amina Diallo", "Bo Lind"]
        assert names(office.get(f"{LIST}?rule=low_attendance")) == ["Amina Diallo", "Cleo Marsh"]
        assert names(office.get(f"{LIST}?rule=behavioral_concerns")) == ["Bo Lind"]

    def test_the_counts_by_rule_are_of_everybody_and_lead_to_the_rule(self, at_risk, office):
        page = office.get(f"{LIST}?rule=behavioral_concerns")
        assert "Low attendance 2 Low performance 1 Behavioural concern 1" in words(page)
        assert 'href="?rule=low_attendance"' in page.content.decode()
        assert "1 student · " in words(page)

    def test_thresholds_for_one_look_are_said_aloud_and_change_nothing(self, at_risk, office):
        assert "Cleo Marsh" in names(office.get(LIST))
        page = office.get(f"{LIST}?attendance=84,5&performance=40")
        said = words(page)
        assert "Thresholds for this look only" in said
        assert 'href="?">Back to the thresholds in force' in page.content.decode()
        assert "Cleo Marsh" not in names(page)
        assert "84.0 % attendance: at most 84.5 % raises it Since Mon 23 Feb, threshold for this look" in said
        assert "average in Mathematics: below 50 % raises it Since Mon 16 Mar, the portal's own thresholds" in said
        assert "45.0 % average: below" not in said
        assert names(office.get(LIST)) == ["Amina Diallo", "Bo Lind", "Cleo Marsh"]

    @pytest.mark.parametrize(
        "query",
        [
            "attendance=101",
            "attendance=-1",
            "attendance=90.55",
            "attendance=1e1",
            "attendance=nan",
            "attendance=９０",
            "performance=most",
            "performance=%00",
            "performance=" + "9" * 400,
            "class_id=999999",
            "class_id=x",
            "grade_level=99",
            "rule=low_marks",
        ],
    )
    def test_what_cannot_be_read_gets_a_sentence_and_no_list(self, query, at_risk, office):
        page = office.get(f"{LIST}?{query}")
        said = words(page, 400)
        assert 'class="wrong"' in page.content.decode()
        assert "Nothing is listed until the filters marked above are changed." in said
        assert names(page) == []

    def test_anothers_class_is_no_choice_of_a_teacher(self, at_risk, cast, sign_in):
        ana = sign_in(cast.ana.user)
        assert names(ana.get(f"{LIST}?class_id={cast.class_7a.pk}")) == ["Amina Diallo", "Bo Lind"]
        words(ana.get(f"{LIST}?class_id={cast.class_7b.pk}"), 400)

    def test_a_page_that_is_not_there(self, at_risk, office):
        assert office.get(f"{LIST}?page=2").status_code == 404

    def test_25_a_page(self, cast, office):
        for number in range(26):
            blamed(pupil("Pupil", f"{number:02d}", cast.class_7a), cast.ana, 0, 1, 2)
        first, second = office.get(LIST), office.get(f"{LIST}?page=2")
        assert (len(names(first)), names(second)) == (25, ["Pupil 25"])
        assert "26 students" in words(second)
        assert len(sheet(office)) == 26


class TestEmptyStates:
    def test_no_class(self, cast, office):
        TeachingAssignment.objects.all().delete()
        Enrolment.objects.all().delete()
        SchoolClass.objects.all().delete()
        AcademicYear.objects.all().delete()
        assert "There is no class yet, so there is nobody to look at." in words(office.get(LIST))

    def test_no_registers_marks_or_notes(self, cast, office):
        said = words(office.get(LIST))
        assert "There are no registers, marks or notes of this school year yet. Alerts come from them." in said

    def test_a_year_that_has_not_begun(self, cast, office):
        AcademicYear.objects.update(starts_on=date(2026, 4, 1), ends_on=date(2027, 4, 1))
        assert "There are no registers, marks or notes of this school year yet." in words(office.get(LIST))

    def test_nobody_at_risk(self, cast, office):
        attends(cast.amina, cast.class_7a, missed=0)
        keep()
        assert "Nobody is at risk by the rules below." in words(office.get(LIST))

    def test_nobody_by_these_filters(self, at_risk, cast, office):
        said = words(office.get(f"{LIST}?class_id={cast.class_7b.pk}&rule=low_performance"))
        assert "Nobody is at risk by these filters. Show all students at risk" in said
        assert "Low attendance 1 Low performance 0 Behavioural concern 0" in said


def test_the_csv_has_a_line_a_reason(at_risk, cast, office):
    FollowUpFactory(student=cast.cleo)
    lines = sheet(office)
    assert [(line["full_name"], line["rule"], line["subject"], line["value"], line["threshold"]) for line in lines] == [
        ("Amina Diallo", "low_attendance", "", "84.0", "90.0"),
        ("Amina Diallo", "low_performance", "", "45.0", "60.0"),
        ("Amina Diallo", "low_performance", "Mathematics", "45.0", "50.0"),
        ("Bo Lind", "behavioral_concerns", "", "3", "3"),
        ("Cleo Marsh", "low_attendance", "", "88.0", "90.0"),
    ]
    assert lines[3]["since"] == "2026-03-16"
    assert lines[3]["clears"] == "No further negative note until Tue 17 Mar."
    assert lines[3]["raised_by"] == "the portal's own thresholds"
    assert {name: lines[4][name] for name in ("class", "last_action", "action_date", "look_again_on")} == {
        "class": "7B",
        "last_action": "spoke",
        "action_date": "2026-03-16",
        "look_again_on": "2026-03-30",
    }
    assert lines[4]["student_id"] == cast.cleo.student_id
    assert [line["full_name"] for line in sheet(office, "&rule=behavioral_concerns")] == ["Bo Lind"]


def test_a_formula_in_a_name_is_disarmed(at_risk, cast, office):
    type(cast.bo).objects.filter(pk=cast.bo.pk).update(given_name="=1+1", family_name="")
    assert [line["full_name"] for line in sheet(office, "&rule=behavioral_concerns")] == ["'=1+1"]


def test_the_reading_is_noted_and_nothing_else_is_written(at_risk, cast, office):
    before = AccessLog.objects.count()
    office.get(LIST)
    log = AccessLog.objects.order_by("pk").last()
    assert AccessLog.objects.count() == before + 1
    assert (log.page, log.student_id) == ("dashboard:at_risk", "")


def test_the_office_alone_finds_the_way_to_the_thresholds(at_risk, cast, office, sign_in):
    assert "Change the thresholds" in words(office.get(LIST))
    assert "Change the thresholds" not in words(sign_in(cast.ana.user).get(LIST))


@pytest.mark.parametrize("number", [1, 3, 60])
def test_it_costs_the_same_at_any_number(number, cast, maths, office, count_queries):
    for count in range(number):
        student = pupil("Pupil", f"{count:02d}", cast.class_7a)
        attends(student, cast.class_7a, missed=5)
        scores(student, cast.class_7a, maths, [40, 45, 50])
        blamed(student, cast.ana, 0, 1, 2)
        FollowUpFactory(student=student, noted_by=cast.ana.user)
    attends(cast.amina, cast.class_7a, missed=0)
    attends(cast.bo, cast.class_7a, missed=0)
    keep()
    pages, lines = [], []
    assert count_queries(lambda: pages.append(office.get(LIST))) == QUERIES
    assert len(names(pages[0])) == min(number, 25)
    assert count_queries(lambda: lines.extend(sheet(office))) == QUERIES
    assert len(lines) == 4 * number


def test_a_register_that_lacks_somebody_costs_no_more(at_risk, cast, office, count_queries):
    AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a)
    keep()
    assert count_queries(lambda: office.get(LIST)) == QUERIES
