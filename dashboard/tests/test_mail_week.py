"""The weekly mail: from 15:00 on the last school day, a mail for each child, in words and without any mark."""

from datetime import date, time, timedelta

import pytest
from django.core import mail

from attendance.models import AttendanceRecord, Status
from dashboard.due_mails import week_to_tell
from dashboard.models import FamilyMail
from dashboard.tests.mails import FRIDAY, at, choose, publish, run, sent, take
from students.models import School, StudentParentLink
from tests.cast import MONDAY

ONE_DAY = timedelta(days=1)
MARIAM = "mariam@school.example"
TUESDAY = MONDAY + ONE_DAY


@pytest.fixture(autouse=True)
def wanted(cast, frozen, settings):
    """Mariam chose the weekly mail and nothing else; it is Friday, 15:00."""
    settings.PORTAL_URL = "https://portal.school.example"
    StudentParentLink.objects.filter(parent=cast.mariam).update(relationship="mother")
    choose(cast.mariam, weekly_digest=True)
    frozen.move_to(at(FRIDAY, 15))


@pytest.fixture
def week(cast, frozen):
    """Amina missed two days, one of them excused, and came late once; two marks of hers were published."""
    statuses = [Status.ABSENT, Status.EXCUSED, Status.LATE, Status.PRESENT, Status.PRESENT]
    for number, status in enumerate(statuses):
        take(cast.class_7a, MONDAY + number * ONE_DAY)
        AttendanceRecord.objects.filter(student=cast.amina, date=MONDAY + number * ONE_DAY).update(status=status)
    for score in (13, 17):
        publish(cast.amina, cast.class_7a, at(TUESDAY, 10), score=score)


def lines() -> list[str]:
    """What the only mail says of the week."""
    [message] = mail.outbox
    paragraphs = message.body.split("\n\n")
    return paragraphs[2].split("\n")


def test_it_tells_the_week_in_words(cast, week):
    assert run() == "1 sent, 0 refused by the mail server."
    [message] = mail.outbox
    assert (message.to, message.subject) == ([MARIAM], "The week of Amina at SPTrack")
    assert message.body == (
        "Hello Mariam Diallo,\n"
        "\n"
        "You get this mail about Amina Diallo, to whom SPTrack has you noted as: mother.\n"
        "\n"
        "2 days missed in the week up to Fri 20 Mar.\n"
        "2 new marks on the report.\n"
        "\n"
        f"The report: https://portal.school.example/report/{cast.amina.student_id}/\n"
        "\n"
        "You chose this mail in your profile. To get no more of them, or to set quiet hours: "
        "https://portal.school.example/profile/\n"
        "\n"
        "SPTrack\n"
    )


def test_it_holds_what_the_link_allows_and_nothing_else(cast, week):
    StudentParentLink.objects.filter(parent=cast.mariam).update(may_see_attendance=False)
    run()
    assert lines() == ["2 new marks on the report."]
    FamilyMail.objects.all().delete()
    mail.outbox.clear()
    StudentParentLink.objects.filter(parent=cast.mariam).update(may_see_attendance=True, may_see_assessments=False)
    run()
    assert lines() == ["2 days missed in the week up to Fri 20 Mar."]


def test_where_the_link_allows_neither_nothing_is_sent(cast, week):
    StudentParentLink.objects.filter(parent=cast.mariam).update(may_see_attendance=False, may_see_assessments=False)
    run()
    assert sent() == []


def test_a_good_week_is_told_too(cast):
    take(cast.class_7a, MONDAY)
    run()
    assert lines() == ["No day missed in the week up to Fri 20 Mar.", "No new marks on the report."]


def test_a_week_with_nothing_to_tell_sends_nothing(cast, frozen):
    frozen.move_to(at(MONDAY - 7 * ONE_DAY, 10))
    take(cast.class_7a, MONDAY - 7 * ONE_DAY, absent=[cast.amina])
    publish(cast.amina, cast.class_7a, at(MONDAY - 7 * ONE_DAY, 10))
    frozen.move_to(at(FRIDAY, 15))
    run()
    assert sent() == []


def test_no_mark_stands_in_it(cast, week):
    run()
    [message] = mail.outbox
    for mark in ("13", "17", "15.0", "75", "%", "Quiz", "grade", "average"):
        assert mark not in message.body + message.subject


@pytest.mark.parametrize(
    ("published", "told"),
    [
        (at(FRIDAY - 7 * ONE_DAY, 15), "No new marks on the report."),
        (at(FRIDAY - 7 * ONE_DAY, 15, 1), "1 new mark on the report."),
        (at(FRIDAY, 15), "1 new mark on the report."),
        (at(FRIDAY, 15, 1), "No new marks on the report."),
    ],
)
def test_marks_are_counted_from_one_weekly_mail_to_the_next(published, told, cast, frozen):
    frozen.move_to(at(date(2026, 3, 2), 9))
    publish(cast.amina, cast.class_7a, published)
    frozen.move_to(at(FRIDAY, 16))
    take(cast.class_7a, MONDAY)
    run()
    assert lines()[1] == told


@pytest.mark.parametrize(
    ("noted", "told"),
    [(at(FRIDAY, 15), "1 new mark on the report."), (at(FRIDAY, 15, 1), "No new marks on the report.")],
)
def test_a_mark_noted_in_work_that_was_published_before_is_new_in_its_week(noted, told, cast, frozen):
    take(cast.class_7a, MONDAY)
    frozen.move_to(noted)
    publish(cast.amina, cast.class_7a, at(MONDAY - 14 * ONE_DAY, 10))
    frozen.move_to(at(FRIDAY, 16))
    run()
    assert lines()[-1] == told


def test_an_unpublished_mark_is_not_told(cast):
    take(cast.class_7a, MONDAY)
    score = publish(cast.amina, cast.class_7a, at(TUESDAY, 10))
    type(score.assessment).objects.update(published_at=None)
    run()
    assert lines()[1] == "No new marks on the report."


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        (at(FRIDAY - ONE_DAY, 15), False),
        (at(FRIDAY, 14, 59), False),
        (at(FRIDAY, 15), True),
        (at(FRIDAY + 2 * ONE_DAY, 23, 59), True),
        (at(FRIDAY + 3 * ONE_DAY, 0), False),
    ],
)
def test_it_goes_from_friday_at_three_until_sunday_night(moment, goes, cast, week, frozen):
    frozen.move_to(moment)
    run()
    assert sent() == ([MARIAM] if goes else [])


def test_it_goes_once_a_week(cast, week, frozen):
    for moment in (at(FRIDAY, 15), at(FRIDAY, 15, 15), at(FRIDAY + ONE_DAY, 9)):
        frozen.move_to(moment)
        run()
    assert sent() == [MARIAM]
    take(cast.class_7a, MONDAY + 7 * ONE_DAY)
    frozen.move_to(at(FRIDAY + 7 * ONE_DAY, 15))
    run()
    assert sent() == [MARIAM, MARIAM]


def test_quiet_hours_hold_it_back_until_they_end(cast, week, frozen):
    choose(cast.mariam, weekly_digest=True, quiet_from=time(14), quiet_until=time(7))
    for moment in (at(FRIDAY, 15), at(FRIDAY + ONE_DAY, 6, 59)):
        frozen.move_to(moment)
        run()
        assert sent() == []
    frozen.move_to(at(FRIDAY + ONE_DAY, 7))
    run()
    assert lines() == ["2 days missed in the week up to Fri 20 Mar.", "2 new marks on the report."]


@pytest.mark.parametrize(
    ("weekdays", "last"),
    [("12345", 20), ("1234", 19), ("12347", 19), ("123456", 21), ("1234567", 22), ("135", 20)],
)
def test_a_week_ends_before_its_longest_gap(weekdays, last, cast):
    """From Monday 16 March 2026 on: the day on which the first weekly mail is due, at 15:00."""
    moments = (at(MONDAY + number * ONE_DAY, 15) for number in range(7))
    weeks = [week for moment in moments if (week := week_to_tell(weekdays, moment)) and week.last >= MONDAY]
    assert (weeks[0].last.day, weeks[0].first) == (last, weeks[0].last - 6 * ONE_DAY)


def test_three_in_the_afternoon_is_by_the_schools_clock(cast, week, frozen):
    School.objects.update(time_zone="Europe/Lisbon")
    frozen.move_to(at(date(2026, 4, 3), 13, 59))  # summer time has begun: 14:59 in Lisbon
    take(cast.class_7a, date(2026, 3, 30))
    run()
    assert sent() == []
    frozen.move_to(at(date(2026, 4, 3), 14))
    run()
    assert sent() == [MARIAM]
