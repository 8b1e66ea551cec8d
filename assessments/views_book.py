"""The mark book of a class in a subject, and the list of all scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F, FloatField, Q
from django.db.models.functions import Cast
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from accounts.access import allow
from accounts.reading import note_reading
from accounts.roles import Role
from assessments.book import csv_head, csv_lines, open_book
from assessments.choosing import CHOSEN_FOR, choose
from assessments.filters import ScoreFilter
from assessments.models import AssessmentType, Score
from assessments.querysets import ScoreQuerySet
from core.export import asks_for_file, file_response
from core.lists import chips_of, page_of, sort_rows
from core.numbers import percent, plain_points
from students.middleware import SchoolRequest
from students.models import Student

MOST_PAGED = 10_000  # scores that the pages lead through; counting millions takes a second, and nobody turns 400 pages
SORTS = {
    "date": (gettext_lazy("Day"), ("assessment__date_taken",)),
    "student": (gettext_lazy("Student"), ("student__family_name", "student__given_name", "student_id")),
    "class": (gettext_lazy("Class"), ("assessment__school_class__name", "assessment__school_class_id")),
    "subject": (gettext_lazy("Subject"), ("assessment__subject__name", "assessment__subject_id")),
    "work": (gettext_lazy("Work"), ("assessment__title", "assessment_id")),
    "score": (gettext_lazy("Score"), ("part",)),
}
RECORD_COLUMNS = (
    "assessment_id",
    "student_id",
    "full_name",
    "class",
    "subject_name",
    "assessment_type",
    "title",
    "state",
    "score",
    "max_score",
    "percentage",
    "date_taken",
    "term",
    "academic_year",
    "published_at",
    "notes",
)


@allow(Role.ADMIN, Role.TEACHER)
def book(request: SchoolRequest) -> HttpResponseBase:
    """The students of a class × its pieces of work, with averages and grades; by page or as a file."""
    today = request.school.today()
    chosen = choose(request.GET.dict(), request.user, today)
    opened = None
    if chosen.school_class and chosen.subject and chosen.span:
        opened = open_book(request.user, chosen.school_class, chosen.subject, chosen.span, request.GET, today)
    note_reading(request)
    if opened and asks_for_file(request):
        return file_response(request, "mark-book", csv_head(opened), csv_lines(opened))
    made = request.GET.get("made", "")
    context = {
        "chosen": chosen,
        "kept": {CHOSEN_FOR: chosen.school_class.pk} if chosen.school_class else {},
        "book": opened,
        "made": next((each.work for each in opened.columns if str(each.work.pk) == made), None) if opened else None,
        "types": AssessmentType.choices,
        "today": today,
    }
    return render(request, "assessments/book.html", context, status=400 if chosen.form.errors else 200)


@allow(Role.ADMIN, Role.TEACHER)
def records(request: SchoolRequest) -> HttpResponseBase:
    """The scores that this person may read: filtered, sorted, by pages or as a file."""
    scores = Score.objects.visible_to(request.user).with_work()
    # Only sorted by: a float tells scores of a school apart, and hundredths would divide as integers in SQLite.
    scores = scores.annotate(part=Cast(F("score"), FloatField()) / Cast(F("max_score"), FloatField()))
    filtered = ScoreFilter(request.GET, scores, user=request.user)
    valid = filtered.is_valid()
    rows, sorts = sort_rows(filtered.qs if valid else scores.none(), request.GET, SORTS, default="-date")
    note_reading(request)
    if valid and asks_for_file(request):
        return file_response(request, "scores", RECORD_COLUMNS, record_lines(rows))  # type: ignore[arg-type]
    own = Student.objects.visible_to(request.user).order_by().values("pk")
    context = {
        "filter_form": filtered.form,
        "chips": chips_of(filtered.form, request.GET),
        "page": page_of(rows.annotate(may_open=Q(student__in=own)), request.GET, most=MOST_PAGED),
        "sorts": sorts,
    }
    return render(request, "assessments/records.html", context, status=200 if valid else 400)


def record_lines(scores: ScoreQuerySet) -> Iterator[list[object]]:
    """One line of the file a score, in the words of the API."""
    rows: Any = scores.with_term_name()
    for score in rows.iterator(chunk_size=500):
        work, share = score.assessment, percent(score.share)
        yield [
            score.pk,
            score.student.student_id,
            score.student.full_name,
            work.school_class.name,
            work.subject.name,
            work.assessment_type,
            work.title,
            score.state,
            None if score.score is None else plain_points(score.score),
            plain_points(score.max_score),
            share,
            work.date_taken,
            score.term_name,
            work.school_class.academic_year.name,
            work.published_at,
            score.notes,
        ]
