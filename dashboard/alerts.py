"""The students at risk as a list: who they are, in which order, and what was done about it last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import (
    BigIntegerField,
    DateField,
    DateTimeField,
    DecimalField,
    F,
    Field,
    IntegerField,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast

from accounts.models import User
from dashboard.models import FollowUp, ThresholdSet
from dashboard.risk import (
    Reason,
    RiskFacts,
    Rule,
    by_student,
    count_rules,
    identify_at_risk_students,
    negative_records,
    read_risk_facts,
    sorted_alerts,
)
from dashboard.scope import Scope
from dashboard.thresholds import ROW, Thresholds, thresholds_of_row
from students.models import Student

# Of the columns thresholds.ROW.
COLUMNS_OF_A_SET: list[Field[Any, Any]] = [
    *(DecimalField(max_digits=4, decimal_places=1) for _share in range(3)),
    *(IntegerField() for _number in range(3)),
    DateTimeField(),
    *(TextField() for _name in range(3)),
]


@dataclass(frozen=True)
class LastAction:
    """The follow-up noted last about a student."""

    kind: FollowUp.Kind
    note: str
    done_on: date
    look_again_on: date
    noted_by: str


@dataclass(frozen=True)
class Alert:
    """A student at risk with the reasons. `student` has its class_name."""

    student: Student
    reasons: list[Reason]
    action: LastAction | None
    is_fresh: bool

    @property
    def rules(self) -> set[Rule]:
        return {reason.rule for reason in self.reasons}


@dataclass(frozen=True)
class AtRisk:
    """The list of a scope. `counts`: how many students each rule holds for; `everybody` all of them, unfiltered."""

    scope: Scope
    facts: RiskFacts
    thresholds: Thresholds
    in_force: Thresholds
    alerts: list[Alert]
    counts: Mapping[Rule, int]
    everybody: int

    @property
    def has_data(self) -> bool:
        """Whether there is a mark, a score or a note of any of these students."""
        facts = self.facts
        noted = facts.negative_on.keys() & facts.students
        sessions = (facts.attendance[key].possible for key in facts.students & facts.attendance.keys())
        return bool(noted or facts.marks.among(facts.students)) or any(sessions)


def at_risk_in(scope: Scope, *, rule: Rule | None = None, **overrides: Any) -> AtRisk:
    """The list of a scope, of one rule or all; `overrides` are thresholds for this look (`Thresholds.with_columns`).

    Statements: those of `read_risk_facts`, the students.
    """
    in_force, negative_on = read_thresholds_and_notes(scope)
    thresholds = in_force.with_columns(**overrides)
    facts = read_risk_facts(scope, negative_on)
    found = identify_at_risk_students(facts, thresholds)
    listed = {key: reasons for key, reasons in found.items() if rule is None or rule in {each.rule for each in reasons}}
    alerts = list_alerts(scope.seen.user, listed, scope.today, since=scope.seen.year.starts_on)
    return AtRisk(scope, facts, thresholds, in_force, alerts, count_rules(found), len(found))


def read_thresholds_and_notes(scope: Scope) -> tuple[Thresholds, dict[int, list[date]]]:
    """The thresholds in force, and the days of the negative notes by student; one statement for both."""
    latest = ThresholdSet.objects.order_by().filter(
        version=Subquery(ThresholdSet.objects.order_by("-version").values("version")[:1])
    )
    empty = [Cast(Value(None), field) for field in COLUMNS_OF_A_SET]
    notes: Any = negative_records(scope).values_list("student_id", "date", *empty)
    no_note = (Cast(Value(None), field) for field in (BigIntegerField(), DateField()))
    rows = list(notes.union(latest.values_list(*no_note, *ROW), all=True))
    sets = [columns for student, _day, *columns in rows if student is None]
    in_force = thresholds_of_row(sets[0]) if sets else Thresholds()
    return in_force, by_student((student, day) for student, day, *_columns in rows if student is not None)


def list_alerts(user: User, found: Mapping[int, list[Reason]], today: date, *, since: date) -> list[Alert]:
    """The students found, in order; one statement. `since` is the first day of the year: an earlier action is over."""
    alerts: dict[int, Alert] = {}
    for student in with_actions(Student.objects.visible_to(user).filter(pk__in=list(found)).with_class(today)):
        action = last_action(student, since)
        standing = alerts.get(student.pk)
        if standing is None:
            alerts[student.pk] = Alert(student, found[student.pk], action, is_fresh(action, today))
        elif action and (standing.action is None or action.done_on > standing.action.done_on):
            alerts[student.pk] = replace(standing, action=action, is_fresh=is_fresh(action, today))
    fresh = {key for key, alert in alerts.items() if alert.is_fresh}
    names = {key: alert.student.full_name for key, alert in alerts.items()}
    return [alerts[key] for key in sorted_alerts({key: found[key] for key in alerts}, names, fresh)]


def with_actions(students: QuerySet[Student]) -> QuerySet[Student]:
    """Joins the follow-ups: a row each, or one without; of one day that noted last comes first."""
    return students.annotate(
        action_kind=F("followups__kind"),
        action_note=F("followups__note"),
        done_on=F("followups__done_on"),
        look_again_on=F("followups__look_again_on"),
        noted_by_teacher=F("followups__noted_by__teacher__full_name"),
        noted_by_parent=F("followups__noted_by__parent__full_name"),
        noted_by_user=F("followups__noted_by__username"),
    ).order_by("-followups__pk")


def last_action(student: Any, since: date) -> LastAction | None:
    """The follow-up that `with_actions` joined; None without one in the school year."""
    if student.done_on is None or student.done_on < since:
        return None
    noted_by = student.noted_by_teacher or student.noted_by_parent or student.noted_by_user
    kind = FollowUp.Kind(student.action_kind)
    return LastAction(kind, student.action_note, student.done_on, student.look_again_on, noted_by)


def is_fresh(action: LastAction | None, today: date) -> bool:
    """Whether the day to look again is still to come."""
    return action is not None and action.look_again_on > today
