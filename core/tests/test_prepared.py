"""A query that is written once answers for other values each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField

from accounts.tests.factories import UserFactory
from core.prepared import Given, OneOf, Prepared

NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ["Chess", "100% 'ok' %s", 'x" OR 1=1 --']


def groups_named(name):
    return Group.objects.filter(name=name).order_by("name").values_list("name")


@pytest.fixture
def groups(db):
    for name in NAMES:
        Group.objects.create(name=name)


class TestPrepared:
    @pytest.mark.parametrize("name", NAMES)
    def test_it_gives_the_rows_of_the_value_whatever_letters_it_has(self, groups, name):
        prepared = Prepared(lambda: groups_named(Given("name", CharField())))
        assert [list(row) for row in prepared.rows(name=name)] == [[name]]
        assert prepared.rows(name="") == []

    def test_it_is_built_once_and_asked_in_one_statement_each_time(self, groups, count_queries):
        built = []

        def build():
            built.append("built")
            return groups_named(Given("name", CharField()))

        prepared = Prepared(build)
        assert count_queries(lambda: [prepared.rows(name=name) for name in NAMES]) == len(NAMES)
        assert built == ["built"]

    def test_it_knows_a_row_that_came_after_it_was_written(self, groups):
        prepared = Prepared(lambda: groups_named(Given("name", CharField())))
        assert prepared.rows(name="Choir") == []
        Group.objects.create(name="Choir")
        assert [list(row) for row in prepared.rows(name="Choir")] == [["Choir"]]

    def test_values_go_in_and_come_out_as_those_of_the_field(self, db):
        for hours in (1, 2, 3):
            Session.objects.create(session_key=f"key{hours}", session_data="", expire_date=NOON + hours * HOUR)
        later = Given("later", DateTimeField())
        rows = Session.objects.filter(expire_date__gt=later).order_by("expire_date")
        prepared = Prepared(lambda: rows.values_list("session_key", "expire_date"))
        assert [list(row) for row in prepared.rows(later=NOON + HOUR)] == [
            ["key2", NOON + 2 * HOUR], ["key3", NOON + 3 * HOUR],
        ]  # fmt: skip

    def test_what_stands_fixed_in_the_query_and_in_a_query_within_it_keeps_its_place(self, groups):
        first, second = Given("first", CharField()), Given("second", CharField())
        inner = Group.objects.filter(name__in=["Chess", "Choir"]).exclude(name=second).values("pk")
        prepared = Prepared(lambda: Group.objects.filter(pk__in=inner, name__gte=first).values_list("name"))
        assert [list(row) for row in prepared.rows(first="Ch", second="Choir")] == [["Chess"]]
        assert prepared.rows(first="Ch", second="Chess") == []
        assert prepared.rows(second="Choir", first="Cz") == []

    def test_instances_come_with_what_they_relate_to_and_can_be_saved(self, groups, count_queries):
        code, kind = Given("code", CharField()), ContentType.objects.get_for_model(Group)
        prepared = Prepared(lambda: Permission.objects.filter(codename=code).select_related("content_type"))
        found = []
        assert count_queries(lambda: found.extend(prepared.objects(code="add_group"))) == 1
        assert count_queries(lambda: [each.content_type.model for each in found]) == 0
        assert [(each.content_type, each.name) for each in found] == [(kind, "Can add group")]
        found[0].name = "Can found a club"
        found[0].save()
        assert [each.name for each in prepared.objects(code="add_group")] == ["Can found a club"]
        assert prepared.objects(code="add_nothing") == []

    def test_a_relation_that_is_empty_is_none(self, db):
        LogEntry.objects.create(user=UserFactory(), action_flag=1, object_repr="this")
        prepared = Prepared(lambda: LogEntry.objects.filter(object_repr=Given("of", CharField())))
        related = Prepared(lambda: prepared.build().select_related("content_type", "user"))
        assert [each.content_type for each in related.objects(of="this")] == [None]
        assert prepared.objects(of="this") == related.objects(of="this")

    def test_a_value_that_is_not_handed_in_is_an_error(self, groups):
        prepared = Prepared(lambda: groups_named(Given("name", CharField())))
        with pytest.raises(KeyError, match="name"):
            prepared.rows()


class TestOneOf:
    @pytest.mark.parametrize("number", [0, 1, 3])
    def test_it_gives_the_rows_of_any_number_of_keys_in_one_statement(self, groups, count_queries, number):
        prepared = Prepared(lambda: Group.objects.filter(OneOf("pk", "keys")).order_by("pk").values_list("pk"))
        keys = sorted(Group.objects.filter(name__in=NAMES).values_list("pk", flat=True))
        found = []
        assert count_queries(lambda: found.extend(prepared.rows(keys=keys[:number]))) == 1
        assert [key for (key,) in found] == keys[:number]
        assert prepared.rows(keys=[-1]) == []
