"""The performance of one student: average, attendance, trend, and the reasons of alerts; for staff page and API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from assessments.child_marks import ChildMarks
from assessments.metrics import Average, average_of_rows
from attendance.metrics import FEWEST_SESSIONS, Attendance
from behavior.models import BehaviorType
from core.charts import LongLine, long_line
from core.templatetags.portal import day_short
from dashboard.alert_words import sentence_of
from dashboard.insights import NEAR
from dashboard.risk import Reason, StudentFacts, is_low, reasons_of
from dashboard.student_year import StudentYear, load_enrolments, read_student_year
from dashboard.threshold_words import bound_in_words
from dashboard.thresholds import Thresholds, thresholds_in_force
from dashboard.trends import Period, TrendPoint, count_days, name_of, rate_between, spans_of
from students.models import School, Student


@dataclass(frozen=True)
class Performance:
    """A student's school year to date, over the marks of the subjects that somebody sees, published or not."""

    attendance: Attendance
    marks: ChildMarks
    trend: list[TrendPoint]
    reasons: list[Reason]
    thresholds: Thresholds

    @property
    def is_high_performer(self) -> bool | None:
        """None below 3 graded scores."""
        return self.marks.average.is_high

    @property
    def subject_breakdown(self) -> Mapping[str, Average]:
        """The average in each subject, by its name."""
        return {each.subject.name: each.average for each in self.marks.subjects}

    @property
    def sentences(self) -> list[str]:
        """The reasons of alerts in words."""
        names = {each.subject.pk: each.subject.name for each in self.marks.subjects}
        note_days = self.thresholds.note_days
        return [sentence_of(reason, names.get(reason.subject or 0, ""), note_days) for reason in self.reasons]

    @property
    def near(self) -> str:
        """How few further absences raise the alert of attendance; empty where it is raised or far."""
        left = absences_left(self.attendance, self.thresholds.attendance)
        if not left or left > NEAR:
            return ""
        sentence = ngettext(
            "%(number)d more absence reaches %(share)s.", "%(number)d more absences reach %(share)s.", left
        )
        return sentence % {"number": left, "share": bound_in_words(1 - self.thresholds.attendance)}

    @property
    def attendance_line(self) -> LongLine | None:
        return self.line([point.attendance for point in self.trend], self.thresholds.attendance)

    @property
    def average_line(self) -> LongLine | None:
        return self.line([point.average for point in self.trend], self.thresholds.average)

    def line(self, shares: list[Fraction | None], threshold: Fraction) -> LongLine | None:
        """One figure of the trend with its threshold."""
        labels = [day_short(point.day) for point in self.trend]
        name = _("alert: %(bound)s") % {"bound": bound_in_words(threshold)}
        return long_line(list(zip(labels, shares, strict=True)), (name, threshold))


def get_student_performance(school: School, student: Student, user: User) -> Performance | None:
    """Read it; None before the first main class. Seven statements: enrolments, those of the year, thresholds."""
    year = read_student_year(school, student, user, load_enrolments(student))
    return performance_of(year, thresholds_in_force()) if year else None


def performance_of(year: StudentYear, thresholds: Thresholds) -> Performance:
    """The same where the year is read already; no statement."""
    facts = StudentFacts(
        attendance=year.attendance,
        average=year.marks.average,
        subjects={each.subject.pk: each.average for each in year.marks.subjects},
        negative_on=[row.date for row in year.behavior.records if row.behavior_type == BehaviorType.NEGATIVE],
    )
    today = year.calendar.school.today()
    return Performance(
        year.attendance, year.marks, trend_of_year(year), reasons_of(facts, thresholds, today), thresholds
    )


def get_student_trend(school: School, student: Student, user: User, period: Period) -> list[TrendPoint]:
    """The trend alone, over any period; empty before the first main class. Six statements."""
    year = read_student_year(school, student, user, load_enrolments(student))
    return trend_of_year(year, period) if year else []


def trend_of_year(year: StudentYear, period: Period = Period.QUARTER) -> list[TrendPoint]:
    """The points of a period, of 90 days week by week: the rate of its days, the average of the scores dated in it."""
    days = count_days((row.date, row.status) for row in year.main_records)
    scores = [score for each in year.marks.subjects for score in each.scores]
    return [
        TrendPoint(
            name_of(span, period),
            rate_between(days, span),
            average_of_rows(each for each in scores if span[0] <= each.assessment.date_taken <= span[1]).share,
        )
        for span in spans_of(year.calendar, [year.main], period)
    ]


def absences_left(attendance: Attendance, most: Fraction) -> int | None:
    """How many further days missed in a row make the rate at most `most`: the least k with
    attended <= most x (possible + k), for `most` above 0.

    0 where it is reached; None below 10 recorded sessions and where fewer than 90 % of those due have a record.
    """
    if attendance.possible < FEWEST_SESSIONS or not attendance.supports_alerts or not most:
        return None
    return 0 if is_low(attendance, most) else ceil(attendance.attended / most - attendance.possible)
