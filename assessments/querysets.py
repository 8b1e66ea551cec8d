"""Which assessments and scores somebody may read, and how they are fetched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    FilteredRelation,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.utils import timezone

from accounts.roles import Role
from accounts.scoping import ScopedQuerySet
from students.models import AcademicYear, Enrolment, Student, TeachingAssignment, Term

if TYPE_CHECKING:
    from accounts.models import User
    from assessments.kept_models import ScoreHistogram, SubjectTotal  # noqa: F401
    from assessments.models import Assessment, Score  # noqa: F401

TaughtT = TypeVar("TaughtT", bound=Model)


class TaughtQuerySet(ScopedQuerySet[TaughtT]):
    """Rows of a class and a subject, `school_class` and `subject`, that staff alone may see."""

    def visible_to(self, user: User) -> Self:
        """Admins see all; a teacher the rows of classes and subjects assigned today; parents none.

        An assignment without a subject (homeroom, cover) holds every subject of its class.
        """
        if user.role == Role.ADMIN:
            return self
        if user.role != Role.TEACHER:
            return self.none()
        return self.filter(
            Exists(
                TeachingAssignment.objects.on()
                .filter(Q(subject__isnull=True) | Q(subject=OuterRef("subject")), teacher__user=user)
                .filter(school_class=OuterRef("school_class"))
                .order_by()
            )
        )


class AssessmentQuerySet(TaughtQuerySet["Assessment"]):
    def published(self) -> Self:
        """What parents may read now."""
        return self.filter(published_at__lte=timezone.now())

    def during(self, span: Term | AcademicYear) -> Self:
        """The work of a term or a year."""
        return self.filter(date_taken__gte=span.starts_on, date_taken__lt=span.ends_on)


class ScoreQuerySet(ScopedQuerySet["Score"]):
    def visible_to(self, user: User) -> Self:
        """Staff: scores of the work they see; a parent: published scores of children whose link allows assessments."""
        if user.role == Role.ADMIN:
            return self
        if user.role == Role.PARENT:
            return self.published().filter(student__in=Student.objects.with_records_for(user, "assessments"))
        from assessments.models import Assessment

        return self.filter(assessment__in=Assessment.objects.visible_to(user).order_by().values("pk"))

    def published(self) -> Self:
        """What parents may read now."""
        return self.filter(assessment__published_at__lte=timezone.now())

    def during(self, span: Term | AcademicYear) -> Self:
        """The scores of a term or a year."""
        return self.filter(assessment__date_taken__gte=span.starts_on, assessment__date_taken__lt=span.ends_on)

    def with_work(self) -> Self:
        """Loads the student, and the piece of work with its class, school year and subject."""
        return self.select_related("student", "assessment__school_class__academic_year", "assessment__subject")

    def with_term(self, terms: Iterable[Term]) -> Self:
        """Adds `term`, the key of the one of these that holds the date; None outside of them."""
        within = [
            When(assessment__date_taken__gte=term.starts_on, assessment__date_taken__lt=term.ends_on, then=term.pk)
            for term in terms
        ]
        return self.annotate(term=Case(*within, default=None, output_field=BigIntegerField()))

    def with_term_name(self) -> Self:
        """Adds `term_name`, of the term of the class's year that holds the date; None between two terms."""
        terms = Term.objects.filter(
            academic_year=OuterRef("assessment__school_class__academic_year"),
            starts_on__lte=OuterRef("assessment__date_taken"),
            ends_on__gt=OuterRef("assessment__date_taken"),
        )
        return self.annotate(term_name=Subquery(terms.order_by().values("name")[:1]))


class SubjectTotalQuerySet(TaughtQuerySet["SubjectTotal"]):
    """Kept totals hold work that is not published, so parents see none."""

    def of_year(self, year: AcademicYear) -> Self:
        """The totals of the classes of a school year."""
        return self.filter(school_class__academic_year=year)


class ScoreHistogramQuerySet(TaughtQuerySet["ScoreHistogram"]):
    """As SubjectTotalQuerySet: for staff alone."""

    def of_year(self, year: AcademicYear) -> Self:
        """The histograms of the classes of a school year."""
        return self.filter(school_class__academic_year=year)


def roster_with_scores(assessment: Assessment) -> QuerySet[Student, Any]:
    """One row per student of a piece of work: enrolled in its class on its date, or with a score in it.

    One statement; the columns are those of `scoresheet.read_lines`, in its order. The score's are None without one.
    """
    enrolled = Enrolment.objects.on(assessment.date_taken).filter(school_class=assessment.school_class_id)
    students = Student.objects.alias(mark=FilteredRelation("scores", condition=Q(scores__assessment=assessment.pk)))
    return (
        students.filter(Q(pk__in=enrolled.values("student")) | Q(mark__isnull=False))
        .order_by("family_name", "given_name", "pk")
        .values_list(
            "pk",
            "student_id",
            "given_name",
            "family_name",
            "mark__pk",
            "mark__created_at",
            "mark__updated_at",
            "mark__marked_by",
            "mark__external_id",
            "mark__state",
            "mark__score",
            "mark__notes",
        )
    )
