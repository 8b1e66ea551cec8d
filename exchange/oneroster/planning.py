"""What an import would change: the roster compared with the portal, row by row, value by value.

Columns that a bundle's file does not have leave the portal's values alone; an empty cell empties them. Nothing is
ever removed, and what the office decided against the roster's word stands: an admin stays an admin, a login or a
link of a parent that was closed in the portal stays closed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from django.contrib.auth.hashers import make_password
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from assessments.models import Assessment, AssessmentCategory, Score
from exchange.oneroster.decisions import birth_date, first_days, joining_date, primary_enrolments
from exchange.oneroster.portal import Portal
from exchange.oneroster.roster import Membership, Notes, Person, Roster
from students.models import (
    AcademicYear,
    Enrolment,
    Gender,
    Guardian,
    School,
    SchoolClass,
    Student,
    StudentParentLink,
    Subject,
    TeachingAssignment,
    Term,
)

RowT = TypeVar("RowT", bound=Model)
GENDERS = {"": Gender.UNSPECIFIED, "unspecified": Gender.UNSPECIFIED, "male": Gender.MALE, "female": Gender.FEMALE}


@dataclass
class Changes(Generic[RowT]):
    """The new rows of one model, and the rows that change with the names of their fields that do."""

    model: type[RowT]
    new: list[RowT] = field(default_factory=list)
    changed: list[RowT] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    unchanged: int = 0

    def settle(self, row: RowT | None, values: dict[str, Any], **only_new: Any) -> RowT:
        """Bring a row to its values, or make it with those and `only_new`. A related row may be unsaved yet."""
        if row is None:
            row = self.model(**values, **only_new)
            self.new.append(row)
            return row
        different = {name for name, value in values.items() if differs(row, name, value)}
        for name in different:
            setattr(row, name, values[name])
        if different:
            self.changed.append(row)
            self.fields |= different
        else:
            self.unchanged += 1
        return row


def differs(row: Model, name: str, value: Any) -> bool:
    """Whether a field of a stored row has another value than it should have."""
    if isinstance(value, Model):
        # A row that is not saved yet has no key, as an empty reference has none.
        return value.pk is None or getattr(row, f"{name}_id") != value.pk
    return bool(getattr(row, name) != value)


class Plan:
    """Everything that an import would write, in the order of writing."""

    def __init__(self) -> None:
        self.school = Changes(School)
        self.years = Changes(AcademicYear)
        self.terms = Changes(Term)
        self.subjects = Changes(Subject)
        self.users = Changes(User)
        self.teachers = Changes(Teacher)
        self.parents = Changes(Parent)
        self.groups = Changes(SchoolClass)
        self.students = Changes(Student)
        self.enrolments = Changes(Enrolment)
        self.assignments = Changes(TeachingAssignment)
        self.guardians = Changes(Guardian)
        self.links = Changes(StudentParentLink)
        self.categories = Changes(AssessmentCategory)
        self.assessments = Changes(Assessment)
        self.scores = Changes(Score)
        self.readdressed: list[User] = []
        self.uninvitable: list[str] = []

    @property
    def changes(self) -> list[Changes[Any]]:
        return [part for part in vars(self).values() if isinstance(part, Changes)]


class Planner:
    """Walks a roster from the school to the guardians' links; each step finds the rows of the steps before by id."""

    def __init__(self, roster: Roster, portal: Portal, codes: dict[str, str], notes: Notes) -> None:
        self.roster, self.portal, self.codes, self.notes = roster, portal, codes, notes
        self.plan = Plan()
        self.years: dict[str, AcademicYear] = {}
        self.users: dict[str, User] = {}
        self.subjects: dict[str, Subject] = {}
        self.teachers: dict[str, Teacher] = {}
        self.parents: dict[str, Parent] = {}
        self.groups: dict[str, SchoolClass] = {}
        self.students: dict[str, Student] = {}

    def run(self) -> Plan:
        self._settle_school()
        for key, person in self.roster.people.items():
            if person.signs_in:
                self._settle_login(key, person)
        self._settle_groups()
        self._settle_students()
        self._settle_memberships()
        self._settle_family()
        return self.plan

    def _settle_school(self) -> None:
        row = self.roster.school
        self.plan.school.settle(self.portal.school, {"name": row.get("name"), "external_id": row.key})
        for key, year in self.roster.years.items():
            values = {"name": year.name, "starts_on": year.starts_on, "ends_on": year.ends_on, "external_id": key}
            self.years[key] = self.plan.years.settle(self.portal.years.get(key), values)
        for key, term in self.roster.terms.items():
            values = {"name": term.name, "starts_on": term.starts_on, "ends_on": term.ends_on, "external_id": key}
            row_here = self.portal.terms.get(key)
            self.plan.terms.settle(row_here, {**values, "academic_year": self.years[term.year]})
        for key, course in self.roster.courses.items():
            values = {"code": self.codes[key], "name": course.get("title"), "external_id": key}
            self.subjects[key] = self.plan.subjects.settle(self.portal.subjects.get(key), values)

    def _settle_login(self, key: str, person: Person) -> None:
        """The login of a teacher or guardian with the profiles; nobody gets a password, they are invited."""
        row, user = person.row, self.portal.user_of(key)
        values: dict[str, Any] = {"username": User.normalize_username(row.get("username"))}
        if row.has("email"):
            values["email"] = User.objects.normalize_email(row.get("email"))
        if user is None or user.role != Role.ADMIN:
            values["role"] = Role.TEACHER if person.is_teacher else Role.PARENT
        if not row.flag("enabledUser"):
            values["is_active"] = False
        elif user and not user.is_active:
            self.notes.add(_("Enabled in the roster, but their login is closed in the portal and stays so"), str(user))
        if user and values.get("email", user.email) != user.email:
            self.plan.readdressed.append(user)
        self.users[key] = user = self.plan.users.settle(user, values, password=make_password(None))
        if not user.email:
            self.plan.uninvitable.append(person.full_name)
        self._settle_profiles(key, person, user)

    def _settle_profiles(self, key: str, person: Person, user: User) -> None:
        row = person.row
        profile: dict[str, Any] = {"full_name": person.full_name, "external_id": key}
        if row.has("phone") or row.has("sms"):
            profile["phone"] = person.phone
        if person.is_teacher:
            teacher = self.portal.teachers.get(key) or self.portal.teacher_of.get(user.pk)
            self.teachers[key] = self.plan.teachers.settle(teacher, profile, user=user)
        if person.relationship:
            parent = self.portal.parents.get(key) or self.portal.parent_of.get(user.pk)
            self.parents[key] = self.plan.parents.settle(parent, profile, user=user)

    def _settle_groups(self) -> None:
        for key, group in self.roster.groups.items():
            row = group.row
            values: dict[str, Any] = {"name": row.get("title"), "external_id": key}
            values["academic_year"] = self.years[group.year]
            if row.has("grades"):
                values["grade_level"] = next(iter(row.several("grades")), "")
            if teacher := self.teachers.get(group.homeroom_teacher):
                values["homeroom_teacher"] = teacher
            self.groups[key] = self.plan.groups.settle(self.portal.groups.get(key), values)

    def _settle_students(self) -> None:
        days = first_days(self.roster)
        for key, person in self.roster.people.items():
            if not person.is_student:
                continue
            student = self.portal.students.get(key)
            values = {
                "given_name": person.row.get("givenName"),
                "family_name": person.row.get("familyName"),
                "enrollment_date": joining_date(student, days.get(key)),
                "date_of_birth": birth_date(person, student),
                "external_id": key,
            }
            if person.demographics and person.demographics.has("sex"):
                values["gender"] = GENDERS.get(person.demographics.get("sex"), Gender.OTHER)
            self.students[key] = self.plan.students.settle(student, values)

    def _settle_memberships(self) -> None:
        primary = primary_enrolments(self.roster, self.portal)
        for one in self.roster.enrolments:
            values = {**self._membership(one), "student": self.students[one.person]}
            values["is_primary"] = one.row.key in primary
            self.plan.enrolments.settle(self.portal.enrolments.get(one.row.key), values)
        for one in self.roster.assignments:
            group = self.roster.groups[one.group]
            subject = None if group.is_homeroom else self.subjects[group.row.get("courseSourcedId")]
            values = {**self._membership(one), "teacher": self.teachers[one.person], "subject": subject}
            self.plan.assignments.settle(self.portal.assignments.get(one.row.key), values)

    def _membership(self, one: Membership) -> dict[str, Any]:
        span = {"starts_on": one.starts_on, "ends_on": one.ends_on}
        return {**span, "school_class": self.groups[one.group], "external_id": one.row.key}

    def _settle_family(self) -> None:
        """Each guardian as a contact of the child, and with a link that opens the child's report."""
        days = first_days(self.roster)
        first_of_year = min(year.starts_on for year in self.roster.years.values())
        listed: Counter[str] = Counter()
        for student_id, guardian_id in self.roster.guardians:
            student, parent = self.students[student_id], self.parents[guardian_id]
            relationship = self.roster.people[guardian_id].relationship
            contact = self.portal.guardians.get((student.pk, parent.pk))
            values = {
                "name": parent.full_name,
                "relationship": relationship,
                "phone": parent.phone,
                "email": self.users[guardian_id].email,
            }
            if contact is None:
                listed[student_id] += 1
            priority = self.portal.priorities[student.pk] + listed[student_id]
            self.plan.guardians.settle(contact, values, student=student, parent=parent, priority=priority)
            self._settle_link(student, parent, relationship, days.get(student_id, first_of_year))

    def _settle_link(self, student: Student, parent: Parent, relationship: str, starts_on: date) -> None:
        link = self.portal.links.get((student.pk, parent.pk))
        if link and link.ends_on:
            sentence = _("Access to a child that was ended in the portal and stays so")
            self.notes.add(sentence, f"{parent.full_name} → {student.full_name}")
            return
        values = {"relationship": relationship}
        self.plan.links.settle(link, values, student=student, parent=parent, starts_on=starts_on)
