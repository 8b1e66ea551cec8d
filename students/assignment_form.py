"""The form of a teaching assignment, as the API sends one: the teacher is named by their user."""

from __future__ import annotations

from typing import Any

from accounts.office import OfficeForm
from students.models import TeachingAssignment


class AssignmentForm(OfficeForm):
    """A teacher with a class; the last day is inclusive."""

    class Meta:
        model = TeachingAssignment
        fields = ("teacher", "school_class", "subject", "starts_on", "ends_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teacher"].to_field_name = "user_id"  # type: ignore[attr-defined]
