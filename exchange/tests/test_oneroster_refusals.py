"""Bundles whose files, rows or cells break one rule each. Each case names the rule that it attacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.models import Teacher, User
from accounts.roles import Role
from exchange.tests.bundles import oak_school
from exchange.tests.refusing import Cases, assert_refused, both, change, refusal, said, set_mode, set_raw

pytestmark = pytest.mark.django_db

LONG = "x" * 256

# rule: (what breaks it, the lines that say so)
BROKEN: Cases = {
    # the manifest
    "version known": (
        lambda bundle: setattr(bundle, "version", "2.0"),
        [said("manifest.csv, row 3, value", "“2.0”", "oneroster.version to be 1.1 or 1.2")],
    ),
    "manifest version known": (
        lambda bundle: setattr(bundle, "manifest_version", "3"),
        [said("manifest.csv, row 2, value", "“3”", "manifest.version to be 1.0")],
    ),
    "version named": (
        lambda bundle: bundle.raw.update({"manifest.csv": b"propertyName,value\nmanifest.version,1.0\n"}),
        [said("manifest.csv", "no property oneroster.version", "oneroster.version to be 1.1 or 1.2")],
    ),
    "manifest property once": (
        lambda bundle: bundle.raw.update(
            {
                "manifest.csv": b"propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\n"
                b"file.users,bulk\nfile.users,absent\n"
            }
        ),
        [said("manifest.csv, row 5, propertyName", "“file.users”", "each property once")],
    ),
    "manifest names each file": (
        set_mode(courses=""),
        [said("manifest.csv", "no property file.courses", "bulk or absent")],
    ),
    "mode known": (
        set_mode(courses="full"),
        [said("manifest.csv, row 6, value", "“full”", "absent or bulk or delta")],
    ),
    "no delta": (
        set_mode(users="delta"),
        [
            said("manifest.csv, row 8, value", "“delta”", "bulk: lists of changes (delta) cannot be imported yet"),
        ],
    ),
    "roster file not absent": (
        set_mode(classes="absent"),
        [said("manifest.csv, row 7, value", "“absent”", "bulk: a roster needs classes.csv")],
    ),
    "absent file not in the zip": (
        set_mode(demographics="absent"),
        [said("manifest.csv, row 10, value", "“absent”", "bulk, since the zip holds demographics.csv")],
    ),
    "bulk file in the zip": (
        lambda bundle: (bundle.tables.pop("orgs"), bundle.modes.update(orgs="bulk")),
        [said("manifest.csv, row 16, value", "“bulk”", "a file orgs.csv in the zip")],
    ),
    # encoding and CSV
    "UTF-8": (
        lambda bundle: bundle.raw.update(
            {"courses.csv": bundle.text("courses").replace("Home", "Hôme").encode("latin-1")}
        ),
        [said("courses.csv, row 2", "the byte 0xF4", "text in UTF-8")],
    ),
    "not UTF-16": (
        lambda bundle: bundle.raw.update({"courses.csv": bundle.text("courses").encode("utf-16")}),
        [said("courses.csv", "text in UTF-16", "text in UTF-8")],
    ),
    "quotes end": (
        set_raw("orgs", lambda text: text.replace("Oak School", '"Oak School')),
        [
            said(
                "orgs.csv, row 3",
                "unexpected end of data",
                "cells as RFC 4180 has them: a quoted cell ends with a quote, then comes a comma or a new line",
            )
        ],
    ),
    "no ragged row": (
        set_raw("orgs", lambda text: text.replace("Oak School,school", "Oak, School,school")),
        [said("orgs.csv, row 3", "5 values", "4, as in the header")],
    ),
    "no short row": (
        set_raw("users", lambda text: text.replace(",rita,S1,student", ",rita")),
        [said("users.csv, row 2", "9 values", "11, as in the header")],
    ),
    "no missing header": (
        lambda bundle: bundle.without_column("users", "enabledUser"),
        [said("users.csv, row 1", "no column enabledUser", "a header with enabledUser")],
    ),
    "no header twice": (
        set_raw(
            "users", lambda text: text.replace("givenName", "familyName", 1).replace("enabledUser", "givenName", 1)
        ),
        [
            said("users.csv, row 1", "the column “familyName” 2 times", "each column once"),
            said("users.csv, row 1", "no column enabledUser", "a header with enabledUser"),
        ],
    ),
    "no file without rows": (
        set_raw("demographics", lambda text: text.splitlines()[0]),
        [said("demographics.csv", "no rows", "at least one: a file without rows is left out and called absent")],
    ),
    # cells
    "required value": (
        change("users", "bo", givenName="  "),
        [said("users.csv, row 3, givenName", "nothing", "a value")],
    ),
    "required id": (
        both(change("enrollments", "E5", sourcedId=""), change("enrollments", "E6", sourcedId="")),
        [
            said("enrollments.csv, row 6, sourcedId", "nothing", "a value"),
            said("enrollments.csv, row 7, sourcedId", "nothing", "a value"),
        ],
    ),
    "tobedeleted only in delta": (
        change("courses", "CRS-M", status="tobedeleted"),
        [said("courses.csv, row 3, status", "“tobedeleted”", "active or nothing")],
    ),
    "sourcedId once": (
        lambda bundle: bundle.add("courses", "CRS-M", title="Again", courseCode="X"),
        [said("courses.csv, row 4, sourcedId", "“CRS-M”", "an id that no other row has; row 3 has it")],
    ),
    "date written YYYY-MM-DD": (
        change("academicSessions", "T1", startDate="20240826"),
        [said("academicSessions.csv, row 3, startDate", "“20240826”", "a date as YYYY-MM-DD, from 1900 to 2100")],
    ),
    "date in plain digits": (
        change("demographics", "bo", birthDate="２０１０-11-30"),
        [said("demographics.csv, row 3, birthDate", "“２０１０-11-30”", "a date as YYYY-MM-DD, from 1900 to 2100")],
    ),
    "date in the calendar": (
        change("demographics", "bo", birthDate="2011-02-29"),
        [said("demographics.csv, row 3, birthDate", "“2011-02-29”", "a date as YYYY-MM-DD, from 1900 to 2100")],
    ),
    "date of our times": (
        change("enrollments", "E1", endDate="9999-12-31"),
        [said("enrollments.csv, row 2, endDate", "“9999-12-31”", "a date as YYYY-MM-DD, from 1900 to 2100")],
    ),
    "Boolean true or false": (
        change("users", "tom", enabledUser="TRUE"),
        [said("users.csv, row 4, enabledUser", "“TRUE”", "true or false")],
    ),
    "schoolYear a year": (
        change("academicSessions", "Y25", schoolYear="24/25"),
        [said("academicSessions.csv, row 2, schoolYear", "“24/25”", "a year as YYYY, from 1900 to 2100")],
    ),
    "word of the list": (
        change("classes", "C-H", classType="Homeroom"),
        [said("classes.csv, row 3, classType", "“Homeroom”", "one of homeroom, scheduled")],
    ),
    "no word of one's own in 1.1": (
        change("users", "pat", role="ext:nurse"),
        [
            said(
                "users.csv, row 8, role",
                "“ext:nurse”",
                "one of administrator, aide, guardian, parent, proctor, relative, student, teacher",
            )
        ],
    ),
    "1.1 knows two sexes": (
        change("demographics", "bo", sex="unspecified"),
        [said("demographics.csv, row 3, sex", "“unspecified”", "one of male, female")],
    ),
    "no control characters": (
        change("users", "ana", familyName="Sil\x00va"),
        [said("users.csv, row 2, familyName", "“Sil\\x00va”", "text without control characters or line breaks")],
    ),
    "no line break in a cell": (
        change("orgs", "S1", name="Oak\r\nSchool"),
        [said("orgs.csv, row 3, name", "“Oak\\r\\nSchool”", "text without control characters or line breaks")],
    ),
    "room of a column": (
        change("users", "bo", familyName="x" * 101),
        [said("users.csv, row 3, familyName", f"“{'x' * 60}…”", "at most 100 characters, not 101")],
    ),
    "room of an id": (
        change("orgs", "D1", sourcedId=LONG),
        [
            said("orgs.csv, row 2, sourcedId", f"“{'x' * 60}…”", "at most 255 characters, not 256"),
            said("orgs.csv, row 3, parentSourcedId", "“D1”", "ids of rows of orgs.csv; D1 is not there"),
        ],
    ),
    "room of a grade": (
        change("classes", "C-H", grades="the ninth grade mornings only"),
        [said("classes.csv, row 3, grades", "“the ninth grade mornings only”", "grades of at most 20 characters")],
    ),
    "room of a name put together": (
        change("users", "tom", givenName="x" * 100, familyName="y" * 100),
        [said("users.csv, row 4, familyName", f"“{'y' * 60}…”", "at most 200 characters together with givenName")],
    ),
    "room of a phone": (
        change("users", "rita", phone="5" * 41),
        [said("users.csv, row 5, phone", f"“{'5' * 41}”", "at most 40 characters")],
    ),
    "e-mail syntax": (
        change("users", "rita", email="rita at home"),
        [said("users.csv, row 5, email", "“rita at home”", "an e-mail address or nothing")],
    ),
    "username syntax": (
        change("users", "rita", username="rita silva"),
        [said("users.csv, row 5, username", "“rita silva”", "at most 150 letters, digits and signs out of @ . + - _")],
    ),
    "username once, capitals aside": (
        change("users", "rita", username="Tom.Reed"),
        [said("users.csv, row 5, username", "“Tom.Reed”", "a username of its own, capitals aside; row 4 has this one")],
    ),
    # references
    "course there": (
        change("classes", "C-M", courseSourcedId="CRS-X"),
        [said("classes.csv, row 2, courseSourcedId", "“CRS-X”", "ids of rows of courses.csv; CRS-X is not there")],
    ),
    "org there": (
        change("users", "ana", orgSourcedIds="S1,S9"),
        [said("users.csv, row 2, orgSourcedIds", "“S1,S9”", "ids of rows of orgs.csv; S9 is not there")],
    ),
    "each term there": (
        change("classes", "C-H", termSourcedIds="T1,T9,T2"),
        [
            said(
                "classes.csv, row 3, termSourcedIds",
                "“T1,T9,T2”",
                "ids of rows of academicSessions.csv; T9 is not there",
            )
        ],
    ),
    "a list names something": (
        change("classes", "C-H", termSourcedIds=","),
        [said("classes.csv, row 3, termSourcedIds", "“,”", "ids of rows of academicSessions.csv; one is not there")],
    ),
    "class there": (
        change("enrollments", "E3", classSourcedId="C-X"),
        [said("enrollments.csv, row 4, classSourcedId", "“C-X”", "ids of rows of classes.csv; C-X is not there")],
    ),
    "guardian there": (
        change("users", "ana", agentSourcedIds="ritta"),
        [said("users.csv, row 2, agentSourcedIds", "“ritta”", "ids of rows of users.csv; ritta is not there")],
    ),
    "demographics of somebody": (
        change("demographics", "bo", sourcedId="bob"),
        [said("demographics.csv, row 3, sourcedId", "“bob”", "ids of rows of users.csv; bob is not there")],
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_bundle_that_breaks_a_rule_is_refused(rule: str, tmp_path: Path) -> None:
    assert_refused(oak_school(), *BROKEN[rule], tmp_path)


def test_all_problems_are_told_at_once_in_the_order_of_files_and_rows(tmp_path: Path) -> None:
    bundle = oak_school().change("users", "rita", email="@").change("users", "ana", agentSourcedIds="x", givenName="")
    bundle.change("orgs", "D1", type="trust").change("enrollments", "E3", userSourcedId="tom")
    Teacher.objects.create(user=User.objects.create_user("li.chen", role=Role.TEACHER), full_name="Lin Chen")
    lines = refusal(bundle.pack(tmp_path))
    assert [line.split(":")[0] for line in lines] == [
        "orgs.csv, row 2, type",
        "users.csv, row 2, givenName",
        "users.csv, row 2, agentSourcedIds",
        "users.csv, row 5, email",
        "users.csv, row 6, username",
        "enrollments.csv, row 4, userSourcedId",
    ]


def test_of_very_many_problems_the_first_hundred_are_told(tmp_path: Path) -> None:
    bundle = oak_school()
    for number in range(120):
        bundle.add("users", "bo", sourcedId=f"bo-{number}", enabledUser="yes")
    lines = refusal(bundle.pack(tmp_path))
    assert (len(lines), lines[-1]) == (101, "… and 20 more")


def test_a_dry_run_refuses_the_same(tmp_path: Path) -> None:
    path = oak_school().change("users", "rita", email="@").pack(tmp_path)
    assert refusal(path, "--dry-run") == refusal(path)
