"""Checks of `manage.py check` about students."""

from typing import Any

from django.core.checks import CheckMessage, Error, register


@register
def every_record_is_registered(**_kwargs: Any) -> list[CheckMessage]:
    """A StudentRecord that is not registered could not be erased with its student."""
    from students.records import unregistered

    return [
        Error(f"{model.__name__} is not registered in students.records.", obj=model, id="students.E001")
        for model in unregistered()
    ]
