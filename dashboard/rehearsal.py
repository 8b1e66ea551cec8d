"""What other thresholds would change: whom they would list, and whom no longer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import F, Value
from django.utils.translation import gettext as _

from accounts.models import User
from assessments.kept_marks import Marks
from attendance.kept import StudentsAttendance
from dashboard.risk import Reason, RiskFacts, Rule, identify_at_risk_students, read_risk_facts
from dashboard.scope import Scope, seen_year
from dashboard.threshold_words import change_in_words, if_in_words, values_in_words
from dashboard.thresholds import Thresholds
from students.models import School, Student, Subject

MOST_NAMED = 200  # students of one list; a page is no place for a whole school
MOST_UNFOLDED = 12
AtRisk = dict[int, list[Reason]]


@dataclass(frozen=True)
class Listed:
    """A student with what was found, and whether another rule lists them too."""

    student: Student
    values: str
    remark: str


@dataclass(frozen=True)
class Names:
    """The first MOST_NAMED of those who come or go, by class and name, and how many more there are."""

    listed: list[Listed]
    not_named: int

    @property
    def is_long(self) -> bool:
        """Whether the names are folded, so that what they lead to stays in sight."""
        return len(self.listed) > MOST_UNFOLDED


@dataclass(frozen=True)
class Change:
    """What would change under one rule."""

    rule: Rule
    sentence: str
    more: Names
    fewer: Names


@dataclass(frozen=True)
class Rehearsal:
    """What would change altogether, in a sentence, and under each rule, with names."""

    sentence: str
    changes: list[Change]


def rehearse(user: User, school: School, in_force: Thresholds, wanted: Thresholds) -> Rehearsal:
    """Compare the students at risk today by the thresholds in force with those by others, whatever their number.

    Statements: classes, calendar, those of `read_risk_facts`, names.
    """
    facts = seen_facts(user, school)
    now, then = identify_at_risk_students(facts, in_force), identify_at_risk_students(facts, wanted)
    comparison = Comparison(user, in_force, wanted, now, then)
    beginnings = if_in_words(wanted)
    altogether = comparison.sentence(_("With these thresholds"), set(now), set(then))
    return Rehearsal(altogether, [comparison.change(rule, beginnings[rule]) for rule in Rule])


def seen_facts(user: User, school: School) -> RiskFacts:
    """The facts of everybody in the classes that this person sees; of nobody where there is no class yet."""
    seen = seen_year(user, school)
    if seen is None:
        return RiskFacts(school.today(), set(), StudentsAttendance({}), Marks([], 1), {})
    return read_risk_facts(Scope(seen, seen.classes))


class Comparison:
    """Two lists of students at risk beside each other; reads the names of those who come or go."""

    def __init__(self, user: User, in_force: Thresholds, wanted: Thresholds, now: AtRisk, then: AtRisk) -> None:
        self.in_force, self.wanted, self.now, self.then = in_force, wanted, now, then
        moved = {student for rule in Rule for student in under(rule, now) ^ under(rule, then)}
        self.students, self.subjects = names_for(user, moved)

    def sentence(self, beginning: str, now: Collection[int], then: Collection[int]) -> str:
        more, fewer = len(set(then) - set(now)), len(set(now) - set(then))
        return change_in_words(beginning, now=len(now), then=len(then), more=more, fewer=fewer)

    def change(self, rule: Rule, beginning: str) -> Change:
        """What would change under one rule; a student who is listed for another one too is marked so."""
        now, then = under(rule, self.now), under(rule, self.then)
        more = {key: _("listed already for another reason") if key in self.now else "" for key in then - now}
        fewer = {key: _("stays listed for another reason") if key in self.then else "" for key in now - then}
        return Change(
            rule,
            self.sentence(beginning, now, then),
            self.names(rule, more, self.then, self.wanted),
            self.names(rule, fewer, self.now, self.in_force),
        )

    def names(self, rule: Rule, remarks: Mapping[int, str], at_risk: AtRisk, thresholds: Thresholds) -> Names:
        students = sorted((self.students[key] for key in remarks if key in self.students), key=by_class_and_name)
        listed = [
            Listed(student, self.values(rule, at_risk[student.pk], thresholds), remarks[student.pk])
            for student in students[:MOST_NAMED]
        ]
        return Names(listed, len(remarks) - len(listed))

    def values(self, rule: Rule, reasons: list[Reason], thresholds: Thresholds) -> str:
        return values_in_words([each for each in reasons if each.rule == rule], thresholds, self.subjects)


def names_for(user: User, keys: Collection[int]) -> tuple[dict[int, Student], dict[int, str]]:
    """These students with their class_name, and the names of all subjects, by key; one statement for both."""
    columns = ("kind", "pk", "text", "given_name", "family_name", "class_name")
    students = Student.objects.visible_to(user).with_class().filter(pk__in=keys)
    students = students.annotate(kind=Value("student"), text=F("student_id"))
    nothing = {name: Value("") for name in ("given_name", "family_name", "class_name")}
    subjects = Subject.objects.visible_to(user).annotate(kind=Value("subject"), text=F("name"), **nothing)
    found: dict[int, Student] = {}
    names: dict[int, str] = {}
    rows = students.order_by().values_list(*columns).union(subjects.order_by().values_list(*columns), all=True)
    for kind, key, text, given_name, family_name, class_name in rows:
        if kind == "subject":
            names[key] = text
            continue
        found[key] = Student(pk=key, student_id=text, given_name=given_name, family_name=family_name)
        found[key].class_name = class_name  # type: ignore[attr-defined]
    return found, names


def under(rule: Rule, at_risk: Mapping[int, list[Reason]]) -> set[int]:
    """The students whom a rule lists."""
    return {student for student, reasons in at_risk.items() if any(reason.rule == rule for reason in reasons)}


def by_class_and_name(student: Student) -> tuple[str, str, int]:
    return student.class_name or "", student.full_name, student.pk  # type: ignore[attr-defined]
