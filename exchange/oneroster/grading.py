"""Marks of a bundle against those of the portal: what collides, and what an import would change.

A score that somebody entered or corrected in the portal stays; nothing is removed, not even a score that the bundle
no longer has. Imported work is not published: the school decides when parents read it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import Assessment, AssessmentCategory, Score
from assessments.recounting import lock_all_classes
from core.numbers import print_points
from exchange.oneroster.gradebook import Gradebook, Result, Work, late_words, name_of
from exchange.oneroster.planning import Planner, differs
from exchange.oneroster.portal import Portal, batches, by_external_id
from exchange.oneroster.problems import Problems, quoted
from exchange.oneroster.roster import Roster
from exchange.oneroster.rows import one_line
from students.models import Student

Pair = tuple[int, int]  # keys of an assessment and a student


class StoredGradebook:
    """What the portal holds of a gradebook; `scores` are all of the gradebook's works, typed by hand or imported."""

    def __init__(self, book: Gradebook, *, lock: bool) -> None:
        """A few statements per 500 rows. `lock`: nobody else enters scores of these works while the import runs."""
        self.categories = by_external_id(AssessmentCategory.objects.all())
        self.works: dict[str, Assessment] = {}
        self.scores: dict[Pair, Score] = {}
        self.owners: dict[str, Pair] = {}
        for keys in batches(sorted(book.works)):
            works = Assessment.objects.filter(external_id__in=keys).order_by("pk")
            self.works |= by_external_id(works.select_for_update() if lock else works)
        if lock:
            lock_all_classes()
        for assessments in batches([work.pk for work in self.works.values()]):
            for score in Score.objects.filter(assessment__in=assessments).select_related("student"):
                self.scores[score.assessment_id, score.student_id] = score
        for results in batches(book.results):
            held = Score.objects.filter(external_id__in=[result.row.key for result in results])
            for score in held.only("external_id", "assessment", "student"):
                self.owners[score.external_id] = (score.assessment_id, score.student_id)

    def score_of(self, assessment: Assessment | None, student: Student | None) -> Score | None:
        """The score of two who may both be new."""
        if assessment is None or student is None or assessment.pk is None or student.pk is None:
            return None
        return self.scores.get((assessment.pk, student.pk))


def check_grades(book: Gradebook, stored: StoredGradebook, roster: Roster, portal: Portal, problems: Problems) -> None:
    """Reports what the bundle cannot tell by itself, each at the row that would have to change."""
    members = members_of(roster, portal)
    entered: set[Pair] = set()
    for result in book.results:
        work, here = book.works[result.work], stored.works.get(result.work)
        student = portal.students.get(result.student)
        if result.student not in members[work.group]:
            expected = _("a student of the class %(id)s") % {"id": quoted(work.group)}
            problems.add(result.row, "studentSourcedId", expected)
        check_score(result, work, here, problems)
        pair = (here.pk, student.pk) if here and student else None
        if stored.owners.get(result.row.key, pair) != pair:
            problems.add(result.row, "sourcedId", _("an id that no other score has in the portal"))
        if pair and result.row.sound and result.state and not was_changed(stored.scores.get(pair)):
            entered.add(pair)
    check_maxima(book, stored, entered, problems)


def members_of(roster: Roster, portal: Portal) -> defaultdict[str, set[str]]:
    """Who is, or was, in each class, by the bundle or by the portal; all by sourcedId."""
    members: defaultdict[str, set[str]] = defaultdict(set)
    for one in roster.enrolments:
        members[one.group].add(one.person)
    groups = {group.pk: key for key, group in portal.groups.items()}
    for key, student in portal.students.items():
        for enrolment in portal.enrolments_of[student.pk]:
            if enrolment.school_class_id in groups:
                members[groups[enrolment.school_class_id]].add(key)
    return members


def check_score(result: Result, work: Work, here: Assessment | None, problems: Problems) -> None:
    """No score is above the maximum, unless the portal allows extra credit for this work by now."""
    allows_extra = here is not None and here.allows_extra
    if result.score is not None and result.score > work.max_score and not allows_extra:
        most = print_points(work.max_score, localized=False)
        problems.add(result.row, "score", _("at most %(most)s, the maximum of the line item") % {"most": most})


def check_maxima(book: Gradebook, stored: StoredGradebook, entered: set[Pair], problems: Problems) -> None:
    """A maximum does not fall below a score of the portal that the bundle leaves as it is; one such score is named."""
    keys = {here.pk: key for key, here in stored.works.items()}
    for pair, score in stored.scores.items():
        work, here = book.works[keys[pair[0]]], stored.works[keys[pair[0]]]
        if pair in entered or here.allows_extra or not work.row.sound or score.score is None:
            continue
        if score.score > work.max_score:
            words = {"least": print_points(score.score, localized=False), "student": quoted(score.student.full_name)}
            expected = _("at least %(least)s, which %(student)s has in the portal") % words
            problems.add(work.row, "resultValueMax", expected)


def was_changed(score: Score | None) -> bool:
    """Whether somebody entered or corrected it in the portal: an import marks no score as anybody's."""
    return score is not None and score.marked_by_id is not None


def plan_gradebook(book: Gradebook, stored: StoredGradebook, planner: Planner) -> None:
    """Add to the plan what the sound rows of a gradebook change."""
    for key, row in book.categories.items():
        values: dict[str, Any] = {"name": row.get("title"), "external_id": key}
        if row.get("weight"):
            values["weight"] = row.points("weight")
        planner.plan.categories.settle(stored.categories.get(key), values)
    categories = by_external_id([*stored.categories.values(), *planner.plan.categories.new])
    works = {
        key: settle_work(work, stored.works.get(key), categories[work.category], planner)
        for key, work in book.works.items()
        if work.row.sound
    }
    settled: set[Pair] = set()
    for result in book.results:
        if not result.row.sound:
            continue
        if assessment := works.get(result.work):
            score = stored.score_of(assessment, planner.students[result.student])
            if settle_result(result, assessment, score, book.works[result.work], planner) and score:
                settled.add((score.assessment_id, score.student_id))
        else:
            planner.notes.add(_("Results left out with their line item"), result.row.key)
    maxima = {assessment.pk: assessment.max_score for assessment in works.values() if assessment.pk}
    for pair, score in stored.scores.items():
        if pair not in settled and score.max_score != maxima.get(pair[0], score.max_score):
            planner.plan.scores.settle(score, {"max_score": maxima[pair[0]]})


def settle_work(work: Work, here: Assessment | None, category: AssessmentCategory, planner: Planner) -> Assessment:
    """The type follows from the category's words only once: the school may know better."""
    group = planner.roster.groups[work.group]
    values = {
        "title": work.row.get("title"),
        "school_class": planner.groups[work.group],
        "subject": planner.subjects[group.row.get("courseSourcedId")],
        "category": category,
        "date_taken": work.date_taken,
        "max_score": work.max_score,
        "external_id": work.row.key,
    }
    if here is None:
        values["assessment_type"] = work.assessment_type
    return planner.plan.assessments.settle(here, values)


def settle_result(result: Result, assessment: Assessment, score: Score | None, work: Work, planner: Planner) -> bool:
    """Bring a score to what the bundle says; False where it stays as it is in the portal."""
    name = name_of(result.student, work, planner.roster)
    if result.state is None:
        if score:
            planner.notes.add(_("Not graded in the bundle, so their score in the portal stays"), name)
        return False
    values: dict[str, Any] = {"state": result.state, "score": result.score, **note_of(result, score)}
    if score and was_changed(score) and any(differs(score, field, value) for field, value in values.items()):
        planner.notes.add(_("Entered or corrected in the portal, so their score there stays"), name)
        return False
    values |= {
        "max_score": assessment.max_score,
        "allows_extra": assessment.allows_extra,
        "external_id": result.row.key,
    }
    if score is None:
        values |= {"student": planner.students[result.student], "assessment": assessment}
    planner.plan.scores.settle(score, values)
    return True


def note_of(result: Result, score: Score | None) -> dict[str, str]:
    """The note, where the file has columns for it. Version 1.1 cannot say "late", so it does not take the word back."""
    row, note = result.row, result.note
    if not row.has("late") and score and score.notes == f"{late_words()} {one_line(row.get('comment'))}".strip():
        return {}
    return {"notes": note} if row.has("late") or row.has("comment") else {}
