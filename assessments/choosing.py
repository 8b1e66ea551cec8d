"""Which class, subject and term a person may choose, and what the mark book shows where nothing is chosen yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Role
from assessments.models import Assessment
from assessments.querysets import AssessmentQuerySet
from students.filters import class_choices
from students.models import AcademicYear, Enrolment, SchoolClass, Subject, TeachingAssignment, Term

WHOLE_YEAR = "year"
CHOSEN_FOR = "chosen_for"  # the class whose subjects and terms were offered when the choice was made


def classes_for(user: User) -> QuerySet[SchoolClass]:
    """The classes of whose work this person may see some, each with its school year."""
    return SchoolClass.objects.visible_to(user).select_related("academic_year")


def subjects_for(user: User, school_class: SchoolClass | None = None) -> QuerySet[Subject]:
    """The subjects in which this person may set work, in one class or in any.

    As `Assessment.objects.visible_to`: an assignment without a subject holds every subject of its class.
    """
    subjects = Subject.objects.visible_to(user)
    if user.role == Role.ADMIN:
        return subjects
    assigned = TeachingAssignment.objects.on().filter(teacher__user=user).order_by()
    if school_class is not None:
        assigned = assigned.filter(school_class=school_class)
    return subjects.filter(Exists(assigned.filter(Q(subject__isnull=True) | Q(subject=OuterRef("pk")))))


def usual_class(user: User, student_id: str, day: date) -> int | None:
    """The key of a student's main class on a day, where it is one that this person may see; one statement."""
    enrolled = Enrolment.objects.on(day).filter(student__student_id=student_id, is_primary=True)
    own = enrolled.filter(school_class__in=SchoolClass.objects.visible_to(user))
    return own.order_by("-starts_on").values_list("school_class", flat=True).first()


class BookForm(forms.Form):
    """What the mark book shows; it holds only what there is to choose from so far."""

    class_id = forms.ChoiceField(label=gettext_lazy("Class"))
    subject = forms.ChoiceField(label=gettext_lazy("Subject"))
    term = forms.ChoiceField(label=gettext_lazy("Term"))

    def __init__(
        self,
        asked: Mapping[str, str],
        *,
        classes: Sequence[SchoolClass],
        subjects: Sequence[Subject] = (),
        terms: Sequence[Term] | None = None,
    ) -> None:
        super().__init__(asked)
        offered: dict[str, list[tuple[int | str, str]]] = {
            "class_id": list(class_choices(list(classes))),
            "subject": [(subject.pk, subject.name) for subject in subjects],
            "term": [] if terms is None else [*((term.pk, term.name) for term in terms), (WHOLE_YEAR, _("Whole year"))],
        }
        for name, choices in offered.items():
            if choices:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
            else:
                del self.fields[name]


@dataclass(frozen=True)
class Chosen:
    """What was chosen: all three, or as many as there are to choose. `form` says what was wrong."""

    form: BookForm
    school_class: SchoolClass | None = None
    subject: Subject | None = None
    span: Term | AcademicYear | None = None

    @property
    def span_in_words(self) -> str:
        """Such as "Term 1, 2026/27", or the year alone."""
        year = str(self.school_class.academic_year) if self.school_class else ""
        return f"{self.span}, {year}" if isinstance(self.span, Term) else year


def choose(asked: Mapping[str, str], user: User, today: date) -> Chosen:
    """Read a choice, and fill in what is open: a class and subject with work, the newest term that has begun.

    A class, subject or term outside of what is offered is an error of the form; but where the class was changed in the
    form, a subject or term of the former class that the new one lacks is chosen anew. Three statements.
    """
    classes = list(classes_for(user).annotate(has_work=Exists(work_for(user, "school_class"))))
    wanted = asked.get("class_id", "")
    school_class = next((each for each in classes if str(each.pk) == wanted), None)
    if school_class is None and not wanted:
        school_class = max(classes, key=lambda each: (is_current(each, today), each.has_work), default=None)
    if school_class is None:
        form = BookForm({"class_id": wanted}, classes=classes)
        form.is_valid()
        return Chosen(form)
    work = work_for(user, "subject").filter(school_class=school_class)
    subjects = list(subjects_for(user, school_class).annotate(has_work=Exists(work)))
    terms = list(Term.objects.filter(academic_year=school_class.academic_year_id).order_by("starts_on"))
    filled = fill_in(asked, school_class, subjects, [term for term in terms if term.starts_on <= today])
    form = BookForm(filled, classes=classes, subjects=subjects, terms=terms)
    if not form.is_valid():
        return Chosen(form, school_class)
    subject = next((each for each in subjects if str(each.pk) == filled["subject"]), None)
    span = next((term for term in terms if str(term.pk) == filled["term"]), school_class.academic_year)
    return Chosen(form, school_class, subject, span)


def fill_in(
    asked: Mapping[str, str], school_class: SchoolClass, subjects: Sequence[Subject], begun: Sequence[Term]
) -> dict[str, str]:
    """What was asked for in a class, completed; `subjects` say whether they have work, `begun` are its terms so far."""
    class_id = str(school_class.pk)
    moved = asked.get(CHOSEN_FOR, class_id) != class_id
    first = max(subjects, key=lambda each: each.has_work, default=None)  # type: ignore[attr-defined]
    newest = str(begun[-1].pk) if begun else WHOLE_YEAR
    return {
        "class_id": class_id,
        "subject": keep(
            asked.get("subject", ""), {str(each.pk) for each in subjects}, str(first.pk) if first else "", moved
        ),
        "term": keep(asked.get("term", ""), {str(term.pk) for term in begun} | {WHOLE_YEAR}, newest, moved),
    }


def keep(wanted: str, offered: Collection[str], default: str, moved: bool) -> str:
    """What was asked for, or the default where nothing was, or nothing that a class just chosen has."""
    return default if not wanted or (moved and wanted not in offered) else wanted


def work_for(user: User, outer: str) -> AssessmentQuerySet:
    """The work that this person may see of the class or subject which a statement is about."""
    return Assessment.objects.visible_to(user).filter(**{outer: OuterRef("pk")}).order_by()


def is_current(school_class: SchoolClass, today: date) -> bool:
    """Whether its school year is that of today."""
    year: AcademicYear = school_class.academic_year
    return bool(year.starts_on <= today < year.ends_on)


def book_of(assessment: Assessment, **more: int) -> str:
    """The address of the mark book that shows a piece of work; one statement."""
    term = assessment.term
    asked: dict[str, int | str] = {
        "class_id": assessment.school_class_id,
        "subject": assessment.subject_id,
        "term": term.pk if term else WHOLE_YEAR,
    }
    return f"{reverse('assessments:book')}?{urlencode({**asked, **more})}"
