"""The people of the bench school and its classes of 25. Nobody has a password."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from exchange.bench.ground import JOINED_LATER, WITH_ACCOUNT, Ground, Pupil, Room, is_among
from students.models import (
    Enrolment,
    Guardian,
    School,
    SchoolClass,
    Student,
    StudentParentLink,
    Subject,
    TeachingAssignment,
)

SUBJECTS = {
    "ART": "Art",
    "BIO": "Biology",
    "ENG": "English",
    "FRE": "French",
    "GEO": "Geography",
    "HIS": "History",
    "MAT": "Mathematics",
    "PHY": "Physics",
}
SIZE, GRADES = 25, 12
AGE_AT_FIRST, DAYS_OF_YEAR = 6, 365
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GIVEN = ("Ada", "Bruno", "Chidi", "Dilek", "Emre", "Freya", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lotte", "Mara")
FAMILY = ("Abara", "Brandt", "Costa", "Demir", "Eriksen", "Fontaine", "Grund", "Hashemi", "Ivanov", "Jansen", "Kowal")


def make_users(name: str, role: Role, number: int) -> list[User]:
    """The first has the bare name, the others a number behind it, from 2."""
    password = make_password(None)
    names = [name, *(f"{name}{place}" for place in range(2, number + 1))][:number]
    return User.objects.bulk_create(User(username=each, role=role, password=password) for each in names)


def open_rooms(ground: Ground, students: int) -> list[Room]:
    """Classes with their teachers and students; each teacher has a homeroom, and one subject in eight classes."""
    subjects = Subject.objects.bulk_create(Subject(code=code, name=name) for code, name in SUBJECTS.items())
    number = -(-students // SIZE)
    users = make_users("teacher", Role.TEACHER, number)
    teachers = Teacher.objects.bulk_create(
        Teacher(user=user, full_name=person(place)) for place, user in enumerate(users)
    )
    classes = SchoolClass.objects.bulk_create(name_classes(ground, teachers))
    pupils = admit_students(ground, students)
    rooms = [
        Room(
            school_class,
            teachers[place],
            pupils[place * SIZE : (place + 1) * SIZE],
            list(zip(subjects, subject_teachers(teachers, place), strict=True)),
        )
        for place, school_class in enumerate(classes)
    ]
    Enrolment.objects.bulk_create(enrolments(rooms))
    TeachingAssignment.objects.bulk_create(assignments(ground, rooms))
    introduce_families(ground, pupils)
    return rooms


def person(place: int) -> str:
    """A name; many share one, as in a large school."""
    return f"{GIVEN[place % len(GIVEN)]} {FAMILY[place * 7 % len(FAMILY)]}"


def name_classes(ground: Ground, teachers: Sequence[Teacher]) -> Iterator[SchoolClass]:
    """A class a homeroom teacher, spread over the grades: 1A, 1B, … 12Z, 12AA."""
    counted = dict.fromkeys(range(GRADES), 0)
    for place, teacher in enumerate(teachers):
        grade = place * GRADES // len(teachers)
        round_, letter = divmod(counted[grade], len(LETTERS))
        counted[grade] += 1
        yield SchoolClass(
            name=f"{grade + 1}{LETTERS[round_ - 1] if round_ else ''}{LETTERS[letter]}",
            grade_level=str(grade + 1),
            academic_year=ground.year,
            homeroom_teacher=teacher,
        )


def subject_teachers(teachers: Sequence[Teacher], place: int) -> list[Teacher]:
    """Who teaches a class its subjects: the eight teachers of its block of eight classes, a subject each."""
    block = teachers[place // len(SUBJECTS) * len(SUBJECTS) :][: len(SUBJECTS)]
    return [block[number % len(block)] for number in range(len(SUBJECTS))]


def admit_students(ground: Ground, number: int) -> list[Pupil]:
    """All students, class by class; who joins later does so on a school day a third into the year to date."""
    days = ground.plan.days
    pupils = []
    for place, student_id in enumerate(School.allocate_student_ids(number)):
        starts_on = days[len(days) // 3] if is_among(place, JOINED_LATER) else days[0]
        student = Student(
            student_id=student_id,
            uuid=UUID(int=ground.random.getrandbits(128), version=4),
            given_name=GIVEN[place % len(GIVEN)],
            family_name=FAMILY[place * 7 // len(GIVEN) % len(FAMILY)],
            date_of_birth=born_on(ground, place / number),
            enrollment_date=starts_on,
        )
        pupils.append(Pupil(place, student, starts_on))
    Student.objects.bulk_create(pupil.student for pupil in pupils)
    return pupils


def born_on(ground: Ground, part: float) -> date:
    """The birthday of somebody in the grade in which this part of the school, from 0 to 1, sits."""
    age = (AGE_AT_FIRST + int(part * GRADES)) * DAYS_OF_YEAR
    return ground.year.starts_on - timedelta(days=age + ground.random.randrange(DAYS_OF_YEAR))


def enrolments(rooms: Sequence[Room]) -> Iterator[Enrolment]:
    for room in rooms:
        for pupil in room.pupils:
            yield Enrolment(
                student=pupil.student, school_class=room.school_class, starts_on=pupil.starts_on, is_primary=True
            )


def assignments(ground: Ground, rooms: Sequence[Room]) -> Iterator[TeachingAssignment]:
    for room in rooms:
        for subject, teacher in [(None, room.teacher), *room.taught]:
            yield TeachingAssignment(
                teacher=teacher, school_class=room.school_class, subject=subject, starts_on=ground.year.starts_on
            )


def introduce_families(ground: Ground, pupils: Sequence[Pupil]) -> None:
    """A guardian for every student; every fourth one has an account and reads the child's report."""
    linked = [pupil for pupil in pupils if is_among(pupil.number, WITH_ACCOUNT)]
    users = make_users("parent", Role.PARENT, len(linked))
    parents = Parent.objects.bulk_create(
        Parent(user=user, full_name=f"Alex {pupil.student.family_name}")
        for user, pupil in zip(users, linked, strict=True)
    )
    accounts = {pupil.number: parent for pupil, parent in zip(linked, parents, strict=True)}
    Guardian.objects.bulk_create(
        Guardian(
            student=pupil.student,
            name=f"Alex {pupil.student.family_name}",
            relationship="mother",
            phone=f"+00 555 {pupil.number:06d}",
            parent=accounts.get(pupil.number),
        )
        for pupil in pupils
    )
    StudentParentLink.objects.bulk_create(
        StudentParentLink(student=pupil.student, parent=accounts[pupil.number], starts_on=ground.year.starts_on)
        for pupil in linked
    )
