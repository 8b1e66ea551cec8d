"""Bare Django pages of the same size as the portal's: what the same rows and controls cost with nothing around them.

Plain views and templates under startproject's middleware. They read what the page shows in as few statements as an
engineer in a hurry would (the register in five with session and user), and save 30 marks as one upsert and the counts
as another. Nobody is asked for a role, nothing is logged or kept as history, no lock is taken, no two people meet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, FilteredRelation, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, register_converter
from django.utils import timezone

from assessments.models import Score, State
from attendance.models import AttendanceRecord, Register, Status
from students.converters import DayConverter, StudentIdConverter
from students.models import SchoolClass, Student
from tests.bench.bare_dashboard import dashboard

STATUSES = [(status.value, status.letter, str(status.label)) for status in Status]
MARK_FIELDS = ("status", "minutes_late", "left_early", "note")
register_converter(DayConverter, "day")
register_converter(StudentIdConverter, "student_id")


@login_required
def register(request: HttpRequest, class_id: int, day: date) -> HttpResponse:
    """The register as a form, with the marks of the last five days beside each name; a post saves it."""
    school_class = get_object_or_404(SchoolClass, pk=class_id)
    students = Student.objects.filter(enrolments__school_class=school_class)
    if request.method == "POST":
        save(request, school_class, day, dict(students.values_list("student_id", "pk")))
        return redirect("bare_register", class_id=class_id, day=day)
    of_day = Q(attendancerecords__school_class=school_class, attendancerecords__date=day)
    rows = list(
        students.annotate(
            mark=FilteredRelation("attendancerecords", condition=of_day),
            **{name: F(f"mark__{name}") for name in MARK_FIELDS},
        ).values("pk", "student_id", "given_name", "family_name", *MARK_FIELDS)
    )
    recent = defaultdict(list)
    before = AttendanceRecord.objects.filter(
        school_class=school_class, date__lt=day, date__gte=day - timedelta(days=5)
    ).order_by("date")
    for student, status in before.values_list("student_id", "status"):
        recent[student].append((status, status[0].upper()))
    for row in rows:
        row["recent"] = recent[row["pk"]]
    counts = Counter(row["status"] for row in rows)
    context = {
        "school_class": school_class,
        "day": day,
        "rows": rows,
        "statuses": STATUSES,
        "counts": [(value, letter, label, counts[value]) for value, letter, label in STATUSES],
    }
    return render(request, "bench/bare_register.html", context)


def save(request: HttpRequest, school_class: SchoolClass, day: date, keys: dict[str, int]) -> None:
    """One upsert of the marks and one of the counts, in a transaction."""
    records = [
        AttendanceRecord(
            student_id=key,
            school_class=school_class,
            date=day,
            status=request.POST[f"status-{name}"],
            minutes_late=request.POST.get(f"minutes-{name}") or None,
            left_early=f"left-{name}" in request.POST,
            note=request.POST.get(f"note-{name}", ""),
            marked_by=request.user,
        )
        for name, key in keys.items()
    ]
    counts = Counter(record.status for record in records)
    numbers = {value: counts[value] for value, _letter, _label in STATUSES}
    taken = Register(school_class=school_class, date=day, taken_by=request.user, taken_at=timezone.now(), **numbers)
    with transaction.atomic():
        AttendanceRecord.objects.bulk_create(
            records,
            update_conflicts=True,
            unique_fields=["student", "date", "school_class"],
            update_fields=[*MARK_FIELDS, "marked_by", "updated_at"],
        )
        Register.objects.bulk_create(
            [taken],
            update_conflicts=True,
            unique_fields=["school_class", "date"],
            update_fields=["taken_by", "taken_at", *numbers],
        )


@login_required
def report(request: HttpRequest, student_id: str) -> HttpResponse:
    """The year of a child of this parent: the figures, a month as a grid and as a table, the published marks."""
    child = get_object_or_404(Student, student_id=student_id, parent_links__parent__user=request.user)
    school_class = SchoolClass.objects.select_related("academic_year").get(enrolments__student=child)
    marks = list(AttendanceRecord.objects.filter(student=child, school_class=school_class).order_by("date"))
    last = marks[-1].date
    month = [mark for mark in marks if (mark.date.year, mark.date.month) == (last.year, last.month)]
    counts = Counter(mark.status for mark in marks)
    there = counts[Status.PRESENT] + counts[Status.LATE]
    context = {
        "child": child,
        "school_class": school_class,
        "rate": f"{100 * there / len(marks):.1f} %",
        "counts": [(value, letter, label, counts[value]) for value, letter, label in STATUSES],
        "all": len(marks),
        "last": last,
        "weeks": [month[start : start + 7] for start in range(0, len(month), 7)],
        "month": month,
        "notes": [mark for mark in reversed(marks) if mark.note][:5],
        "subjects": marks_of(child),
    }
    return render(request, "bench/bare_report.html", context)


def marks_of(child: Student) -> list[tuple[str, str, list[Score]]]:
    """The published marks of a child by subject, each with its weighted average, in one statement."""
    scores = Score.objects.filter(student=child, assessment__published_at__lte=timezone.now())
    found = defaultdict(list)
    for score in scores.select_related("assessment__subject", "assessment__category").order_by(
        "assessment__date_taken"
    ):
        found[score.assessment.subject.name].append(score)
    averages = {}
    for subject, rows in found.items():
        weighing = [row for row in rows if row.state != State.EXEMPT]
        earned = sum(row.assessment.category.weight * (row.score or 0) / row.max_score for row in weighing)
        possible = sum(row.assessment.category.weight for row in weighing)
        averages[subject] = f"{100 * earned / possible:.1f} %" if possible else "–"
    return [(subject, averages[subject], rows[::-1]) for subject, rows in sorted(found.items())]


@login_required
def students(request: HttpRequest) -> HttpResponse:
    """The first page of the students with their classes, and a form to filter them by class."""
    found = Student.objects.annotate(class_name=F("enrolments__school_class__name")).order_by(
        "family_name", "given_name", "pk"
    )
    context = {"page": Paginator(found, 25).page(1), "classes": list(SchoolClass.objects.order_by("name"))}
    return render(request, "bench/bare_students.html", context)


urlpatterns = [
    path("attendance/<int:class_id>/<day:day>/", register, name="bare_register"),
    path("report/<student_id:student_id>/", report),
    path("students/", students),
    path("dashboard/", dashboard),
]
