"""One teacher: opens a register, changes a few marks, saves, decides clashes, answers questions, sometimes undoes."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from random import Random
from threading import Event

from attendance.models import Status
from tests.serving.browser import Answer, Browser, fields_with
from tests.soak.log import Saved, WriterLog

NOTE = re.compile(r"w\d+n\d+")
CONFIRM = re.compile(r'name="confirmed" value="([^"]*)"')
UNDO = re.compile(r'name="saved_at" value="([^"]*)"')
THEIRS = r'name="choice-%s" value="theirs">(.*?)</label>'
UNDONE = re.compile(r"Undone: \d+ mark")
OK, REDIRECT = 200, 302
MOST_CHANGED = 4
MOST_ANSWERS = 8  # posts of one form until it is given up
SHARE_OF_MINE, SHARE_OF_UNDOS = 0.5, 0.15
LONGEST_LOOK = 0.3  # seconds that a page lies open


@dataclass
class Writer:
    """`places` are the registers of this teacher: the key of the class and the address."""

    number: int
    user: int
    browser: Browser
    places: Sequence[tuple[int, str]]
    random: Random
    log: WriterLog = field(init=False)
    saves: int = 0

    def __post_init__(self) -> None:
        self.log = WriterLog(self.user)

    def write_until(self, stop: Event) -> WriterLog:
        """Save registers until told to stop; a broken connection is noted as trouble."""
        while not stop.is_set():
            try:
                self.take(*self.random.choice(self.places))
            except OSError as trouble:
                self.log.troubles.append(f"{type(trouble).__name__}: {trouble}")
        return self.log

    def take(self, school_class: int, place: str) -> None:
        """Open one register, change marks, save; after a clean save sometimes undo it."""
        page = self.expect(self.browser.open(place), OK)
        fields = fields_with(page.body, "row-")
        time.sleep(self.random.uniform(0, LONGEST_LOOK))
        pending = self.change(school_class, fields)
        answer = self.post(place, fields)
        for _attempt in range(MOST_ANSWERS):
            match answer.status:
                case 302:
                    self.log.saved.extend(pending.values())
                    if self.random.random() < SHARE_OF_UNDOS:
                        self.undo(school_class, place)
                    return
                case 422 if confirm := CONFIRM.search(answer.body):
                    answer = self.post(place, fields | {"confirmed": unescape(confirm[1])})
                case 409:
                    fields, pending = self.decide(answer.body, pending)
                    answer = self.post(place, fields)
                case _:
                    self.log.troubles.append(f"a save is answered {answer.status}: {answer.body[:2000]}")
                    return
        self.log.answers["given up"] += 1

    def change(self, school_class: int, fields: dict[str, str]) -> dict[str, Saved]:
        """Type new marks into a form: for a few students, and for everybody who has none yet.

        Each has a note of its own, so that no two saves ever store the same.
        """
        self.saves += 1
        ids = [name.removeprefix("row-") for name in fields if name.startswith("row-")]
        few = self.random.sample(ids, self.random.randint(1, MOST_CHANGED))
        chosen = [each for each in ids if each in few or not fields[f"row-{each}"]]
        pending = {}
        for each in chosen:
            status, note = self.random.choice(Status.values), f"w{self.number}n{self.saves}"
            # Without a stored mark nothing was seen, whatever the form suggests.
            seen = NOTE.search(fields[f"note-{each}"]) if fields[f"row-{each}"] else None
            pending[each] = Saved(self.user, school_class, each, note, status, seen[0] if seen else "")
            late = status == Status.LATE and self.random.random() < SHARE_OF_MINE
            fields |= {f"status-{each}": status, f"note-{each}": note, f"minutes-{each}": "7" if late else ""}
            fields.pop(f"left-{each}", None)
        return pending

    def decide(self, html: str, pending: dict[str, Saved]) -> tuple[dict[str, str], dict[str, Saved]]:
        """Choose in each clash; the lines that did not clash are saved."""
        fields = fields_with(html, "clash-")
        ids = [name.removeprefix("clash-") for name in fields if name.startswith("clash-")]
        self.log.saved.extend(saved for each, saved in pending.items() if each not in ids)
        self.log.answers["lines in clashes"] += len(ids)
        still = {}
        for each in ids:
            if self.random.random() < SHARE_OF_MINE:
                shown = re.search(THEIRS % each, html, re.DOTALL)
                seen = NOTE.search(shown[1]) if shown else None
                mine = pending[each]
                still[each] = Saved(mine.user, mine.school_class, each, mine.note, mine.status, seen[0] if seen else "")
                fields[f"choice-{each}"] = "mine"
            else:
                fields[f"choice-{each}"] = "theirs"
        return fields, still

    def undo(self, school_class: int, place: str) -> None:
        """Take the save back where the page offers it; whether it did is what the page that follows says."""
        offered = UNDO.search(self.expect(self.browser.open(place), OK).body)
        if offered is None:
            return
        time.sleep(self.random.uniform(0, LONGEST_LOOK))
        self.expect(self.browser.send(f"{place}undo/", {"saved_at": unescape(offered[1])}), REDIRECT)
        if UNDONE.search(self.expect(self.browser.open(place), OK).body):
            self.log.undone[school_class] += 1
        else:
            self.log.answers["undo refused"] += 1

    def post(self, place: str, fields: dict[str, str]) -> Answer:
        """Send a form, and count what came back."""
        answer = self.browser.send(place, fields)
        self.log.seconds.append(answer.seconds)
        self.log.answers[str(answer.status)] += 1
        return answer

    def expect(self, answer: Answer, status: int) -> Answer:
        """Note as trouble any other status than this one."""
        if answer.status != status:
            self.log.troubles.append(f"answered {answer.status} instead of {status}: {answer.body[:2000]}")
        return answer
