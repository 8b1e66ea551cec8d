"""What the children of the demo school took part in: believable, noted by who may, and there on every day.

Expected numbers are counted from raw rows, not by the code of the portal.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import time_machine
from django.test import TestCase

from accounts.models import User
from attendance.models import AttendanceRecord
from exchange.demo.school import build_demo_school
from exchange.tests.demo_facts import BEFORE_SCHOOL, SOME_WEDNESDAY, school_days
from participation.models import Event, ParticipationRecord
from students.models import AcademicYear, Enrolment, SchoolClass, Student, TeachingAssignment


@time_machine.travel(BEFORE_SCHOOL, tick=False)
class DemoParticipationTests(TestCase):
    """The school made on a Wednesday in December, at a quarter past seven in the morning."""

    today = SOME_WEDNESDAY

    @classmethod
    def setUpTestData(cls) -> None:
        build_demo_school()

    def test_events_lie_on_past_school_days_of_the_year(self) -> None:
        days = set(school_days(AcademicYear.objects.get().starts_on, self.today)) - {self.today}
        assert set(Event.objects.values_list("date", flat=True)) <= days

    def test_each_class_has_trips_and_the_sports_day_and_there_are_clubs_and_concerts(self) -> None:
        names = defaultdict(set)
        for name, school_class in Event.objects.values_list("name", "school_class__name"):
            names[school_class].add(name)
        assert set(names) == {None, *SchoolClass.objects.values_list("name", flat=True)}
        assert names[None] >= {"Reading club", "Autumn concert", "Chess tournament"}
        for school_class in SchoolClass.objects.all():
            assert names[school_class.name] >= {"Trip to the museum", "Science fair", "Sports day"}

    def test_everybody_takes_part_in_something_and_most_children_attend(self) -> None:
        statuses = Counter(ParticipationRecord.objects.values_list("status", flat=True))
        assert set(statuses) == {"attended", "helped", "led", "award", "absent"}
        assert statuses["attended"] > sum(statuses.values()) / 2
        assert set(ParticipationRecord.objects.values_list("student", flat=True)) == set(
            Student.objects.values_list("pk", flat=True)
        )

    def test_a_class_event_holds_who_was_in_the_class_on_its_day(self) -> None:
        enrolments = list(Enrolment.objects.values_list("school_class", "student", "starts_on", "ends_on"))
        noted = defaultdict(set)
        for event, student in ParticipationRecord.objects.values_list("event", "student"):
            noted[event].add(student)
        for event in Event.objects.exclude(school_class=None).exclude(noted_at=None):
            there = {
                student
                for school_class, student, start, end in enrolments
                if school_class == event.school_class_id and start <= event.date and (end is None or event.date < end)
            }
            assert noted[event.pk] == there

    def test_who_was_away_that_day_was_absent(self) -> None:
        away = AttendanceRecord.objects.filter(status__in=["absent", "excused"]).values_list("student", "date")
        noted = {
            (student, day): status
            for student, day, status in ParticipationRecord.objects.values_list("student", "date", "status")
        }
        both = set(away) & set(noted)
        assert len(both) > 5
        assert {noted[pair] for pair in both} == {"absent"}

    def test_records_say_what_their_event_says_and_who_noted_it_teaches_the_student(self) -> None:
        taught = set(TeachingAssignment.objects.values_list("teacher__user", "school_class"))
        enrolled = defaultdict(set)
        for student, school_class in Enrolment.objects.values_list("student", "school_class"):
            enrolled[student].add(school_class)
        for record in ParticipationRecord.objects.select_related("event"):
            event = record.event
            assert (record.event_name, record.date, record.school_class_id) == (
                event.name,
                event.date,
                event.school_class_id,
            )
            assert any((record.marked_by_id, school_class) in taught for school_class in enrolled[record.student_id])

    def test_the_teacher_finds_an_event_of_the_own_class_that_waits(self) -> None:
        waiting = Event.objects.get(noted_at=None)
        teacher = User.objects.get(username="teacher")
        assert not waiting.records.exists()
        assert (teacher.pk, waiting.school_class_id) in set(
            TeachingAssignment.objects.values_list("teacher__user", "school_class")
        )
        assert waiting.date == max(Event.objects.values_list("date", flat=True))

    def test_each_row_has_one_version_as_old_as_itself(self) -> None:
        for model in (Event, ParticipationRecord):
            versions = dict(model.history.values_list("id", "history_date"))
            assert model.history.count() == model.objects.count() == len(versions)
            for pk, made, changed in model.objects.values_list("pk", "created_at", "updated_at"):
                assert made == changed == versions[pk]
