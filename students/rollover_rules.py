"""What is wrong with a plan for a new school year, in words that say what to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from students.fields import last_day
from students.models import AcademicYear, Enrolment, Student
from students.rollover import LEAVES, MOST_NAMED, NO_CLASS, Plan, Pupil, Reading, day_in_words


def wrong_days(plan: Plan) -> list[str]:
    """What is wrong with the new year and its terms, beside what each field alone can tell."""
    year, wrong = plan.new_year, []
    if year.starts_on < plan.old_year.ends_on:
        day = day_in_words(last_day(plan.old_year.ends_on))
        names = {"year": plan.old_year.name, "day": day}
        wrong.append(_("%(year)s lasts until %(day)s. The new year must begin after it: change its first day.") % names)
    sharing = AcademicYear.objects.filter(starts_on__lt=year.ends_on, ends_on__gt=year.starts_on)
    wrong += [
        _("The days of the new year overlap with the school year %(year)s. Change the days.") % {"year": other.name}
        for other in sharing.exclude(pk=plan.old_year.pk)
    ]
    try:
        year.validate_constraints()
    except ValidationError as error:
        wrong += error.messages
    return wrong + wrong_terms(plan)


def wrong_terms(plan: Plan) -> list[str]:
    """Terms outside the year, upside down, of one name, or sharing a day."""
    year, wrong = plan.new_year, []
    for term in plan.terms:
        if term.ends_on <= term.starts_on:
            wrong.append(_("%(term)s: the last day is before the first.") % {"term": term.name})
        elif term.starts_on < year.starts_on or term.ends_on > year.ends_on:
            reaches = _("%(term)s reaches outside the new year. Change its days or the year's.")
            wrong.append(reaches % {"term": term.name})
    for first, second in pairwise(sorted(plan.terms, key=lambda term: term.starts_on)):
        if second.starts_on < first.ends_on:
            names = {"first": first.name, "second": second.name}
            wrong.append(_("%(first)s and %(second)s overlap. Change the days of one of them.") % names)
    return wrong + [
        _("Two terms are called “%(name)s”. Give one of them another name.") % {"name": name}
        for name in twice(term.name for term in plan.terms)
    ]


def twice(names: Iterable[str]) -> list[str]:
    return [name for name, number in Counter(names).items() if number > 1]


def wrong_choices(plan: Plan, reading: Reading) -> list[str]:
    """What is wrong with the new classes and with what was chosen for the students, as they are now."""
    wrong = [
        _("Two new classes are called “%(name)s”. Give one of them another name.") % {"name": name}
        for name in twice(new.name for new in plan.made.values())
    ]
    if {new.key for new in plan.classes} != {new.key for new in reading.proposed}:
        wrong.append(
            _("The classes of %(year)s have changed meanwhile. Look through the list again.")
            % {"year": reading.year.name}
        )
    if not plan.made:
        wrong.append(_("No new class has a name. Give at least one a name."))
    return wrong + list(moved_meanwhile(plan, reading)) + list(impossible(plan, reading))


def moved_meanwhile(plan: Plan, reading: Reading) -> Iterator[str]:
    """Students who came, left, or changed class after the page was made, and those who are on it twice."""
    for key in twice(str(student) for student, _source in plan.choices)[:MOST_NAMED]:
        yield _("%(student)s is in the list twice. Load the page again.") % {"student": name_of(int(key))}
    come = [pupil.student.full_name for place, pupil in reading.by_place.items() if place not in plan.choices]
    gone = [student for student, source in plan.choices if (student, source) not in reading.by_place]
    if come:
        yield _("Came or changed class meanwhile, look them over: %(names)s.") % {"names": listed(come)}
    if gone:
        yield _("Not in the class any more in which this page had them: %(names)s.") % {
            "names": listed([name_of(key) for key in gone[:MOST_NAMED]], len(gone))
        }


def name_of(key: int) -> str:
    """The name of a student by key, for a message."""
    student = Student.objects.filter(pk=key).first()
    return student.full_name if student else _("a student who is not there any more")


def listed(people: list[str], number: int | None = None) -> str:
    """The names, the first ten and how many more."""
    more = (number or len(people)) - MOST_NAMED
    shown = ", ".join(people[:MOST_NAMED])
    return shown + (ngettext(" and %d more", " and %d more", more) % more if more > 0 else "")


def impossible(plan: Plan, reading: Reading) -> Iterator[str]:
    """Choices that cannot be: classes that are not made, leaving before joining, two main classes at once."""
    here = [(pupil, plan.choices[place]) for place, pupil in reading.by_place.items() if place in plan.choices]
    starts_on, old_end = plan.new_year.starts_on, plan.old_year.ends_on
    known = {new.key for new in plan.classes} | {LEAVES}

    def chosen(wanted: Callable[[Pupil, str], object]) -> list[str]:
        return [pupil.student.full_name for pupil, choice in here if wanted(pupil, choice)]

    def left_by(pupil: Pupil) -> bool:
        return pupil.student.left_on is not None and pupil.student.left_on <= starts_on

    def joins_later(pupil: Pupil) -> bool:
        joined = pupil.student.enrollment_date
        return not left_by(pupil) and joined is not None and joined >= old_end

    refusals = {
        _("Choose again for %(names)s: there is no such choice."): chosen(
            lambda pupil, choice: choice not in known and not (choice == NO_CLASS and pupil.source is None)
        ),
        _("The class chosen for %(names)s has no name. Name the class or choose another."): chosen(
            lambda _pupil, choice: choice in known - {LEAVES} and choice not in plan.made
        ),
        _("Noted as leaving the school before the new year begins: %(names)s. Choose “leaves the school”."): chosen(
            lambda pupil, choice: choice in plan.made and left_by(pupil)
        ),
        _("Joins the school only after the old year, and so cannot leave with it: %(names)s. Choose a class."): chosen(
            lambda pupil, choice: choice == LEAVES and joins_later(pupil)
        ),
        _("Has a main class in the new year already: %(names)s. Choose “no class” or end that enrolment."): (
            with_main_class(plan, {pupil.student.pk for pupil, choice in here if choice in plan.made})
        ),
    }
    for message, people in refusals.items():
        if people:
            yield message % {"names": listed(people)}


def with_main_class(plan: Plan, students: set[int]) -> list[str]:
    """Those who have a main class of another school year on a day after the new one has begun."""
    mains = Enrolment.objects.filter(is_primary=True).exclude(school_class__academic_year=plan.old_year)
    on_a_day = mains.overlapping(plan.new_year.starts_on, date.max).select_related("student")
    return sorted({enrolment.student.full_name for enrolment in on_a_day if enrolment.student_id in students})
