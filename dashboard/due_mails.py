"""Which mails to parents are due now, and what is in each. Reads only; mailing.py sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Parent
from assessments.models import Score
from attendance.metrics import Attendance
from attendance.models import AttendanceRecord, Status
from dashboard.mail_models import MailKey, MailKind
from students.models import Enrolment, School, SchoolClass, Student, StudentParentLink
from students.querysets import Domain

WEEK_IS_SENT_AT = time(15, 0)  # by the school's clock
LATEST_AFTER = timedelta(days=2)  # a weekly mail that was held back goes out until then
DAYS_A_WEEK = 7
DOMAINS: tuple[Domain, ...] = ("attendance", "assessments")


@dataclass(frozen=True)
class Recipient:
    """A parent who may be written to about a child today: as whom, and about which domains."""

    parent: Parent
    student: Student
    relationship: str
    sees: frozenset[Domain]


@dataclass(frozen=True)
class Week:
    """The seven days up to `last`; what was published in them is counted from moment to moment."""

    first: date
    last: date
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class DueMail:
    """One mail. `class_name`: in whose register the child is absent. The counts are None where there is nothing to
    tell or the link does not allow it."""

    recipient: Recipient
    kind: MailKind
    day: date
    class_name: str = ""
    days_missed: int | None = None
    new_marks: int | None = None

    @property
    def key(self) -> MailKey:
        return (self.recipient.parent.pk, self.recipient.student.pk, self.kind.value, self.day)


def due_mails(school: School, parents: Collection[int] | None = None) -> list[DueMail]:
    """What is due now by the school's clock and outside of quiet hours, sent already or not; for these parents or all.

    Links, absences and, where a child is absent, the registers (two); at the end of a week also its marks of both
    kinds: six statements at most, at any number of parents.
    """
    now = school.now()
    links = open_links(now.date(), parents)
    recipients = [each for each in recipients_of(links) if not each.parent.is_quiet_at(now.time())]
    due = absence_notes(now.date(), links, recipients)
    if week := week_to_tell(school.weekdays, now):
        due += weekly_mails(week, links, recipients)
    return sorted(due, key=lambda mail: mail.key)


def open_links(today: date, parents: Collection[int] | None) -> QuerySet[StudentParentLink]:
    """The links of today of active parents with an e-mail who chose a mail, to children who have not left."""
    links = StudentParentLink.objects.on(today).filter(
        Q(parent__weekly_digest=True) | Q(parent__absence_note=True),
        Q(student__left_on__isnull=True) | Q(student__left_on__gt=today),
        parent__user__is_active=True,
    )
    links = links.exclude(parent__user__email="")
    return links if parents is None else links.filter(parent__in=parents)


def recipients_of(links: QuerySet[StudentParentLink]) -> list[Recipient]:
    """One recipient a parent and child; two links that are both open allow what either does."""
    found: dict[tuple[int, int], Recipient] = {}
    for link in links.select_related("parent__user", "student").order_by("parent", "student", "pk"):
        known = found.get((link.parent_id, link.student_id))
        sees = frozenset(domain for domain in DOMAINS if getattr(link, f"may_see_{domain}"))
        found[link.parent_id, link.student_id] = Recipient(
            parent=link.parent,
            student=link.student,
            relationship=(known.relationship if known else "") or link.relationship,
            sees=sees | known.sees if known else sees,
        )
    return list(found.values())


def absence_notes(day: date, links: QuerySet[StudentParentLink], recipients: list[Recipient]) -> list[DueMail]:
    """Who wants to know on the same day that a child is absent without a reason, by a main class's taken register."""
    records = (
        AttendanceRecord.objects.filter(date=day, status=Status.ABSENT, student__in=links.values("student"))
        .covered_by(Enrolment.objects.filter(is_primary=True))
        .order_by("pk")
    )
    absent: list[tuple[int, int, str]] = list(
        records.values_list("student_id", "school_class_id", "school_class__name")
    )
    taken = classes_taken({school_class for _student, school_class, _name in absent}, day) if absent else set()
    names = {student: name for student, school_class, name in absent if school_class in taken}
    return [
        DueMail(recipient, MailKind.ABSENCE, day, class_name=names[recipient.student.pk])
        for recipient in recipients
        if recipient.parent.absence_note and "attendance" in recipient.sees and recipient.student.pk in names
    ]


def classes_taken(classes: Collection[int], day: date) -> set[int]:
    """Those of these classes whose register of the day is taken: every student enrolled has a mark. Two statements."""
    marked = AttendanceRecord.objects.filter(school_class__in=classes, date=day).marked_by_register()
    sizes: Any = SchoolClass.objects.filter(pk__in=classes).with_size(day)
    return {each.pk for each in sizes if marked.get((each.pk, day)) == each.size}


def week_to_tell(weekdays: str, now: datetime) -> Week | None:
    """The week whose mail goes out now: from 15:00 on its last school day until two days later.

    The last school day of a week is the one before the longest gap: Friday of "12345", Thursday of "12347".
    """
    last_weekday = max(map(int, weekdays), key=lambda number: (days_until_next(weekdays, number), number))
    last = now.date() - timedelta(days=(now.isoweekday() - last_weekday) % DAYS_A_WEEK)
    ends = datetime.combine(last, WEEK_IS_SENT_AT, now.tzinfo)
    if now < ends or now.date() > last + LATEST_AFTER:
        return None
    before = last - timedelta(days=DAYS_A_WEEK)
    return Week(before + timedelta(days=1), last, datetime.combine(before, WEEK_IS_SENT_AT, now.tzinfo), ends)


def days_until_next(weekdays: str, number: int) -> int:
    """How many days after a school day the next one is."""
    return min((int(other) - number) % DAYS_A_WEEK or DAYS_A_WEEK for other in weekdays)


def weekly_mails(week: Week, links: QuerySet[StudentParentLink], recipients: list[Recipient]) -> list[DueMail]:
    """The week of each child, as far as the link allows; none where there is nothing to tell."""
    missed, marks = days_missed(week, links), new_marks(week, links)
    due = []
    for recipient in recipients:
        student = recipient.student.pk
        mail = DueMail(
            recipient,
            MailKind.WEEK,
            week.last,
            days_missed=missed.get(student) if "attendance" in recipient.sees else None,
            new_marks=marks.get(student, 0) if "assessments" in recipient.sees else None,
        )
        if recipient.parent.weekly_digest and (mail.days_missed is not None or mail.new_marks):
            due.append(mail)
    return due


def days_missed(week: Week, links: QuerySet[StudentParentLink]) -> dict[int, int]:
    """Days missed in the week by student, by the registers of their main class; none for one without any mark."""
    primary = Enrolment.objects.filter(is_primary=True, student__in=links.values("student"))
    rows = AttendanceRecord.objects.between(week.first, week.last).within(primary).order_by()
    counts: dict[int, dict[Status, int]] = defaultdict(dict)
    for student, status, number in rows.values_list("student", "status").annotate(number=Count("pk")):
        counts[student][Status(status)] = number
    return {student: Attendance(counts=by_status, due=0, counted=0).missed for student, by_status in counts.items()}


def new_marks(week: Week, links: QuerySet[StudentParentLink]) -> dict[int, int]:
    """How many scores by student came to be on the report in the week: published in it, or noted in published work."""
    scores = Score.objects.published().filter(
        Q(assessment__published_at__gt=week.starts) | Q(created_at__gt=week.starts),
        assessment__published_at__lte=week.ends,
        created_at__lte=week.ends,
        student__in=links.values("student"),
    )
    return dict(scores.order_by().values_list("student").annotate(number=Count("pk")))
