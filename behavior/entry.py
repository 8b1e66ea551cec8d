"""The page on which behaviour is noted: whom it offers, what was posted or waits, and what the last save did."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from accounts import parking
from accounts.models import User
from accounts.scoping import visible_or_404
from behavior.forms import EntryForm, categories_for
from behavior.models import BehaviorRecord
from students.converters import StudentIdConverter
from students.forms import current_classes
from students.middleware import SchoolRequest
from students.models import SchoolClass, Student
from students.own_class import own_class_of
from students.sheets import UNDO_FOR

CLASS_KEY = re.compile(r"[0-9]{1,18}")
STUDENT_ID = re.compile(StudentIdConverter.regex)
NAMES_SHOWN = 3


@dataclass(frozen=True)
class Group:
    """Whom a form offers: today's students of a class, or, where no class is theirs to see, one student alone."""

    school_class: SchoolClass | None
    students: list[Student]

    @property
    def named(self) -> dict[str, int | str]:
        """What names the group in an address and in the form."""
        if self.school_class:
            return {"class_id": self.school_class.pk}
        return {"student": self.students[0].student_id}

    @property
    def address(self) -> str:
        """The page that notes behaviour of this group."""
        return f"{reverse('behavior:new')}?{urlencode(self.named)}"


@dataclass(frozen=True)
class Saved:
    """What a save of this person noted, while it can be undone; `names` are the first few students of all `number`."""

    record: BehaviorRecord
    number: int
    names: list[str]

    @property
    def more(self) -> int:
        """How many students are not named."""
        return self.number - len(self.names)


@dataclass(frozen=True)
class EntryPage:
    """The group and its form; `is_parked` where the form holds what was typed before a session ended."""

    group: Group
    form: EntryForm
    is_parked: bool
    saved: Saved | None


def open_entry(request: SchoolRequest) -> EntryPage | None:
    """The page for the class or student that is asked for; None where neither is. Http404 for what is not theirs."""
    posted = request.POST.dict() if request.method == "POST" else parking.parked_fields(request)
    asked = request.GET.dict() | (posted or {})
    group = find_group(request, asked)
    if group is None:
        return None
    form = EntryForm(
        posted,
        students=group.students,
        categories=categories_for(request.user),
        ticked=asked.get("student", "").upper(),
        initial={"date": request.school.today()},
    )
    saved = find_saved(request.user, request.GET.get("noted", "")) if posted is None else None
    return EntryPage(group, form, request.method != "POST" and posted is not None, saved)


def find_group(request: SchoolRequest, asked: Mapping[str, str]) -> Group | None:
    """The class that is asked for, else the class of the student who is, else that student alone."""
    key, student_id = asked.get("class_id", ""), asked.get("student", "").upper()
    if key:
        if not CLASS_KEY.fullmatch(key):
            raise Http404
        return group_of(request, visible_or_404(SchoolClass.objects.all(), request.user, pk=int(key)))
    if not student_id:
        return None
    if not STUDENT_ID.fullmatch(student_id):
        raise Http404
    student = visible_or_404(Student.objects.all(), request.user, student_id=student_id)
    school_class = own_class_of(student, request.user, request.school.today())
    return group_of(request, school_class) if school_class else Group(None, [student])


def group_of(request: SchoolRequest, school_class: SchoolClass) -> Group:
    """The students of a class today."""
    students = Student.objects.visible_to(request.user).enrolled_on(school_class, request.school.today())
    return Group(school_class, list(students))


def classes_to_choose(user: User) -> list[SchoolClass]:
    """The classes from which behaviour can be noted."""
    return list(current_classes(user))


def find_saved(user: User, key: str) -> Saved | None:
    """What this person's save of that key noted, if it can be undone still; None for anything else."""
    try:
        entry_key = uuid.UUID(key)
    except ValueError:
        return None
    records = list(
        BehaviorRecord.objects.filter(
            entry_key=entry_key, noted_by=user, created_at__gte=timezone.now() - UNDO_FOR
        ).select_related("category", "student")
    )
    if not records:
        return None
    names = sorted(record.student.full_name for record in records)
    return Saved(records[0], len(records), names if len(names) <= NAMES_SHOWN + 1 else names[:NAMES_SHOWN])
