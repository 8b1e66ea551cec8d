"""A score as sent to the API: its piece of work is judged by the form of the page, one rule for both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.api_fields import refuse_fields
from accounts.models import User
from assessments.choosing import subjects_for, usual_class
from assessments.models import Assessment, AssessmentType, Score, State
from assessments.score_services import SentScore, has_others
from assessments.work_forms import WorkForm, initial_of
from core.numbers import print_points
from students.models import AcademicYear, Term

API_NAMES = {"school_class": "class_id", "subject": "subject_name", "category": "assessment_type"}
Sent = Mapping[str, Any]


def as_score(sent: Sent) -> SentScore:
    """What was sent of the score itself, for the services."""
    state = State(sent["state"]) if "state" in sent else None
    return SentScore(state, sent.get("score"), "score" in sent, sent.get("notes"))


def new_work(user: User, sent: Sent) -> dict[str, Any]:
    """The piece of work of a new score as the services take it: the class is the usual one unless it is named.

    Raises ValidationError under the API's names.
    """
    student_id, day = sent["student_id"].upper(), sent["date_taken"]
    class_id = sent["class_id"] if "class_id" in sent else usual_class(user, student_id, day)
    if class_id is None:
        said = _("No such student is in a class of yours on this day. Correct one of the two, or give the class.")
        raise ValidationError({"student_id": [said]})
    usual_title = str(AssessmentType(sent["assessment_type"]).label)
    return judge(user, {"title": usual_title, **sent, "class_id": class_id}, None)


def changed_work(user: User, sent: Sent, score: Score) -> dict[str, Any] | None:
    """The piece of work of a stored score with what was sent of it; None where that is as it stands.

    Raises ValidationError for another student, and for changes to the work of others.
    """
    work = score.assessment
    if "student_id" in sent and sent["student_id"].upper() != score.student.student_id:
        said = _("A score stays with its student. Remove it and send a new one.")
        raise ValidationError({"student_id": [said]})
    known = {name: getattr(work, name) for name in ("title", "assessment_type", "date_taken", "max_score")}
    known |= {"class_id": work.school_class_id, "subject_name": work.subject.name}
    different = {name for name, value in known.items() if name in sent and sent[name] != value}
    if not different:
        check_year(user, work.school_class.academic_year, sent, work.date_taken)
        return None
    if has_others(score):
        said = _("Others have scores in this work. Change it on its page, or remove this score and send a new one.")
        raise ValidationError({name: [said] for name in sorted(different)})
    return judge(user, sent, work)


def judge(user: User, sent: Sent, known: Assessment | None) -> dict[str, Any]:
    """What WorkForm reads of what was sent, over the work as it is known. Raises ValidationError by the API's names."""
    stands = initial_of(known) if known else {}
    posted = {name: WorkForm.base_fields[name].prepare_value(value) for name, value in stands.items()}
    posted |= {name: sent[name] for name in ("title", "assessment_type", "date_taken") if name in sent}
    if "max_score" in sent:
        posted["max_score"] = print_points(sent["max_score"], localized=False)
    if "class_id" in sent:
        posted["school_class"] = sent["class_id"]
    errors: dict[str, Any] = {}
    if "subject_name" in sent and not (known and known.subject.name == sent["subject_name"]):
        posted["subject"], errors = find_subject(user, sent["subject_name"])
    if known and posted["assessment_type"] != known.assessment_type == known.category.default_for:
        posted["category"] = ""  # that of the new type, as it was that of the old one
    judged = WorkForm(posted, user=user)
    refuse_fields({**judged.errors, **errors}, API_NAMES)
    fields = judged.cleaned_data
    check_year(user, fields["school_class"].academic_year, sent, fields["date_taken"])
    return fields


def find_subject(user: User, name: str) -> tuple[int | str, dict[str, list[str]]]:
    """The key of the subject of this name in which this person may set work; else none, and why."""
    found = list(subjects_for(user).filter(name=name))
    if len(found) == 1:
        return found[0].pk, {}
    if found:
        return "", {"subject": [_("Several subjects are called this. Ask the school office to tell them apart.")]}
    return "", {"subject": [_("There is no subject of this name that is yours.")]}


def check_year(user: User, year: AcademicYear, sent: Sent, day: date) -> None:
    """Raises ValidationError for a school year or a term that is not that of the class and the day."""
    errors = {}
    if sent.get("academic_year", year.name) != year.name:
        errors["academic_year"] = [_("The class belongs to %(year)s. Correct this, or leave it out.") % {"year": year}]
    if "term" in sent:
        term = Term.objects.visible_to(user).on(day).filter(academic_year=year).first()
        words = {"term": term, "year": year}
        if term is None:
            errors["term"] = [_("This day is in no term of %(year)s. Correct the day, or leave this out.") % words]
        elif term.name != sent["term"]:
            errors["term"] = [_("This day is in %(term)s. Correct the one or the other, or leave this out.") % words]
    if errors:
        raise ValidationError(errors)
