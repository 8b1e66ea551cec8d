"""What `manage.py recount` says: which kept counts were not those of their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.recounting import Sheet, Total
from assessments.recounting import Wrong as WrongTotal
from attendance.models import Status
from attendance.recounting import WrongRegister
from students.models import SchoolClass, Student, Subject

MOST_NAMED = 20  # of each kind; a restored backup may have thousands


class Fault(TextChoices):
    """What can be wrong with something that is kept."""

    WRONG = "wrong", gettext_lazy("wrong")
    MISSING = "missing", gettext_lazy("missing")
    SUPERFLUOUS = "superfluous", gettext_lazy("superfluous")


def fault_of(wrong: WrongRegister | WrongTotal) -> Fault:
    if wrong.kept is None:
        return Fault.MISSING
    return Fault.SUPERFLUOUS if wrong.counted is None else Fault.WRONG


def report(registers: Sequence[WrongRegister], totals: Sequence[WrongTotal]) -> str:
    """How many of each kind are wrong, missing and superfluous, each with the first twenty by name."""
    of_students = [wrong for wrong in totals if wrong.student is not None]
    histograms = [wrong for wrong in totals if wrong.student is None]
    lines = [
        *section(_("Registers"), registers, describe_registers(registers[:MOST_NAMED])),
        *section(_("Totals of subjects"), of_students, describe_totals(of_students[:MOST_NAMED])),
        *section(_("Distributions of scores"), histograms, describe_totals(histograms[:MOST_NAMED])),
    ]
    return "\n".join(lines)


def section(title: str, wrong: Sequence[WrongRegister | WrongTotal], named: Iterator[str]) -> Iterator[str]:
    """One kind: a line with the numbers, then those that are named."""
    if not wrong:
        yield _("%(kind)s: nothing wrong.") % {"kind": title}
        return
    counted = Counter(fault_of(each) for each in wrong)
    numbers = ", ".join(f"{counted[fault]} {fault.label}" for fault in Fault if counted[fault])
    yield f"{title}: {numbers}"
    yield from named
    if len(wrong) > MOST_NAMED:
        yield "  " + _("and %(number)d more") % {"number": len(wrong) - MOST_NAMED}


def describe_registers(wrong: Sequence[WrongRegister]) -> Iterator[str]:
    """A line each: class, day, what was kept and what the marks say."""
    for each in wrong:
        place = f"{each.school_class}, {each.date.isoformat()}"
        yield line(place, fault_of(each), print_counts(each.kept), print_counts(each.counted))


def print_counts(counts: dict[str, int] | None) -> str:
    return "–" if counts is None else ", ".join(f"{counts[status.value]} {status.label}" for status in Status)


def describe_totals(wrong: Sequence[WrongTotal]) -> Iterator[str]:
    """A line each: class, subject and student, what was kept and what the scores say; three statements."""
    classes = SchoolClass.objects.in_bulk({each.school_class for each in wrong})
    subjects = Subject.objects.in_bulk({each.subject for each in wrong})
    students = Student.objects.in_bulk({each.student for each in wrong if each.student is not None})
    for each in wrong:
        place = f"{classes[each.school_class]}, {subjects[each.subject]}"
        if each.student is not None:
            place += f", {students[each.student].student_id}"
        yield line(place, fault_of(each), print_total(each.kept), print_total(each.counted))


def print_total(kept: Total | list[int] | Sheet | None) -> str:
    """A total in words, what was earned in hundredths of a weight; of a distribution how many scores are in it, of a
    sheet how many students and days.
    """
    if kept is None:
        return "–"
    if isinstance(kept, Total):
        return _("%(graded)d graded, %(missing)d missing, %(exempt)d exempt, earned %(earned)s of %(weight)d") % {
            **kept._asdict(),
            "earned": Fraction(kept.earned, kept.base),
        }
    if isinstance(kept, Sheet):
        numbers = {"students": len(kept.students.split()), "days": len(kept.by_day.splitlines())}
        return _("a sheet of %(students)d students and %(days)d days with work") % numbers
    return _("%(number)d scores") % {"number": sum(kept)}


def line(place: str, fault: Fault, kept: str, counted: str) -> str:
    return f"  {place}: {fault.label}; " + _("kept %(kept)s; counted %(counted)s") % {"kept": kept, "counted": counted}
