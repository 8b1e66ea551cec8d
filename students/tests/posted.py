"""What a browser sends from the page of a student, and everything that is stored, to show that nothing changed."""

from __future__ import annotations

from typing import Any

from django.apps import apps

ASIDE = {"sessions.Session", "accounts.CallCount"}


def student_form(**typed: Any) -> dict[str, str]:
    """The form as sent with only a given name typed; `typed` adds or replaces fields, None drops one."""
    fields = {
        "given_name": "Dara",
        "family_name": "",
        "gender": "",
        "date_of_birth": "",
        "enrollment_date": "",
        "school_class": "",
        "guardians-TOTAL_FORMS": "1",
        "guardians-INITIAL_FORMS": "0",
        "emergency-TOTAL_FORMS": "1",
        "emergency-INITIAL_FORMS": "0",
        **typed,
    }
    return {name: str(value) for name, value in fields.items() if value is not None}


def people(prefix: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    """The blocks of guardians or emergency contacts as sent, those with an `id` first, as on the page."""
    fields: dict[str, Any] = {
        f"{prefix}-TOTAL_FORMS": len(blocks),
        f"{prefix}-INITIAL_FORMS": sum("id" in block for block in blocks),
    }
    for number, block in enumerate(blocks):
        fields |= {f"{prefix}-{number}-{name}": value for name, value in block.items()}
    return fields


def everything_stored() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, history and log included; sessions and the counts of calls aside."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.label not in ASIDE
    }
