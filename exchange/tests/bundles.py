"""OneRoster bundles made in memory: Oak School, with a small cast, in both versions."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.core.management import call_command

Table = list[dict[str, str]]

OPTIONAL = ("categories", "classResources", "courseResources", "lineItems", "resources", "results")


def table(header: str, *lines: str) -> Table:
    """Rows out of lines with bars between the cells."""
    names = header.split("|")
    return [dict(zip(names, line.split("|"), strict=True)) for line in lines]


def oak_school(version: str = "1.1") -> Bundle:
    """Two pupils, two classes, a teacher, three guardians, a principal. What 1.1 says in users, 1.2 says in roles.

    Ana lists her mother Rita; Bo is listed by his father Li and by his aunt May, who has no e-mail.
    """
    tables = {
        "orgs": table("sourcedId|name|type|parentSourcedId", "D1|Oak District|district|", "S1|Oak School|school|D1"),
        "academicSessions": table(
            "sourcedId|title|type|startDate|endDate|parentSourcedId|schoolYear",
            "Y25|2024-2025|schoolYear|2024-08-26|2025-06-14||2025",
            "T1|Autumn|term|2024-08-26|2024-12-21|Y25|2025",
            "T2|Spring|term|2025-01-06|2025-06-14|Y25|2025",
            "G1|September|gradingPeriod|2024-08-26|2024-10-01|T1|2025",
        ),
        "courses": table(
            "sourcedId|schoolYearSourcedId|title|courseCode|orgSourcedId",
            "CRS-H|Y25|Homeroom|007|S1",
            "CRS-M|Y25|Mathematics|MATH|S1",
        ),
        "classes": table(
            "sourcedId|title|grades|courseSourcedId|classType|schoolSourcedId|termSourcedIds",
            "C-M|Maths 9|09|CRS-M|scheduled|S1|T1",
            "C-H|9B|09|CRS-H|homeroom|S1|T1,T2",
        ),
        "users": table(
            "sourcedId|enabledUser|username|givenName|familyName|email|sms|phone|agentSourcedIds",
            "ana|true|ana.silva|Ana|Silva|||555 01|rita",
            "bo|true|bo.chen|Bo|Chen||||",
            "tom|true|tom.reed|Tom|Reed|tom@school.example||555 10|",
            "rita|true|rita.silva|Rita|Silva|rita@home.example||555 20|",
            "li|true|li.chen|Li|Chen|li@home.example|555 31||bo",
            "may|true|may.chen|May|Chen||||bo",
            "pat|true|pat.head|Pat|Head|pat@school.example|||",
        ),
        "enrollments": table(
            "sourcedId|classSourcedId|schoolSourcedId|userSourcedId|role|primary|beginDate|endDate",
            "E1|C-M|S1|ana|student||2024-08-26|2024-12-21",
            "E2|C-H|S1|ana|student|||",
            "E3|C-M|S1|bo|student||2024-09-02|",
            "E4|C-M|S1|tom|teacher|true||",
            "E5|C-H|S1|tom|teacher|||",
            "E6|C-H|S1|pat|administrator|||",
        ),
        "demographics": table("sourcedId|birthDate|sex", "ana|2010-03-04|female", "bo|2010-11-30|"),
    }
    roles = {"ana": "student", "bo": "student", "tom": "teacher", "rita": "parent", "li": "parent", "may": "relative"}
    if version == "1.1":
        for user in tables["users"]:
            user |= {"orgSourcedIds": "S1", "role": roles.get(user["sourcedId"], "administrator")}
    else:
        people = [user["sourcedId"] for user in tables["users"]]
        lines = [f"R-{one}|{one}|primary|{roles.get(one, 'principal')}|||S1" for one in people]
        header = "sourcedId|userSourcedId|roleType|role|beginDate|endDate|orgSourcedId"
        tables["roles"] = table(header, *lines)
    return Bundle(version, tables)


def oak_gradebook(version: str = "1.1") -> Bundle:
    """Oak School with three pieces of work: a quiz and a test in mathematics, and a reading log in Ana's homeroom.

    Ana has 17.5 of 20 and did not hand in the test; Bo is exempt from the quiz and has 41 of 50, in 1.2 handed in late;
    Ana's reading log waits to be graded.
    """
    bundle = oak_school(version)
    bundle.tables |= {
        "categories": table("sourcedId|title", "K-Q|Quizzes", "K-T|Unit tests", "K-H|Homework"),
        "lineItems": table(
            "sourcedId|title|assignDate|dueDate|classSourcedId|categorySourcedId|resultValueMin|resultValueMax",
            "L1|Fractions|2024-09-10|2024-09-10|C-M|K-Q|0.0|20.0",
            "L2|Unit 1|2024-10-01|2024-10-02|C-M|K-T|0.0|50.0",
            "L3|Reading log|2024-10-07|2024-10-11|C-H|K-H|0|10",
        ),
        "results": table(
            "sourcedId|lineItemSourcedId|studentSourcedId|scoreStatus|score|scoreDate|comment",
            "R1|L1|ana|fully graded|17.50|2024-09-11|Well done",
            "R2|L1|bo|exempt||2024-09-11|",
            "R3|L2|ana|not submitted||2024-10-04|",
            "R4|L2|bo|fully graded|41|2024-10-04|",
            "R5|L3|ana|submitted||2024-10-11|",
        ),
    }
    session = "gradingPeriodSourcedId" if version == "1.1" else "academicSessionSourcedId"
    for row in bundle.tables["lineItems"]:
        row[session] = "G1"
    if version == "1.2":
        for row, weight in zip(bundle.tables["categories"], ("20", "40", "40"), strict=True):
            row["weight"] = weight
        for row in bundle.tables["lineItems"]:
            row["schoolSourcedId"] = "S1"
        for row in bundle.tables["results"]:
            group = bundle.row("lineItems", row["lineItemSourcedId"])["classSourcedId"]
            row |= {"textScore": "", "classSourcedId": group, "inProgress": "false", "incomplete": "false"}
            row |= {"late": "true" if row["sourcedId"] == "R4" else "false", "missing": "false"}
    return bundle


@dataclass
class Bundle:
    """A bundle to be changed by a test and then packed. `raw` overrides the bytes of a file, `modes` the manifest's."""

    version: str
    tables: dict[str, Table]
    manifest_version: str = "1.0"
    modes: dict[str, str] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    byte_order_mark: bool = False

    def row(self, file: str, key: str) -> dict[str, str]:
        return next(row for row in self.tables[file] if row["sourcedId"] == key)

    def change(self, file: str, key: str, **cells: str) -> Bundle:
        """Overwrite or add cells of a row; the other rows get added columns empty."""
        self.row(file, key).update(cells)
        for row in self.tables[file]:
            for name in cells:
                row.setdefault(name, "")
        return self

    def add(self, file: str, like: str, **cells: str) -> Bundle:
        """Append a copy of a row with other cells."""
        self.tables[file].append({**self.row(file, like), **cells})
        return self

    def remove(self, file: str, key: str) -> Bundle:
        self.tables[file].remove(self.row(file, key))
        return self

    def without_column(self, file: str, column: str) -> Bundle:
        for row in self.tables[file]:
            del row[column]
        return self

    def text(self, file: str) -> str:
        """A file as CSV."""
        lines = io.StringIO(newline="")
        writer = csv.DictWriter(lines, list(self.tables[file][0]))
        writer.writeheader()
        writer.writerows(self.tables[file])
        return lines.getvalue()

    def manifest(self) -> list[tuple[str, str]]:
        absent = {name: "absent" for name in OPTIONAL if name not in self.tables}
        modes = dict.fromkeys(self.tables, "bulk") | absent | self.modes
        versions = [("manifest.version", self.manifest_version), ("oneroster.version", self.version)]
        return [("propertyName", "value"), *versions, *((f"file.{name}", mode) for name, mode in modes.items() if mode)]

    def members(self) -> dict[str, bytes]:
        mark = "\ufeff" if self.byte_order_mark else ""
        files = {"manifest.csv": "".join(f"{name},{value}\r\n" for name, value in self.manifest())}
        files |= {f"{name}.csv": self.text(name) for name in self.tables}
        return {name: (mark + text).encode() for name, text in files.items()} | self.raw

    def pack(self, folder: Path) -> Path:
        path = folder / "roster.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.members().items():
                archive.writestr(name, content)
        return path


def run_import(path: Path, *options: str) -> str:
    """What the command prints; raises CommandError where it refuses."""
    output = io.StringIO()
    call_command("import_oneroster", str(path), *options, stdout=output)
    return output.getvalue()


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, history included."""
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in apps.get_models()}


def changed(before: dict[str, list[tuple[object, ...]]]) -> dict[str, int]:
    """How many rows of each table are new or not what they were."""
    now = everything()
    counts = {table: len(set(map(repr, rows)) - set(map(repr, before[table]))) for table, rows in now.items()}
    return {table: count for table, count in counts.items() if count}
