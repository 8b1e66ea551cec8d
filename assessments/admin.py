"""Assessments in the school office: categories, grade scales, pieces of work; scores to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.office import OfficeAdmin, OfficeForm, OfficeFormSet, OfficeInline, ReadOnly
from assessments.models import Assessment, AssessmentCategory, GradeBand, GradeScale, Score
from assessments.services import delete_assessment, no_grade_from_zero, save_assessment, save_category, use_scale
from students.admin_people import STUDENT_SEARCH, OfStudentAdmin
from students.forms import refuse_odd_characters


@admin.register(AssessmentCategory)
class AssessmentCategoryAdmin(OfficeAdmin):
    fields = ("name", "weight", "default_for")
    list_display = ("name", "weight", "default_for", "pieces_of_work")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssessmentCategory]:
        categories: QuerySet[AssessmentCategory] = super().get_queryset(request)
        return categories.annotate(number=Count("assessments"))

    def save_model(self, request: Any, obj: AssessmentCategory, _form: Any, _change: bool) -> None:
        save_category(by=request.user, category=obj)

    @admin.display(description=gettext_lazy("pieces of work"), ordering="number")
    def pieces_of_work(self, category: Any) -> int:
        return category.number  # type: ignore[no-any-return]


class GradeBandFormSet(OfficeFormSet):
    """The grades of a scale, typed together: the scale in use keeps one from 0 %."""

    def clean(self) -> None:
        super().clean()
        if not self.instance.in_use or any(self.errors):
            return
        kept = [form for form in self.forms if form.cleaned_data and not self._should_delete_form(form)]  # type: ignore[attr-defined]
        if not any(form.cleaned_data["lower_bound"] == 0 for form in kept):
            raise ValidationError(no_grade_from_zero(self.instance))


class GradeBandInline(OfficeInline):
    model = GradeBand
    formset = GradeBandFormSet
    fields = ("label", "lower_bound")
    ordering = ("-lower_bound",)


@admin.action(description=gettext_lazy("Put in use"), permissions=["change"])
def put_in_use(_model_admin: Any, request: Any, scales: QuerySet[GradeScale]) -> None:
    """Swap the scale by which all grades are given."""
    chosen = list(scales)
    if len(chosen) != 1:
        messages.warning(request, _("Choose one scale: only one can be in use. Nothing was changed."))
        return
    try:
        use_scale(by=request.user, scale=chosen[0])
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Grades are now those of “%(scale)s”.") % {"scale": chosen[0]})


@admin.register(GradeScale)
class GradeScaleAdmin(OfficeAdmin):
    """Scales with their grades. The one in use is changed by the action, and can be deleted only after that."""

    actions = (put_in_use,)
    fields = ("name", "in_use")
    readonly_fields = ("in_use",)
    inlines = (GradeBandInline,)
    list_display = ("name", "in_use", "grades", "lowest")
    search_fields = ("name",)
    ordering = ("-in_use", "name", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[GradeScale]:
        scales: QuerySet[GradeScale] = super().get_queryset(request)
        return scales.annotate(number=Count("bands"), lowest_bound=Min("bands__lower_bound"))

    @admin.display(description=gettext_lazy("grades"), ordering="number")
    def grades(self, scale: Any) -> int:
        return scale.number  # type: ignore[no-any-return]

    @admin.display(description=gettext_lazy("lowest from percent"), ordering="lowest_bound")
    def lowest(self, scale: Any) -> Any:
        return scale.lowest_bound

    def has_delete_permission(self, request: HttpRequest, obj: GradeScale | None = None) -> bool:
        return not (obj and obj.in_use) and bool(super().has_delete_permission(request, obj))


@admin.display(description=gettext_lazy("scores"))
def scores_link(row: Any) -> SafeString:
    """List column: where the scores of this piece of work are written."""
    key = row.assessment_id if isinstance(row, Score) else row.pk
    return format_html('<a href="{}">{}</a>', reverse("assessments:scores", args=[key]), _("Enter scores"))


@admin.display(description=gettext_lazy("for parents"))
def publish_link(assessment: Assessment) -> SafeString:
    """Where parents are let in."""
    return format_html(
        '<a href="{}">{}</a>', reverse("assessments:publish", args=[assessment.pk]), _("Publish or withdraw")
    )


class AssessmentForm(OfficeForm):
    def clean_title(self) -> str:
        return refuse_odd_characters(self.cleaned_data["title"])


@admin.register(Assessment)
class AssessmentAdmin(OfficeAdmin):
    """Pieces of work. A class is chosen once: the scores are of its students."""

    form = AssessmentForm
    fields: Any = (
        "title",
        "school_class",
        "subject",
        "assessment_type",
        "category",
        "date_taken",
        "max_score",
        "allows_extra",
    )
    autocomplete_fields = ("school_class", "subject", "category")
    list_display = (
        "title",
        "school_class",
        "subject",
        "assessment_type",
        "category",
        "date_taken",
        "max_score",
        "scores",
        "published_at",
        scores_link,
    )
    list_filter = ("assessment_type", "school_class__academic_year", "school_class", "subject", "category")
    list_select_related = ("school_class", "subject", "category")
    search_fields = ("title", "school_class__name", "subject__name", "subject__code")
    date_hierarchy = "date_taken"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assessment]:
        """With the number of scores, counted for the rows of the page and not, as by a join, for all of them."""
        work: QuerySet[Assessment] = super().get_queryset(request)
        of_work = Score.objects.filter(assessment=OuterRef("pk")).order_by().values("assessment")
        return work.annotate(number=Coalesce(Subquery(of_work.annotate(number=Count("pk")).values("number")), 0))

    @admin.display(description=gettext_lazy("scores"), ordering="number")
    def scores(self, assessment: Any) -> int:
        return assessment.number  # type: ignore[no-any-return]

    def get_fields(self, _request: HttpRequest, obj: Assessment | None = None) -> Any:
        return (*self.fields, "published_at", publish_link, scores_link) if obj else self.fields

    def get_readonly_fields(self, _request: HttpRequest, obj: Assessment | None = None) -> Any:
        return ("school_class", "published_at", publish_link, scores_link) if obj else ()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Somebody may have entered a score, or deleted the work, between the check of the form and the save."""
        try:
            page: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect(request.get_full_path())
        return page

    def save_model(self, request: Any, obj: Assessment, _form: Any, _change: bool) -> None:
        save_assessment(by=request.user, assessment=obj)

    def get_deleted_objects(self, objs: Any, request: Any) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What goes with the work, as numbers; its scores go too, by delete_assessment."""
        work = list(objs)
        counts = {str(Assessment._meta.verbose_name_plural): len(work)}
        if number := Score.objects.filter(assessment__in=work).count():
            counts[str(Score._meta.verbose_name_plural)] = number
        refused = set() if self.has_delete_permission(request) else {str(Assessment._meta.verbose_name)}
        named = [f"{capfirst(Assessment._meta.verbose_name)}: {self.choice_label(row)}" for row in work]
        return named, counts, refused, []

    def delete_model(self, request: Any, obj: Assessment) -> None:
        delete_assessment(by=request.user, assessment=obj)

    def delete_queryset(self, request: Any, queryset: QuerySet[Assessment]) -> None:
        for assessment in queryset.order_by("pk"):
            delete_assessment(by=request.user, assessment=assessment)


@admin.register(Score)
class ScoreAdmin(ReadOnly, OfStudentAdmin):
    list_display = (
        "assessment",
        "student",
        "student_number",
        "school_class",
        "subject",
        "state",
        "score",
        "max_score",
        "notes",
        scores_link,
    )
    list_filter = (
        "state",
        "assessment__school_class__academic_year",
        "assessment__school_class",
        "assessment__subject",
    )
    list_select_related = ("student", "assessment__school_class", "assessment__subject")
    search_fields = ("assessment__title", "assessment__school_class__name", *STUDENT_SEARCH)
    date_hierarchy = "assessment__date_taken"
    readonly_fields = (scores_link,)

    @admin.display(description=gettext_lazy("class"), ordering="assessment__school_class__name")
    def school_class(self, score: Score) -> str:
        return str(score.assessment.school_class)

    @admin.display(description=gettext_lazy("subject"), ordering="assessment__subject__name")
    def subject(self, score: Score) -> str:
        return str(score.assessment.subject)
