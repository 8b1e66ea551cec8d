"""Makes the staff, the classes, the children and the people around them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from exchange.demo import DEMO_EMAIL_DOMAIN, DEMO_PASSWORD
from exchange.demo.families import CONTACTS, STREETS, Carer, Child, Family, read_families
from exchange.demo.ground import Ground
from exchange.demo.history import store
from exchange.demo.staff import DEALING_ORDER, GRADES, OTHER_CLASS, STAFF, SUBJECTS
from exchange.demo.stories import Story
from students.models import (
    AcademicYear,
    Closure,
    EmergencyContact,
    Enrolment,
    Guardian,
    SchoolClass,
    Student,
    StudentParentLink,
    Subject,
    TeachingAssignment,
    Term,
)

PARENTS = 120
EVERY_FIFTH = 5  # family has no portal account
SHARE_WITH_CONTACT = 0.85
FIRST_GRADE = 7
AGE_IN_FIRST_GRADE = 12
DAYS_OF_YEAR = 365
ONE_YEAR = timedelta(weeks=52)
WEEK = timedelta(weeks=1)


@dataclass
class Household:
    """A family with what its members share: phones, an address, accounts."""

    family: Family
    phones: list[str]
    address: str
    accounts: dict[int, Parent] = field(default_factory=dict)


@dataclass(frozen=True)
class Pupil:
    """A child as enrolled. `stints` are the classes with first day and first day after (None: still there)."""

    student: Student
    child: Child
    household: Household
    stints: list[tuple[str, date, date | None]]


def opened_at(ground: Ground) -> datetime:
    """When the office entered everybody: the week before the year began."""
    return ground.at(ground.plan.starts_on - WEEK, 9)


def make_user(username: str, role: Role, password: str) -> User:
    return User(username=username, email=f"{username}@{DEMO_EMAIL_DOMAIN}", role=role, password=password)


def enter_users(ground: Ground, users: list[User]) -> None:
    for user in users:
        user.date_joined = opened_at(ground)
    store(users, by=ground.admin, at=opened_at(ground))


def numbered(name: str, number: int) -> str:
    """teacher, teacher2, teacher3."""
    return name if number == 1 else f"{name}{number}"


def phone_numbers() -> Iterator[str]:
    """Numbers that the British regulator keeps for fiction: none rings anywhere."""
    return (f"+44 7700 900{number:03d}" for number in itertools.count(1))


def lay_calendar(ground: Ground) -> AcademicYear:
    """The school year with its terms, and the closures."""
    plan, at = ground.plan, opened_at(ground)
    year = AcademicYear(name=plan.name, starts_on=plan.starts_on, ends_on=plan.ends_on)
    store([year], by=ground.admin, at=at)
    terms = [Term(academic_year=year, name=name, starts_on=start, ends_on=end) for name, start, end in plan.terms]
    closures = [Closure(name=name, starts_on=start, ends_on=end) for name, start, end in plan.closures]
    store(terms, by=ground.admin, at=at)
    store(closures, by=ground.admin, at=at)
    return year


def hire_staff(ground: Ground, password: str, phones: Iterator[str]) -> list[Teacher]:
    """The teachers in the order of their logins."""
    at = opened_at(ground)
    users = [make_user(numbered("teacher", number), Role.TEACHER, password) for number in range(1, len(STAFF) + 1)]
    enter_users(ground, users)
    teachers = [
        Teacher(user=user, full_name=member.name, phone=next(phones)) for user, member in zip(users, STAFF, strict=True)
    ]
    store(teachers, by=ground.admin, at=at)
    return teachers


def open_classes(ground: Ground, year: AcademicYear, teachers: list[Teacher]) -> dict[str, SchoolClass]:
    """The classes by name, with homeroom teachers, subjects and who teaches them."""
    at = opened_at(ground)
    led_by = {member.homeroom: teacher for member, teacher in zip(STAFF, teachers, strict=True)}
    classes = {
        name: SchoolClass(name=name, grade_level=grade, academic_year=year, homeroom_teacher=led_by[name])
        for name, grade in GRADES.items()
    }
    store(list(classes.values()), by=ground.admin, at=at)
    subjects = {code: Subject(code=code, name=name) for code, name in SUBJECTS.items()}
    store(list(subjects.values()), by=ground.admin, at=at)
    taught: list[tuple[Teacher, str, Subject | None]] = [(led_by[name], name, None) for name in GRADES]
    for member, teacher in zip(STAFF, teachers, strict=True):
        taught += [(teacher, name, subjects[code]) for code, names in member.teaches.items() for name in names]
    assignments = [
        TeachingAssignment(teacher=teacher, school_class=classes[name], subject=subject, starts_on=year.starts_on)
        for teacher, name, subject in taught
    ]
    store(assignments, by=ground.admin, at=at)
    return classes


def settle_families(ground: Ground, password: str, phones: Iterator[str]) -> list[Household]:
    """The households with the portal accounts of the parents, `parent` being the first guardian of the first."""
    households = [
        Household(
            family,
            phones=[next(phones) for _carer in family.carers],
            address=f"{ground.random.randint(1, 120)} {ground.random.choice(STREETS)}",
        )
        for family in read_families()
    ]
    holders = choose_account_holders(households)
    users = [make_user(numbered("parent", number), Role.PARENT, password) for number in range(1, len(holders) + 1)]
    enter_users(ground, users)
    parents = []
    for user, (household, place) in zip(users, holders, strict=True):
        carer, phone = household.family.carers[place], household.phones[place]
        parent = Parent(user=user, full_name=carer.name, phone=phone, address=household.address)
        household.accounts[place] = parent
        parents.append(parent)
    store(parents, by=ground.admin, at=opened_at(ground))
    return households


def choose_account_holders(households: list[Household]) -> list[tuple[Household, int]]:
    """Who has an account: the first guardian of four families in five, then second guardians up to the number."""
    with_account = [household for number, household in enumerate(households, start=1) if number % EVERY_FIFTH]
    first = [(household, 0) for household in with_account]
    second = [(household, 1) for household in with_account if len(household.family.carers) > 1]
    return (first + second)[:PARENTS]


def admit_students(
    ground: Ground, classes: dict[str, SchoolClass], households: list[Household], days: list[date]
) -> list[Pupil]:
    """The children in the order of their student ids, enrolled. `days` are the school days to date."""
    at = opened_at(ground)
    children = [(household, child) for household in households for child in household.family.children]
    student_ids = ground.school.allocate_student_ids(len(children))
    pupils = [
        admit(ground, household, child, student_id, class_name, days)
        for (household, child), student_id, class_name in zip(
            children, student_ids, itertools.cycle(DEALING_ORDER), strict=False
        )
    ]
    store([pupil.student for pupil in pupils], by=ground.admin, at=at)
    enrolments = [
        Enrolment(
            student=pupil.student, school_class=classes[name], starts_on=starts_on, ends_on=ends_on, is_primary=True
        )
        for pupil in pupils
        for name, starts_on, ends_on in pupil.stints
    ]
    store(enrolments, by=ground.admin, at=at)
    return pupils


def admit(
    ground: Ground, household: Household, child: Child, student_id: str, class_name: str, days: list[date]
) -> Pupil:
    """One child with the classes that its story gives it; not stored yet."""
    first = ground.plan.starts_on
    years_before = int(GRADES[class_name]) - FIRST_GRADE
    age = (AGE_IN_FIRST_GRADE + years_before) * DAYS_OF_YEAR + ground.random.randrange(DAYS_OF_YEAR)
    student = Student(
        student_id=student_id,
        uuid=UUID(int=ground.random.getrandbits(128), version=4),
        given_name=child.given_name,
        family_name=household.family.name,
        gender=child.gender,
        date_of_birth=first - timedelta(days=age),
        enrollment_date=first - years_before * ONE_YEAR,
    )
    stints: list[tuple[str, date, date | None]] = [(class_name, first, None)]
    if Story.JOINED in child.stories:
        student.enrollment_date = days[len(days) * 3 // 10]
        stints = [(class_name, student.enrollment_date, None)]
    if Story.LEFT in child.stories:
        student.left_on = days[len(days) * 7 // 10] + timedelta(days=1)
        stints = [(class_name, first, student.left_on)]
    if Story.MOVED in child.stories:
        moved_on = days[len(days) // 2]
        stints = [(class_name, first, moved_on), (OTHER_CLASS[class_name], moved_on, None)]
    return Pupil(student, child, household, stints)


def introduce_guardians(ground: Ground, pupils: list[Pupil], phones: Iterator[str]) -> None:
    """Guardians, the open links of those with an account, and for most children somebody else to call."""
    at = opened_at(ground)
    guardians = [
        make_guardian(pupil, place, carer)
        for pupil in pupils
        for place, carer in enumerate(pupil.household.family.carers)
    ]
    store(guardians, by=ground.admin, at=at)
    links = [
        StudentParentLink(
            student=guardian.student,
            parent=guardian.parent,
            relationship=guardian.relationship,
            starts_on=guardian.student.enrollment_date or ground.plan.starts_on,
        )
        for guardian in guardians
        if guardian.parent
    ]
    store(links, by=ground.admin, at=at)
    contacts = []
    for _household, members in itertools.groupby(pupils, key=lambda pupil: id(pupil.household)):
        relationship, name = ground.random.choice(CONTACTS)
        phone = next(phones)
        if ground.random.random() < SHARE_WITH_CONTACT:
            contacts += [
                EmergencyContact(student=pupil.student, name=name, relationship=relationship, phone=phone)
                for pupil in members
            ]
    store(contacts, by=ground.admin, at=at)


def make_guardian(pupil: Pupil, place: int, carer: Carer) -> Guardian:
    account = pupil.household.accounts.get(place)
    return Guardian(
        student=pupil.student,
        parent=account,
        name=carer.name,
        relationship=carer.relationship,
        phone=pupil.household.phones[place],
        email=account.user.email if account else "",
        address=pupil.household.address,
        priority=place + 1,
    )


def hash_once() -> str:
    """One hash for all accounts: each costs 20 ms, and there are 130."""
    return make_password(DEMO_PASSWORD)
