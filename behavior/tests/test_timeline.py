"""components/behavior_timeline.html: the same records for a parent and for staff, told apart by what is said."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from behavior.child_behavior import behavior_of_year
from behavior.models import BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by, category
from behavior.tests.noting import text_of
from tests.cast import MONDAY, YEAR_START


@pytest.fixture
def records(cast):
    """Two records of Amina: shared praise by Ana, and blame for staff only by the office, with marks of HTML in it."""
    BehaviorRecordFactory(student=cast.amina, shared_with_parents=True, notes="Shared lunch", **by(cast.ana))
    BehaviorRecordFactory(
        student=cast.amina,
        behavior_type="negative",
        category=category("Safety"),
        date=MONDAY.replace(day=12),
        notes="Ran <b>fast</b>",
        teacher=None,
        noted_by=cast.office,
    )
    return BehaviorRecord.objects.filter(student=cast.amina)


def timeline(records, **context):
    return render_to_string("components/behavior_timeline.html", {"records": records, **context})


def test_a_parent_reads_sign_word_category_day_author_and_note(cast, records):
    child = behavior_of_year(records, YEAR_START, MONDAY, shared_only=True)
    assert text_of(timeline(child.records)) == "▲ Positive Kindness Mon 16 Mar · Ana Silva Shared lunch"


def test_staff_read_who_else_reads_it(cast, records):
    child = behavior_of_year(records, YEAR_START, MONDAY, shared_only=False)
    assert text_of(timeline(child.records, for_staff=True)) == (
        "▲ Positive Kindness Mon 16 Mar · Ana Silva shared with parents Shared lunch"
        " ▼ Negative Safety Thu 12 Mar · School office staff only Ran <b>fast</b>"
    )


def test_notes_are_text_and_never_markup(cast, records):
    assert "Ran &lt;b&gt;fast&lt;/b&gt;" in timeline(records)


def test_own_records_lead_to_their_form_where_links_are_wanted(cast, records):
    child = behavior_of_year(records.with_may_change(cast.ana.user), YEAR_START, MONDAY, shared_only=False)
    own, other = child.records
    shown = timeline(child.records, for_staff=True, link_edit=True)
    assert f'href="/behavior/{own.pk}/edit/"' in shown
    assert f'href="/behavior/{other.pk}/edit/"' not in shown
    assert "/edit/" not in timeline(child.records, for_staff=True)
