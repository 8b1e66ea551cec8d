"""Bundles whose rows contradict one another, one rule each, and what only version 1.2 can break."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.tests.bundles import Bundle, oak_school
from exchange.tests.refusing import Cases, assert_refused, both, change, said, set_mode

pytestmark = pytest.mark.django_db


def another_school(bundle: Bundle) -> None:
    bundle.add("orgs", "S1", sourcedId="S2", name="Elm School").change("classes", "C-H", schoolSourcedId="S2")


# rule: (what breaks it, the lines that say so)
CONTRADICTING: Cases = {
    # the calendar
    "session begins before it ends": (
        change("academicSessions", "G1", endDate="2024-08-26"),
        [said("academicSessions.csv, row 5, endDate", "“2024-08-26”", "a day after startDate 2024-08-26")],
    ),
    "session not above itself": (
        both(
            change("academicSessions", "G1", parentSourcedId="T1"),
            change("academicSessions", "T1", parentSourcedId="G1"),
        ),
        [
            said("academicSessions.csv, row 3, parentSourcedId", "“G1”", "a session that is not below this one"),
            said("academicSessions.csv, row 5, parentSourcedId", "“T1”", "a session that is not below this one"),
        ],
    ),
    "term has a year": (
        change("academicSessions", "T1", parentSourcedId="", schoolYear="2031"),
        [
            said(
                "academicSessions.csv, row 3, parentSourcedId",
                "nothing",
                "a session of type schoolYear above it, or exactly one with the schoolYear 2031",
            )
        ],
    ),
    "terms do not overlap": (
        change("academicSessions", "T2", startDate="2024-12-20"),
        [
            said(
                "academicSessions.csv, row 4, startDate",
                "“2024-12-20”",
                "2024-12-21 or later: terms of a year do not overlap, and “Autumn” ends then",
            )
        ],
    ),
    "term begins in its year": (
        change("academicSessions", "T1", startDate="2024-08-25"),
        [
            said(
                "academicSessions.csv, row 3, startDate",
                "“2024-08-25”",
                "a day from 2024-08-26 to 2025-06-14, in the school year “2024-2025”",
            )
        ],
    ),
    "term ends in its year": (
        change("academicSessions", "T2", endDate="2025-06-15"),
        [
            said(
                "academicSessions.csv, row 4, endDate",
                "“2025-06-15”",
                "a day from 2024-08-26 to 2025-06-14, in the school year “2024-2025”",
            )
        ],
    ),
    "terms of a year have names of their own": (
        change("academicSessions", "T2", title="Autumn"),
        [said("academicSessions.csv, row 4, title", "“Autumn”", "a title of its own; row 3 has this one")],
    ),
    "years have names of their own": (
        lambda bundle: bundle.add("academicSessions", "Y25", sourcedId="Y26", schoolYear="2026"),
        [said("academicSessions.csv, row 6, title", "“2024-2025”", "a title of its own; row 2 has this one")],
    ),
    # the school and its classes
    "one school": (
        another_school,
        [
            said(
                "classes.csv, row 3, schoolSourcedId",
                "“S2”",
                "“S1”, as in the rows before: one installation holds one school",
            )
        ],
    ),
    "classes belong to a school": (
        change("classes", "C-H", schoolSourcedId="D1"),
        [said("classes.csv, row 3, schoolSourcedId", "“D1”", "an org of type school, not “district”")],
    ),
    "class within one year": (
        both(
            lambda bundle: bundle.add("academicSessions", "Y25", sourcedId="Y26", title="Next", schoolYear="2026"),
            change("classes", "C-H", termSourcedIds="Y25,Y26"),
        ),
        [said("classes.csv, row 3, termSourcedIds", "“Y25,Y26”", "sessions that belong to one school year")],
    ),
    "class within a year": (
        both(
            change("academicSessions", "G1", parentSourcedId="", schoolYear="2031"),
            change("classes", "C-H", termSourcedIds="G1"),
        ),
        [said("classes.csv, row 3, termSourcedIds", "“G1”", "sessions that belong to one school year")],
    ),
    "subject has a code": (
        lambda bundle: bundle.add("courses", "CRS-M", sourcedId="c" * 51, courseCode=""),
        [
            said(
                "courses.csv, row 4, courseCode",
                "nothing",
                "a code of its own, since the sourcedId cannot serve as one",
            )
        ],
    ),
    "subject's code is nobody else's": (
        both(
            change("courses", "CRS-M", courseCode=""),
            change("courses", "CRS-H", courseCode="CRS-M"),
        ),
        [
            said(
                "courses.csv, row 3, courseCode",
                "nothing",
                "a code of its own, since the sourcedId cannot serve as one",
            )
        ],
    ),
    # who is in them
    "a student is enrolled as a student": (
        change("enrollments", "E3", userSourcedId="tom"),
        [said("enrollments.csv, row 4, userSourcedId", "“tom”", "somebody with the role student")],
    ),
    "a teacher is enrolled as a teacher": (
        change("enrollments", "E5", userSourcedId="rita"),
        [said("enrollments.csv, row 6, userSourcedId", "“rita”", "somebody with the role teacher")],
    ),
    "enrolment begins before it ends": (
        change("enrollments", "E1", endDate="2024-08-26"),
        [said("enrollments.csv, row 2, endDate", "“2024-08-26”", "a day after 2024-08-26, on which it begins")],
    ),
    "enrolment begins before its terms end": (
        change("enrollments", "E3", beginDate="2025-01-10"),
        [
            said(
                "enrollments.csv, row 4, beginDate",
                "“2025-01-10”",
                "a day before 2024-12-21, when the terms of the class end",
            )
        ],
    ),
    "once at a time in a class": (
        lambda bundle: bundle.add("enrollments", "E3", sourcedId="E9", beginDate="2024-12-20"),
        [
            said(
                "enrollments.csv, row 8, beginDate",
                "“2024-12-20”",
                "2024-12-21 or later: in row 4 the student is in this class until then",
            )
        ],
    ),
    "born before the first enrolment": (
        change("demographics", "bo", birthDate="2024-09-02"),
        [said("demographics.csv, row 3, birthDate", "“2024-09-02”", "a day before the first enrolment on 2024-09-02")],
    ),
}


@pytest.mark.parametrize("rule", CONTRADICTING)
def test_a_bundle_that_contradicts_itself_is_refused(rule: str, tmp_path: Path) -> None:
    assert_refused(oak_school(), *CONTRADICTING[rule], tmp_path)


# What version 1.2 alone can break.
BROKEN_1_2: Cases = {
    "roles there": (
        set_mode(roles="absent"),
        [said("manifest.csv, row 11, value", "“absent”", "bulk: a roster needs roles.csv")],
    ),
    "roleType has no word of one's own": (
        change("roles", "R-pat", roleType="ext:main"),
        [said("roles.csv, row 8, roleType", "“ext:main”", "one of primary, secondary")],
    ),
    "a word of one's own is a word": (
        change("orgs", "D1", type="ext:a trust"),
        [
            said(
                "orgs.csv, row 2, type",
                "“ext:a trust”",
                "one of department, school, district, local, state, national, or a word of your own as ext:word",
            )
        ],
    ),
    "role of 1.2": (
        change("roles", "R-ana", role="administrator"),
        [
            said(
                "roles.csv, row 2, role",
                "“administrator”",
                (
                    "one of aide, counselor, districtAdministrator, guardian, parent, principal, proctor, relative, "
                    "siteAdministrator, student, systemAdministrator, teacher, or a word of your own as ext:word"
                ),
            )
        ],
    ),
    "role begins before it ends": (
        change("roles", "R-tom", beginDate="2024-09-02", endDate="2024-09-02"),
        [said("roles.csv, row 4, endDate", "“2024-09-02”", "a day after beginDate 2024-09-02")],
    ),
    "role of somebody": (
        change("roles", "R-pat", userSourcedId="pam"),
        [said("roles.csv, row 8, userSourcedId", "“pam”", "ids of rows of users.csv; pam is not there")],
    ),
    "role at an org": (
        change("roles", "R-pat", orgSourcedId=""),
        [said("roles.csv, row 8, orgSourcedId", "nothing", "a value")],
    ),
}


@pytest.mark.parametrize("rule", BROKEN_1_2)
def test_a_bundle_that_breaks_a_rule_of_1_2_is_refused(rule: str, tmp_path: Path) -> None:
    assert_refused(oak_school("1.2"), *BROKEN_1_2[rule], tmp_path)
