"""What is measured: a page opened or a form saved, each save really changing what is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from accounts.models import User
from assessments.choosing import WHOLE_YEAR
from assessments.models import Assessment, Score
from attendance.api_shapes import MOST_MARKS
from attendance.models import AttendanceRecord, Register, Status
from tests.serving.browser import Answer, Browser, fields_with
from tests.serving.school import BigSchool, session_of
from tests.serving.server import Server

Fields = dict[str, str]
Change = Callable[[Fields], Fields]
OTHER_MARK = {Status.PRESENT.value: Status.EXCUSED.value}
ALL_ANSWERED = {"confirmed": "past absent others"}  # what the portal asks about before it saves such a change
EMPTY, OPENS, SAVES, REPORT, STUDENTS = "empty", "opens", "saves", "report", "students"
DASHBOARD = "dashboard"
MARKS, AT_RISK, OWN_CLASSES = "marks", "at risk", "own classes"  # compared with the empty page alone
BATCH = "/api/attendance/batch/"
ENTERED = 28  # scores that are typed into a new piece of work


@dataclass
class Visit:
    """One line of the table. `kind` says which bare page it is compared with; `change` makes it a save.

    sent: what a program posts instead. over: the visit that it is told as a multiple of.
    """

    name: str
    kind: str
    user: User
    browser: Browser
    path: str
    is_bare: bool = False
    change: Change | None = None
    sent: Any = None
    over: Visit | None = None
    before: Callable[[], object] = bool
    seconds: list[float] = field(default_factory=list)
    size: int = 0
    statements: int = 0

    def go(self) -> Answer:
        """Ask once. Raises RuntimeError where the page is not what it should be or nothing was saved."""
        self.before()
        if self.sent is not None:
            answer, wanted = self.browser.send_json(self.path, self.sent), 201
        elif self.change is None:
            answer, wanted = self.browser.open(self.path), 200
        else:
            fields = self.change(self.shown(self.browser.open(self.path).body))
            answer, wanted = self.browser.send(self.path, fields), 302
        if answer.status != wanted:
            raise RuntimeError(f"{self.name}: {self.path} answers {answer.status} instead of {wanted}\n{answer.body}")
        return answer

    @staticmethod
    def shown(html: str) -> Fields:
        """What stands in the form of a register."""
        return fields_with(html, "row-")


def flip(number: int) -> Change:
    """Changes the marks of so many students: who is present becomes excused, everybody else present."""

    def flipped(fields: Fields) -> Fields:
        statuses = [name for name in fields if name.startswith("status-")][:number]
        changed = {name: OTHER_MARK.get(fields[name], Status.PRESENT.value) for name in statuses}
        minutes = {name.replace("status-", "minutes-"): "" for name in statuses}
        return fields | changed | minutes | ALL_ANSWERED

    return flipped


def mark_all(number: int) -> Change:
    """Types scores for so many students of a piece of work that nobody has graded: 15, 15.5, 16, …"""

    def marked(fields: Fields) -> Fields:
        names = [name for name in fields if name.startswith("score-")][:number]
        return fields | {name: str(15 + place % 9 / 2) for place, name in enumerate(names)}

    return marked


def half_a_point(number: int) -> Change:
    """Changes the scores of so many students: half a point more, the next time half a point less."""

    def changed(fields: Fields) -> Fields:
        graded = [name for name, typed in fields.items() if name.startswith("score-") and typed[:1].isdigit()]
        scores = {name: float(fields[name]) for name in graded[:number]}
        return fields | {name: str(points - 0.5 if points % 1 else points + 0.5) for name, points in scores.items()}

    return changed


def ungrade(work: Assessment) -> None:
    """Makes a piece of work one that nobody has graded yet."""
    rows = Score.objects.filter(assessment=work)
    rows._raw_delete(rows.db)


def register_at(school: BigSchool, day: date) -> str:
    return f"/attendance/{school.classes[0].pk}/{day}/"


def forget(school: BigSchool, day: date) -> None:
    """Makes a register one that nobody has taken yet."""
    of_day = {"school_class": school.classes[0].pk, "date": day}
    for model in (AttendanceRecord, Register):
        rows = model.objects.filter(**of_day)
        rows._raw_delete(rows.db)


def portal_visits(school: BigSchool, server: Server) -> list[Visit]:
    """The portal's pages, in the order of the table."""
    teacher, parent, office = school.teachers[0].user, school.parents[0].user, school.office
    at_desk, at_home, in_office = (
        Browser(server.host, server.port, session_of(user)) for user in (teacher, parent, office)
    )
    today, days_ago = school.today, [school.today - timedelta(days=number) for number in range(5)]
    saves = [
        Visit(
            "register of 30 saves, first time", SAVES, teacher, at_desk, register_at(school, today),
            change=flip(3), before=lambda: forget(school, today),
        ),
        Visit(
            "… saves, 30 marks corrected", SAVES, teacher, at_desk, register_at(school, days_ago[2]), change=flip(30)
        ),
        Visit("… saves, 3 marks corrected", SAVES, teacher, at_desk, register_at(school, days_ago[3]), change=flip(3)),
    ]  # fmt: skip
    return [
        Visit("empty signed-in page", EMPTY, teacher, at_desk, "/bench/empty/"),
        Visit("register of 30 opens", OPENS, teacher, at_desk, register_at(school, days_ago[1])),
        *saves,
        Visit("parent's report", REPORT, parent, at_home, f"/report/{school.rosters[0][0].student_id}/"),
        Visit("student list", STUDENTS, office, in_office, "/students/"),
        *visits_of_marks(school, server),
        *visits_of_programs(school, server),
    ]


def visits_of_marks(school: BigSchool, server: Server) -> list[Visit]:
    """Mark entry and mark book of the class that is measured; statistics of the whole school."""
    teacher, office = school.teachers[0].user, school.office
    at_desk, in_office = (Browser(server.host, server.port, session_of(user)) for user in (teacher, office))
    # Three quizzes out of 20.
    of_class = Assessment.objects.filter(school_class=school.classes[0], assessment_type="quiz").order_by("pk")
    looked_at, corrected, entered = list(of_class[:3])
    book = f"/assessments/?class_id={school.classes[0].pk}&subject={looked_at.subject_id}&term={WHOLE_YEAR}"
    return [
        Visit("mark entry of 30 opens", MARKS, teacher, at_desk, f"/assessments/{looked_at.pk}/scores/"),
        Visit(
            "… saves, 28 scores entered", MARKS, teacher, at_desk, f"/assessments/{entered.pk}/scores/",
            change=mark_all(ENTERED), before=lambda: ungrade(entered),
        ),
        Visit(
            "… saves, 28 scores corrected", MARKS, teacher, at_desk, f"/assessments/{corrected.pk}/scores/",
            change=half_a_point(ENTERED),
        ),
        Visit("mark book of 30 × 20", MARKS, teacher, at_desk, book),
        Visit("statistics of the school", MARKS, office, in_office, "/assessments/statistics/"),
    ]  # fmt: skip


def visits_of_programs(school: BigSchool, server: Server) -> list[Visit]:
    """A list of one mark and one of 500; and as many sent, of days that no other visit looks at, none stored."""
    days = [school.today, *(school.today - timedelta(days=number) for number in range(5, 11))]
    marks = [
        {"student_id": student.student_id, "class_id": school_class.pk, "date": str(day), "status": "present"}
        for day in days
        for school_class, roster in zip(school.classes, school.rosters, strict=True)
        for student in roster
    ][:MOST_MARKS]
    used = {mark["date"] for mark in marks}
    browser = Browser(server.host, server.port, session_of(school.office))
    of_day = f"/api/attendance/?date={school.today - timedelta(days=1)}"
    of_one = f"{of_day}&student_id={school.rosters[0][0].student_id}"
    read = Visit("list of one mark for a program", MARKS, school.office, browser, of_one)
    all_read = Visit(
        f"… of {MOST_MARKS} marks", MARKS, school.office, browser, f"{of_day}&page_size={MOST_MARKS}", over=read
    )
    one = Visit(
        "mark sent by a program", MARKS, school.office, browser, BATCH,
        sent={"records": marks[:1]}, before=lambda: forget_days(used),
    )  # fmt: skip
    many = Visit(
        f"… {MOST_MARKS} marks sent at once", MARKS, school.office, browser, BATCH,
        sent={"records": marks}, before=lambda: forget_days(used), over=one,
    )  # fmt: skip
    return [read, all_read, one, many]


def forget_days(days: set[str]) -> None:
    """Makes the registers of these days ones that nobody has taken yet."""
    for model in (AttendanceRecord, Register):
        rows = model.objects.filter(date__in=days)
        rows._raw_delete(rows.db)


def bare_visits(school: BigSchool, server: Server) -> list[Visit]:
    """The bare pages that they are compared with."""
    teacher, parent, office = school.teachers[0].user, school.parents[0].user, school.office
    at_desk, at_home, in_office = (
        Browser(server.host, server.port, session_of(user)) for user in (teacher, parent, office)
    )
    opens, saves = (register_at(school, school.today - timedelta(days=number)) for number in (1, 4))
    return [
        Visit("bare register of 30 opens", OPENS, teacher, at_desk, opens, is_bare=True),
        Visit("bare register of 30 saves", SAVES, teacher, at_desk, saves, is_bare=True, change=flip(30)),
        Visit("bare report", REPORT, parent, at_home, f"/report/{school.rosters[0][0].student_id}/", is_bare=True),
        Visit("bare student list", STUDENTS, office, in_office, "/students/", is_bare=True),
    ]
