"""The categories that a new school starts with; stored in English, translated where they are shown."""

from django.utils.translation import gettext_noop

FIRST_CATEGORIES = (
    gettext_noop("Participation"),
    gettext_noop("Discipline"),
    gettext_noop("Homework"),
    gettext_noop("Kindness"),
    gettext_noop("Leadership"),
    gettext_noop("Safety"),
)
