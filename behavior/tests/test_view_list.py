"""/behavior/: all that is noted of the students whom somebody sees; narrowed, counted, sorted, by pages and as CSV."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from behavior.models import BehaviorCategory, BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by, category
from behavior.tests.noting import LIST, NEW, stored, text_of
from students.models import Enrolment
from students.tests.factories import EnrolmentFactory
from tests.cast import MONDAY, pupil

DAY = timedelta(days=1)
QUERIES = 9  # who you are, the school, classes, categories, the count, the page, by category, by week, the log
AS_CSV = 6  # who you are, the school, classes, categories, the rows, the log
THURSDAY, FRIDAY = MONDAY - 4 * DAY, MONDAY - 3 * DAY
AMINA_THU, AMINA_MON, BO, CLEO = "Amina 12", "Amina 16", "Bo 13", "Cleo 16"


@pytest.fixture
def noted(cast):
    """Four records: of Amina blame on Thursday by Ana and praise today by the office, of Bo praise, of Cleo by Ben."""
    in_7a = {"school_class": cast.class_7a, **by(cast.ana)}
    return [
        BehaviorRecordFactory(
            student=cast.amina, date=THURSDAY, behavior_type="negative", category=category("Homework"),
            notes="Nothing handed in", **in_7a,
        ),
        BehaviorRecordFactory(
            student=cast.amina, notes="Élan in the debate", shared_with_parents=True, teacher=None,
            noted_by=cast.office, category=category("Participation"),
        ),
        BehaviorRecordFactory(student=cast.bo, date=FRIDAY, notes="=1+1", shared_with_parents=True, **in_7a),
        BehaviorRecordFactory(
            student=cast.cleo, notes="canary-of-cleo", school_class=cast.class_7b, behavior_type="negative",
            category=category("Safety"), **by(cast.ben),
        ),
    ]  # fmt: skip


@pytest.fixture
def office(cast, noted, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, noted, sign_in):
    return sign_in(cast.ana.user)


def listed(client: Client, **query: object) -> list[str]:
    """The records on the page in its order, as name and day of the month."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [f"{record.student.given_name} {record.date.day}" for record in response.context["page"]]


def sheet(client: Client, **query: object) -> list[str]:
    """The lines of the CSV."""
    response = client.get(LIST, {**query, "format": "csv"})
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return b"".join(response.streaming_content).decode().split("\r\n")


def lines_of(response) -> list[str]:
    """The table's lines in words."""
    body = response.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    return [text_of(line) for line in body.split("</tr>")[:-1]]


class TestWhoseRecords:
    def test_the_office_sees_all_and_a_teacher_those_of_the_own_students_whoever_noted_them(
        self, cast, office, ana, sign_in
    ):
        assert listed(office) == [AMINA_MON, CLEO, BO, AMINA_THU]
        assert listed(ana) == [AMINA_MON, BO, AMINA_THU]
        assert listed(sign_in(cast.ben.user)) == [CLEO]

    def test_no_note_of_another_class_is_on_the_page_or_in_the_csv(self, cast, office, ana, sign_in):
        for right in (office, sign_in(cast.ben.user)):
            assertContains(right.get(LIST), "canary-of-cleo")
            assert "canary-of-cleo" in "".join(sheet(right))
        assertNotContains(ana.get(LIST), "canary-of-cleo")
        assert "canary-of-cleo" not in "".join(sheet(ana))

    @pytest.mark.parametrize("query", [{}, {"format": "csv"}])
    def test_parents_are_refused_and_the_signed_out_led_to_the_sign_in(self, cast, noted, sign_in, query):
        assert sign_in(cast.mariam.user).get(LIST, query).status_code == 403
        assert Client().get(LIST, query).url.startswith("/accounts/login/?next=/behavior/")

    def test_a_student_of_another_class_and_no_student_get_the_same_answer(self, cast, ana, office):
        assert listed(office, student_id=cast.cleo.student_id) == [CLEO]
        pages = [
            ana.get(LIST, {"student_id": student_id}).content.decode().replace(student_id, "…")
            for student_id in (cast.cleo.student_id, "STU99999")
        ]
        without_token = [re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page) for page in pages]
        assert without_token[0] == without_token[1]
        assert "No record matches these filters." in pages[0]

    def test_reading_writes_one_line_of_the_access_log_without_the_query(self, cast, office):
        forget_readings()
        before = stored()
        office.get(LIST, {"student_id": cast.bo.student_id})
        sheet(office)
        assert stored() == before
        assert (
            list(AccessLog.objects.values_list("reader__username", "page", "path", "student_id"))
            == [("office", "behavior:list", LIST, "")] * 2
        )


OF_BO, OF_AM = "Bo Lind, Kindness, Fri 13 Mar", "Amina Diallo, Homework, Thu 12 Mar"


def actions(record: str) -> str:
    """What may be done with an own record, as a screen reader says it."""
    return f"Edit {record} Withdraw {record}"


class TestWhatALineSays:
    def test_day_student_class_type_category_note_who_reads_it_who_noted_it_and_what_may_be_done(self, ana):
        assert lines_of(ana.get(LIST)) == [
            "Mon 16 Mar Amina Diallo – ▲ Positive Participation Élan in the debate shared with parents School office",
            f"Fri 13 Mar Bo Lind 7A ▲ Positive Kindness =1+1 shared with parents Ana Silva {actions(OF_BO)}",
            f"Thu 12 Mar Amina Diallo 7A ▼ Negative Homework Nothing handed in staff only Ana Silva {actions(OF_AM)}",
        ]

    def test_the_office_may_change_every_line(self, office):
        assert all("Edit" in line and "Withdraw" in line for line in lines_of(office.get(LIST)))

    def test_the_name_leads_to_the_students_page(self, cast, office):
        assertContains(office.get(LIST), f'<a href="/students/{cast.bo.student_id}/">Bo Lind</a>', html=True)


class TestFilters:
    def test_by_student(self, cast, office):
        assert listed(office, student_id=cast.amina.student_id) == [AMINA_MON, AMINA_THU]
        assert listed(office, student_id=f" {cast.amina.student_id.lower()} ") == [AMINA_MON, AMINA_THU]
        assert listed(office, student_id=cast.amina.student_id[:-1]) == []

    def test_by_the_class_that_the_student_was_in_on_the_day(self, cast, office):
        assert listed(office, class_id=cast.class_7a.pk) == [AMINA_MON, BO, AMINA_THU]
        Enrolment.objects.filter(student=cast.amina).update(ends_on=FRIDAY)
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=FRIDAY, is_primary=True)
        assert listed(office, class_id=cast.class_7a.pk) == [BO, AMINA_THU]
        assert listed(office, class_id=cast.class_7b.pk) == [AMINA_MON, CLEO]

    def test_by_type_and_category(self, office):
        assert listed(office, behavior_type="negative") == [CLEO, AMINA_THU]
        assert listed(office, category="Homework") == [AMINA_THU]
        assert listed(office, category="Homework", behavior_type="positive") == []

    def test_by_a_category_that_is_no_longer_offered(self, office):
        BehaviorCategory.objects.filter(name="Safety").update(is_active=False)
        assert listed(office, category="Safety") == [CLEO]

    def test_by_days_both_inclusive(self, office):
        assert listed(office, start_date=FRIDAY) == [AMINA_MON, CLEO, BO]
        assert listed(office, end_date=FRIDAY) == [BO, AMINA_THU]
        assert listed(office, start_date=THURSDAY, end_date=THURSDAY) == [AMINA_THU]

    def test_by_words_of_the_note_or_the_name(self, cast, office):
        assert listed(office, search="handed") == [AMINA_THU]
        assert listed(office, search="élan") == [AMINA_MON]
        assert listed(office, search="diallo handed") == [AMINA_THU]
        assert listed(office, search="lind handed") == []
        assert listed(office, search=cast.bo.student_id) == [BO]

    def test_together_and_as_chips_that_take_them_away(self, cast, office):
        response = office.get(LIST, {"class_id": cast.class_7a.pk, "behavior_type": "positive", "search": "bo"})
        chips = {chip.label: chip.query for chip in response.context["chips"]}
        assert set(chips) == {"Class: 7A", "Type: Positive", "Name or note: bo"}
        assert chips["Type: Positive"] == f"?class_id={cast.class_7a.pk}&search=bo"

    def test_a_teacher_is_offered_the_own_classes(self, cast, ana):
        assertContains(ana.get(LIST), f'<option value="{cast.class_7a.pk}">7A</option>', html=True)
        assertNotContains(ana.get(LIST), ">7B<")

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ({"start_date": "nonsense"}, "Give the day as year-month-day, such as 2026-09-14."),
            ({"end_date": "２０２６-03-16"}, "Give the day as year-month-day, such as 2026-09-14."),
            ({"start_date": "0001-01-01"}, "Give a day between the years 1950 and 2150."),
            ({"start_date": "2026-03-16", "end_date": "2026-03-15"}, "The last day is before the first."),
            ({"behavior_type": "neutral"}, "Select a valid choice."),
            ({"category": "Nonsense"}, "Select a valid choice."),
            ({"class_id": "999999"}, "Select a valid choice."),
            ({"class_id": "7A"}, "Select a valid choice."),
            ({"student_id": "S" * 21}, "Ensure this value has at most 20 characters"),
            ({"search": "x" * 101}, "Ensure this value has at most 100 characters"),
            ({"search": "a\x00"}, "Null characters are not allowed."),
        ],
    )
    def test_a_filter_that_cannot_be_read_is_told_and_lists_nothing(self, query, sentence, office):
        answer = office.get(LIST, query)
        assert answer.status_code == 400
        assert sentence in text_of(answer)
        assertNotContains(answer, "Élan in the debate", status_code=400)
        assert office.get(LIST, query | {"format": "csv"})["Content-Type"].startswith("text/html")

    @pytest.mark.parametrize("query", [{"sort": "notes"}, {"page": "9"}, {"page": "0"}, {"page": "x"}])
    def test_an_order_or_a_page_that_is_not_there_is_not_found(self, query, office):
        assert office.get(LIST, query).status_code == 404

    def test_the_class_of_a_colleague_is_no_choice(self, cast, ana):
        assert ana.get(LIST, {"class_id": cast.class_7b.pk}).status_code == 400


class TestOrder:
    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("date", [AMINA_THU, BO, AMINA_MON, CLEO]),
            ("student", [AMINA_THU, AMINA_MON, BO, CLEO]),
            ("-student", [CLEO, BO, AMINA_THU, AMINA_MON]),
            ("class", [AMINA_THU, BO, CLEO, AMINA_MON]),
            ("type", [AMINA_THU, CLEO, AMINA_MON, BO]),
            ("category", [AMINA_THU, BO, AMINA_MON, CLEO]),
        ],
    )
    def test_each_head_sorts(self, sort, expected, office):
        assert listed(office, sort=sort) == expected


class TestCounts:
    def test_over_all_that_is_filtered_by_type_category_and_week(self, cast, office):
        page = office.get(LIST)
        said = text_of(page)
        assert "4 records: 2 positive, 2 negative" in said
        tables = [lines_of_table(table) for table in page.content.decode().split("<tbody>")[2:]]
        assert tables == [
            ["Mon 16 Mar 1 1", "Mon 9 Mar 1 1"],
            ["Homework 0 1", "Kindness 1 0", "Participation 1 0", "Safety 0 1"],
        ]

    def test_follow_the_filters_and_not_the_page(self, cast, office):
        for _time in range(30):
            BehaviorRecordFactory(student=cast.bo, date=FRIDAY, **by(cast.ana))
        page = office.get(LIST, {"student_id": cast.bo.student_id})
        assert len(page.context["page"]) == 25
        assert "31 records: 31 positive, 0 negative" in text_of(page)
        summary = page.context["summary"]
        assert [(str(name), counts.positive, counts.negative) for name, counts in summary.categories] == [
            ("Kindness", 31, 0)
        ]
        assert [bar.number for bar in summary.positive_bars.bars] == [31]

    def test_a_teacher_counts_the_own_students_alone(self, cast, ana):
        assert "3 records: 2 positive, 1 negative" in text_of(ana.get(LIST))

    def test_columns_are_drawn_for_six_weeks_and_the_table_has_all(self, cast, office):
        BehaviorRecordFactory(student=cast.bo, date=date(2025, 9, 3), **by(cast.ana))
        summary = office.get(LIST).context["summary"]
        assert [bar.label for bar in summary.positive_bars.bars] == [
            "9 Feb", "16 Feb", "23 Feb", "2 Mar", "9 Mar", "16 Mar",
        ]  # fmt: skip
        assert [bar.number for bar in summary.negative_bars.bars] == [0, 0, 0, 0, 1, 1]
        assert (len(summary.weeks), summary.weeks[-1][0]) == (29, date(2025, 9, 1))


def lines_of_table(table: str) -> list[str]:
    return [text_of(line) for line in table.split("</tbody>", maxsplit=1)[0].split("</tr>")[:-1]]


class TestCsv:
    def test_the_same_rows_in_the_words_of_the_api_with_formulas_disarmed(self, cast, ana):
        keys = {
            record.student.given_name[0] + str(record.date.day): record.pk for record in BehaviorRecord.objects.all()
        }
        amina = "STU00001,Amina Diallo"
        fields = "behavior_id,student_id,full_name,class,date,behavior_type,category,notes,shared_with_parents,noted_by"
        conduct = "School Code of Conduct"
        assert sheet(ana) == [
            f"\ufeff{fields},behavior_descriptor",
            f"{keys['A16']},{amina},,2026-03-16,positive,Participation,Élan in the debate,true,School office,",
            f"{keys['B13']},STU00002,Bo Lind,7A,2026-03-13,positive,Kindness,'=1+1,true,Ana Silva,",
            f"{keys['A12']},{amina},7A,2026-03-12,negative,Homework,Nothing handed in,false,Ana Silva,{conduct}",
            "",
        ]  # fmt: skip

    def test_follows_filters_and_order(self, office):
        lines = sheet(office, behavior_type="negative", sort="date")
        assert [line.split(",")[1] for line in lines[1:-1]] == ["STU00001", "STU00003"]


class TestEmpty:
    def test_says_what_to_do(self, cast, ana):
        assertContains(ana.get(LIST, {"search": "nobody"}), "No record matches these filters.")
        BehaviorRecord.objects.all().delete()
        page = ana.get(LIST)
        assertContains(page, "Nothing has been noted of your students yet.")
        assertContains(page, f'href="{NEW}"')


class TestCost:
    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_the_same_queries_at_any_size(self, number, cast, sign_in, count_queries):
        for each in range(number):
            student = pupil(f"Pupil{each}", "More", cast.class_7a)
            BehaviorRecordFactory(student=student, school_class=cast.class_7a, date=MONDAY - each * DAY)
        for user in (cast.ana.user, cast.office):
            browser = sign_in(user)
            assert count_queries(lambda browser=browser: browser.get(LIST)) == QUERIES
            assert count_queries(lambda browser=browser: sheet(browser)) == AS_CSV
