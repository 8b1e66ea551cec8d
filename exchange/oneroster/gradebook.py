"""Marks out of categories.csv, lineItems.csv and results.csv, as far as the bundle itself can tell what is right."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from assessments.models import AssessmentType, Score, State
from exchange.oneroster.problems import Problems, quoted
from exchange.oneroster.reading import Bundle
from exchange.oneroster.roster import Notes, Roster
from exchange.oneroster.rows import Row, one_line
from exchange.oneroster.schema import longest

NOTE_ROOM = longest(Score, "notes") or 0
TYPE_NAMED = re.compile(r"\b(quiz|test|exam)(?:s|zes|inations?)?\b", re.IGNORECASE)
GRADED, EXEMPT, NOT_SUBMITTED = "fully graded", "exempt", "not submitted"


@dataclass(frozen=True)
class Work:
    """A line item: `group` and `category` by sourcedId, `max_score` in points."""

    row: Row
    group: str
    category: str
    assessment_type: AssessmentType
    date_taken: date
    max_score: Decimal


@dataclass(frozen=True)
class Result:
    """A result that says something: `work` and `student` by sourcedId; state None where it is not graded yet."""

    row: Row
    work: str
    student: str
    state: State | None
    score: Decimal | None

    @property
    def note(self) -> str:
        """The teacher's comment on one line, after the word about coming late."""
        words = (late_words() if self.row.flag("late") else "", one_line(self.row.get("comment")))
        return " ".join(word for word in words if word)


@dataclass
class Gradebook:
    """The sound rows: categories and works by sourcedId, results in the order of the file."""

    categories: dict[str, Row] = field(default_factory=dict)
    works: dict[str, Work] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)


def late_words() -> str:
    return _("Handed in late.")


def read_gradebook(bundle: Bundle, roster: Roster, today: date, problems: Problems, notes: Notes) -> Gradebook:
    """What the three files say together. Work not handed in is missing once its day is before `today`."""
    check_weights(bundle, problems)
    book = Gradebook(categories={row.key: row for row in bundle.rows("categories") if row.sound})
    for row in bundle.rows("lineItems"):
        if row.sound and (work := read_work(row, book, roster, problems, notes)):
            book.works[row.key] = work
    first: dict[tuple[str, str], Row] = {}
    for row in bundle.rows("results"):
        if not row.sound:
            continue
        pair = (row.get("lineItemSourcedId"), row.get("studentSourcedId"))
        if first.setdefault(pair, row) is not row:
            expected = _("one result for a student and a line item; row %(number)s has it")
            problems.add(row, "studentSourcedId", expected % {"number": first[pair].number})
        elif work := book.works.get(pair[0]):
            check_result(row, work, roster, problems)
            if row.sound:
                book.results.append(read_result(row, work, today, roster, notes))
        else:
            notes.add(_("Results left out with their line item"), row.key)
    return book


def check_weights(bundle: Bundle, problems: Problems) -> None:
    """All categories have a weight or none: one without would hardly count beside one of 40."""
    rows = [row for row in bundle.rows("categories") if row.sound]
    if any(row.get("weight") for row in rows):
        for row in rows:
            if not row.get("weight"):
                problems.add(row, "weight", _("a weight, as other categories have one"))


def read_work(row: Row, book: Gradebook, roster: Roster, problems: Problems, notes: Notes) -> Work | None:
    """The work of a sound row; None where a rule is broken, where it has no number to reach, and for echoes."""
    group, category = roster.groups.get(row.get("classSourcedId")), book.categories.get(row.get("categorySourcedId"))
    if category is None:
        notes.add(_("Line items left out with their category"), row.get("title"))
    if group is None or category is None:
        return None
    max_score = row.points("resultValueMax")
    if max_score is None:
        notes.add(_("Line items without resultValueMax, not imported"), row.get("title"))
        return None
    check_work(row, roster, problems)
    if not row.sound:
        return None
    return Work(
        row=row,
        group=group.row.key,
        category=category.key,
        assessment_type=type_named(category.get("title")),
        date_taken=date.fromisoformat(row.get("dueDate")),
        max_score=max_score,
    )


def type_named(title: str) -> AssessmentType:
    """The first type of work that a category's title names, else an assignment."""
    named = TYPE_NAMED.search(title)
    return AssessmentType(named[1].lower()) if named else AssessmentType.ASSIGNMENT


def check_work(row: Row, roster: Roster, problems: Problems) -> None:
    year = roster.years[roster.groups[row.get("classSourcedId")].year]
    due = date.fromisoformat(row.get("dueDate"))
    if row.get("dueDate") < row.get("assignDate"):
        expected = _("%(day)s, when it was assigned, or later") % {"day": row.get("assignDate")}
        problems.add(row, "dueDate", expected)
    elif not year.starts_on <= due < year.ends_on:
        words = {"first": year.starts_on, "last": year.ends_on}
        problems.add(row, "dueDate", _("a day from %(first)s to before %(last)s, the school year of the class") % words)
    if row.points("resultValueMin"):
        problems.add(row, "resultValueMin", _("0: scores are counted from 0"))
    if not row.points("resultValueMax"):
        problems.add(row, "resultValueMax", _("more than 0"))
    school = row.get("schoolSourcedId")
    if school and school != roster.school.key:
        problems.add(row, "schoolSourcedId", _("%(id)s, the school of the class") % {"id": quoted(roster.school.key)})


def check_result(row: Row, work: Work, roster: Roster, problems: Problems) -> None:
    """What the bundle alone can tell. Whether the student is in the class, the portal may know better."""
    person = roster.people.get(row.get("studentSourcedId"))
    if person and not person.is_student:
        problems.add(row, "studentSourcedId", _("somebody with the role student"))
    if row.get("classSourcedId") not in {"", work.group}:
        problems.add(row, "classSourcedId", _("%(id)s, the class of the line item") % {"id": quoted(work.group)})
    if row.get("scoreStatus") == NOT_SUBMITTED and row.points("score"):
        problems.add(row, "score", _("nothing, since the work was not submitted"))
    late = late_words() if row.flag("late") else ""
    if len(f"{late} {one_line(row.get('comment'))}".strip()) > NOTE_ROOM:
        words = {"most": NOTE_ROOM, "late": quoted(late)}
        problems.add(row, "comment", _("at most %(most)s characters together with %(late)s") % words)


def read_result(row: Row, work: Work, today: date, roster: Roster, notes: Notes) -> Result:
    """What a result says about the student. Nothing but a number becomes a number."""
    status, score = row.get("scoreStatus"), row.points("score")
    student = row.get("studentSourcedId")
    state = None
    if status == EXEMPT:
        state = State.EXEMPT
    elif status == NOT_SUBMITTED or (row.flag("missing") and score is None):
        state = State.MISSING if work.date_taken < today else None
    elif status == GRADED and score is not None:
        state = State.GRADED
    elif status == GRADED:
        notes.add(_("Fully graded without a score, not imported"), name_of(student, work, roster))
    elif score is not None:
        notes.add(_("Scores that are not final, not imported"), name_of(student, work, roster))
    return Result(row, work.row.key, student, state, score if state == State.GRADED else None)


def name_of(student: str, work: Work, roster: Roster) -> str:
    """A result in the words of a note: "Ana Silva in Quiz 1"."""
    words = {"student": roster.people[student].full_name, "work": work.row.get("title")}
    return _("%(student)s in %(work)s") % words
