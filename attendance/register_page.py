"""What the page of a register shows beside its lines: who took it, the last sessions, the classes beside it, undo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from attendance.forms import RegisterForm, RegisterRow
from attendance.models import AttendanceRecord, Register, Status
from attendance.querysets import CLASS, DAY
from attendance.register import Mark, OpenRegister, say
from attendance.services import Clash
from core.prepared import Prepared
from students.models import Enrolment, SchoolClass
from students.querysets import SchoolClassQuerySet
from students.sheet_pages import ClashRow, names_of, undo_key

LAST_SESSIONS = 5
MANY_ABSENT = 2  # more than one in two asks for a second look


def find_class(classes: SchoolClassQuerySet, class_id: int, day: date, *, alone: bool = False) -> SchoolClass:
    """The class of a register with what its page shows of it, out of those that this person may see; one statement.

    Adds taking_by, taking_name, taking_at: who saved the register last and when; previous, next: the classes beside
    it, by name, whose register this person may take on the day, None at either end. All of these classes are read
    as they are: asking for the two beside it by subqueries took 8 ms longer, nearly all in writing the statement.
    `alone` leaves them out, for a page with typed marks that is not to be left.
    Raises Http404 where the class is not among them.
    """
    listed: Any = Q(pk=class_id)
    if not alone:
        meets = Q(meets_on="") | Q(meets_on__contains=str(day.isoweekday()))
        listed |= meets & Exists(Enrolment.objects.on(day).filter(school_class=OuterRef("pk")))
    found: list[Any] = list(
        classes.filter(listed)
        .select_related("academic_year")
        .annotate(
            taking=FilteredRelation("registers", condition=Q(registers__date=day)),
            taking_at=F("taking__taken_at"),
            taking_by=F("taking__taken_by"),
            taking_name=Coalesce(
                "taking__taken_by__teacher__full_name",
                "taking__taken_by__parent__full_name",
                "taking__taken_by__username",
            ),
        )
        .order_by("name", "pk")
    )
    opened = next((each for each in found if each.pk == class_id), None)
    if opened is None:
        raise Http404
    beside = [each for each in found if each.academic_year_id == opened.academic_year_id]
    place = beside.index(opened)
    opened.previous = beside[place - 1] if place else None
    opened.next = beside[place + 1] if place + 1 < len(beside) else None
    return opened  # type: ignore[no-any-return]


def marks_before(school_class: Any, day: Any) -> QuerySet[AttendanceRecord, Any]:
    """Student and status of each mark of the last registers of a class before a day, the oldest first."""
    earlier = Register.objects.filter(school_class=school_class, date__lt=day).order_by("-date")
    dates = earlier.values("date")[:LAST_SESSIONS]
    marks = AttendanceRecord.objects.filter(school_class=school_class, date__in=dates)
    return marks.order_by("date").values_list("student_id", "status")


RECENT = Prepared(lambda: marks_before(CLASS, DAY))


class Word(NamedTuple):
    """A mark as it is written into HTML: its value, the word in the school's language, and its small letter."""

    value: str
    label: str
    small: SafeString


@dataclass(frozen=True)
class Confirmation:
    """Something to look at once more before it is saved."""

    code: str
    sentence: str


@dataclass
class RegisterPage:
    """The page of a register; `form.opened.school_class` comes from `find_class`."""

    form: RegisterForm
    user: User
    questions: list[Confirmation] = field(default_factory=list)

    @property
    def opened(self) -> OpenRegister:
        return self.form.opened

    @property
    def undo_key(self) -> str:
        """The moment of this person's own last save while it can be undone, else empty."""
        taken: Any = self.opened.school_class
        return undo_key(taken.taking_by, taken.taking_at, self.user)

    @property
    def receipt(self) -> str:
        """What is stored, in words, with who has no mark yet."""
        said = say(self.opened.counts)
        unmarked = [line.full_name for line in self.opened.lines if line.mark is None]
        if not unmarked:
            return said
        return f"{said} {_('Still without a mark: %(names)s.') % {'names': ', '.join(unmarked)}}"

    @property
    def confirm_codes(self) -> str:
        """What this save will have answered once it is sent again."""
        return " ".join(sorted(self.form.confirmed | {question.code for question in self.questions}))

    @property
    def has_blanks(self) -> bool:
        """Whether a line has no mark chosen."""
        return any(not row.status for row in self.form.rows)

    @cached_property
    def words(self) -> dict[str, Word]:
        """The four marks as they are written, translated and escaped once: the page writes each hundreds of times."""
        small = get_template("attendance/_recent_mark.html")
        drawn = {status: SafeString(small.render({"status": status}).strip()) for status in Status}
        return {status.value: Word(status.value, conditional_escape(status.label), drawn[status]) for status in Status}

    @cached_property
    def rows(self) -> list[tuple[RegisterRow, SafeString]]:
        """The lines, each with the student's marks of the last five registers of this class, the oldest first."""
        recent = self.recent_marks()
        return [(row, recent[row.line.pk]) for row in self.form.rows]

    def recent_marks(self) -> Mapping[int, SafeString]:
        """The marks of the last five registers before this one, by student, as they are written; one statement."""
        found: dict[int, SafeString] = defaultdict(SafeString)
        for student, status in RECENT.rows(school_class=self.opened.school_class.pk, day=self.opened.date):
            found[student] += self.words[status].small
        return found

    def ask(self, today: date) -> list[Confirmation]:
        """What this save asks about and was not answered yet: a past day, many absent, somebody else's marks."""
        changed = [] if self.opened.closed_because else self.form.changed
        asked = []
        if changed and self.opened.date < today:
            asked.append(Confirmation("past", _("This is not today's register.")))
        absent = self.form.counts[Status.ABSENT]
        if changed and absent * MANY_ABSENT > len(self.form.rows):
            numbers = {"absent": absent, "all": len(self.form.rows)}
            asked.append(Confirmation("absent", _("%(absent)d of %(all)d are marked absent.") % numbers))
        others = [row for row in changed if row.replaces_mark_of_another(self.user)]
        if others and "others" not in self.form.confirmed:
            words = {
                "who": ", ".join(sorted(names_of(row.line.marked_by for row in others).values())),
                "students": ", ".join(row.line.full_name for row in others),
            }
            asked.append(Confirmation("others", _("This replaces what %(who)s marked: %(students)s.") % words))
        self.questions = [each for each in asked if each.code not in self.form.confirmed]
        return self.questions

    def clashes(self, clashes: list[Clash]) -> list[ClashRow]:
        """The clashes with the names of those who saved the other marks; one statement."""
        names = names_of(clash.line.marked_by for clash in clashes)
        return [
            ClashRow.of(clash.line, theirs=clash.line.mark, mine=clash.mark, fields=fields_of(clash.mark), names=names)
            for clash in clashes
        ]


def fields_of(mark: Mark) -> dict[str, str]:
    """A mark as the register's form posts it."""
    typed = {
        "status": mark.status.value,
        "minutes": "" if mark.minutes_late is None else str(mark.minutes_late),
        "note": mark.note,
    }
    return typed | {"left": "on"} if mark.left_early else typed
