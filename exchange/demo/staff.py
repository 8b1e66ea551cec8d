"""Classes, subjects and who teaches what at the demo school."""

from __future__ import annotations

from dataclasses import dataclass, field

GRADES = {"7A": "7", "7B": "7", "8A": "8", "8B": "8", "9A": "9", "9B": "9"}
OTHER_CLASS = {"7A": "7B", "7B": "7A", "8A": "8B", "8B": "8A", "9A": "9B", "9B": "9A"}
# Children get a class in this order, so that brothers and sisters are in different grades.
DEALING_ORDER = ("7A", "9B", "8A", "7B", "9A", "8B")

SUBJECTS = {
    "MAT": "Mathematics",
    "ENG": "English",
    "SCI": "Science",
    "HIS": "History",
    "GEO": "Geography",
    "FRE": "French",
    "ART": "Art",
    "MUS": "Music",
    "PE": "Physical education",
}


@dataclass(frozen=True)
class StaffMember:
    """A teacher, the class they lead (if any), and their subjects with the classes they teach them to."""

    name: str
    homeroom: str = ""
    teaches: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def classes(self) -> set[str]:
        named = {name for names in self.teaches.values() for name in names}
        return named | ({self.homeroom} if self.homeroom else set())


# In the order of the logins: teacher, teacher2, teacher3.
STAFF = [
    StaffMember("Ana Silva", "7A", {"MAT": ("7A", "8B")}),
    StaffMember("Björn Lindholm", "7B", {"ENG": ("7A", "7B", "8A"), "HIS": ("7A", "7B")}),
    StaffMember("Chidinma Eze", "8A", {"MAT": ("7B", "8A"), "FRE": ("8A", "8B")}),
    StaffMember("Françoise Le Goff", "8B", {"HIS": ("8A", "8B", "9A", "9B"), "FRE": ("7A", "7B")}),
    StaffMember("Hiroshi Mori", "9A", {"MAT": ("9A", "9B"), "GEO": ("9A", "9B")}),
    StaffMember("Grace O'Connell", "9B", {"ENG": ("8B", "9A", "9B")}),
    StaffMember("Katarzyna Wójcik", teaches={"SCI": ("7A", "7B", "8A", "8B", "9A", "9B")}),
    StaffMember("Jamal Darwish", teaches={"PE": ("7A", "7B", "8A", "8B", "9A", "9B"), "GEO": ("7A", "7B", "8A", "8B")}),
    StaffMember("Ivana Babić", teaches={"ART": ("7A", "7B", "8A", "8B"), "MUS": ("7A", "8A", "9A", "9B")}),
]
