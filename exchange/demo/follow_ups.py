"""What the staff of the demo school did about children at risk: about every other one, some of it due again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.apps import apps

from accounts.models import User
from exchange.demo.ground import Ground
from exchange.demo.history import backdate, insert, stamp
from exchange.demo.people import Pupil
from exchange.demo.stories import Story
from students.calendar import SchoolCalendar
from students.models import SchoolClass

EVERY = 2  # every other child with each of these stories, from the first one on
SCHOOL_IS_OUT = 15
# By story: what was done, what is noted of it, how many school days ago, and after how many days to look again.
Action = tuple[str, str, int, int]
ACTIONS: dict[Story, tuple[Action, ...]] = {
    Story.SEVERE: (
        ("meeting", "The family, the school nurse and we agreed on a plan for the mornings.", 24, 21),
        ("referral", "Told the attendance service; they visit the family next week.", 5, 14),
    ),
    Story.CHRONIC: (("spoke", "They did not know how many days it had become. They call each morning now.", 8, 14),),
    Story.UNRULY: (("meeting", "Agreed on a card that each teacher signs after the lesson.", 3, 14),),
    Story.STRUGGLES: (("spoke", "Comes to the homework club on Tuesdays and Thursdays.", 18, 14),),
    Story.WEAK: (("other", "Asked the subject teacher for exercises at home.", 11, 21),),
}


def note_follow_ups(
    ground: Ground, classes: dict[str, SchoolClass], pupils: list[Pupil], calendar: SchoolCalendar
) -> None:
    """Actions of homeroom teachers about children who are still in their class."""
    there = [pupil for pupil in pupils if pupil.stints[-1][2] is None]
    chosen = [pupil for story in ACTIONS for pupil in [each for each in there if story_of(each) == story][::EVERY]]
    noted = [
        (author, action)
        for pupil in chosen
        for author, action in actions_about(pupil, classes[pupil.stints[-1][0]], calendar)
    ]
    if not noted:  # the school year has just begun
        return
    insert([action for _author, action in noted])
    for key, group in groupby(sorted(noted, key=author_key), key=author_key):
        actions = [action for _author, action in group]
        author = next(author for author, _action in noted if author.pk == key)
        moments = [ground.until_now(ground.at(action.done_on, SCHOOL_IS_OUT)) for action in actions]
        stamp(actions, by=author, moments=moments)
    backdate(follow_up())


def story_of(pupil: Pupil) -> Story | None:
    """Why somebody would talk to the family."""
    return next((story for story in ACTIONS if story in pupil.child.stories), None)


def actions_about(pupil: Pupil, school_class: SchoolClass, calendar: SchoolCalendar) -> Iterator[tuple[User, Any]]:
    """The actions whose day the school year has reached and the child was there on, with who noted them."""
    story, author = story_of(pupil), school_class.homeroom_teacher
    joined: date = pupil.stints[-1][1]
    days = [day for day in calendar.school_days(school_class) if joined <= day]
    if story is None or author is None:
        return
    for kind, note, ago, look_again in ACTIONS[story]:
        if ago < len(days):
            done_on = days[-1 - ago]
            yield (
                author.user,
                follow_up()(
                    student=pupil.student,
                    kind=kind,
                    note=note,
                    done_on=done_on,
                    look_again_on=done_on + timedelta(days=look_again),
                    noted_by=author.user,
                ),
            )


def author_key(noted: tuple[User, Any]) -> int:
    return noted[0].pk


def follow_up() -> Any:
    """The model of the dashboard, which stands beside this app: neither imports the other."""
    return apps.get_model("dashboard", "FollowUp")
