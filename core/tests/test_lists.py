"""Sorting by an allow-list, pages and the chips of active filters."""

from __future__ import annotations

import pytest
from django import forms
from django.http import Http404, QueryDict

from core.lists import chips_of, page_of, query_with, sort_rows
from students.models import Enrolment, Student, Subject, TeachingAssignment
from students.tests.factories import SubjectFactory

COLUMNS = {"name": ("Name", ("name",)), "code": ("Code", ("code", "name"))}


@pytest.fixture
def subjects(db):
    for code, name in (("B", "Art"), ("A", "Maths"), ("C", "Art")):
        SubjectFactory(code=code, name=name)


def codes(query):
    rows, _links = sort_rows(Subject.objects.all(), QueryDict(query), COLUMNS, default="name")
    return "".join(subject.code for subject in rows)


class TestSorting:
    def test_by_default_upwards_and_downwards_with_ties_in_order_of_entry(self, subjects):
        assert {query: codes(query) for query in ("", "sort=name", "sort=-name", "sort=code", "sort=-code")} == {
            "": "BCA", "sort=name": "BCA", "sort=-name": "ABC", "sort=code": "ABC", "sort=-code": "CBA",
        }  # fmt: skip

    @pytest.mark.parametrize(
        "wanted", ["pk", "id", "created_at", "assignments__teacher", "--name", "Name", "?", "name,code", ""]
    )
    def test_what_is_not_on_the_list_is_a_404_that_says_so(self, wanted):
        query = QueryDict(mutable=True)
        query["sort"] = wanted
        with pytest.raises(Http404, match="This list cannot be sorted by “"):
            sort_rows(Subject.objects.all(), query, COLUMNS, default="name")

    def test_empty_values_stand_last_and_a_column_that_has_none_is_sorted_plainly_to_use_its_index(self):
        columns = {"born": ("Born", ("date_of_birth",)), "id": ("Id", ("student_id",))}
        said = {
            column: "NULLS LAST" in str(sort_rows(Student.objects.all(), QueryDict(), columns, f"-{column}")[0].query)
            for column in columns
        }
        assert said == {"born": True, "id": False}

    def test_a_column_of_another_table_may_be_empty_where_it_or_the_way_to_it_may(self):
        columns = {
            path: (path, (path,)) for path in ("student__family_name", "student__date_of_birth", "subject__name")
        }
        said = {}
        for model, path in (
            (Enrolment, "student__family_name"),
            (Enrolment, "student__date_of_birth"),
            (TeachingAssignment, "subject__name"),
        ):
            rows, _links = sort_rows(model.objects.all(), QueryDict(), columns, f"-{path}")
            said[path] = "NULLS LAST" in str(rows.query)
        assert said == {"student__family_name": False, "student__date_of_birth": True, "subject__name": True}

    def test_heads_say_how_it_is_sorted_and_turn_it_round(self):
        query = QueryDict("sort=name&page=3&search=a")
        _rows, links = sort_rows(Subject.objects.all(), query, COLUMNS, default="code")
        assert [(links[name].label, links[name].direction, links[name].query) for name in COLUMNS] == [
            ("Name", "ascending", "?sort=-name&search=a"),
            ("Code", "none", "?sort=code&search=a"),
        ]
        _rows, links = sort_rows(Subject.objects.all(), QueryDict("sort=-name"), COLUMNS, default="code")
        assert (links["name"].direction, links["name"].query) == ("descending", "?sort=name")


class TestPages:
    def test_the_first_page_unless_another_is_asked_for(self):
        rows = list(range(60))
        assert list(page_of(rows, QueryDict(""))) == rows[:25]
        assert list(page_of(rows, QueryDict("page=3"))) == rows[50:]
        assert list(page_of(rows, QueryDict("page=2"), size=7)) == rows[7:14]

    def test_a_short_one_counts_and_leads_through_so_many_rows_and_says_that_there_are_more(self, subjects):
        rows = Subject.objects.order_by("code")
        said = {}
        for most in (2, 3):
            page = page_of(rows, QueryDict("page=2"), size=1, most=most)
            said[most] = (str(page[0].code), page.paginator.num_pages, page.paginator.has_more)
        assert said == {2: ("B", 2, True), 3: ("B", 3, False)}
        with pytest.raises(Http404, match="The last one is page 2"):
            page_of(rows, QueryDict("page=3"), size=1, most=2)

    def test_an_empty_list_has_one_empty_page(self):
        assert list(page_of([], QueryDict(""))) == []

    @pytest.mark.parametrize("wanted", ["4", "0", "-1", "1.5", "last", "1e1", "", "9" * 30, "9" * 5000])
    def test_a_page_that_is_not_there_is_a_404_that_names_the_last(self, wanted):
        query = QueryDict(mutable=True)
        query["page"] = wanted
        with pytest.raises(Http404, match=r"^There is no such page of this list\. The last one is page 3\.$"):
            page_of(list(range(60)), query)


class TestQueries:
    def test_values_are_set_dropped_and_kept(self):
        query = QueryDict("search=a b&page=2&tag=x&tag=y")
        assert query_with(query, page="3") == "?search=a+b&page=3&tag=x&tag=y"
        assert query_with(query, page=None, tag=None) == "?search=a+b"
        assert query_with(QueryDict(""), page=None) == "?"

    def test_values_are_escaped(self):
        assert query_with(QueryDict(""), search='&="<é') == "?search=%26%3D%22%3C%C3%A9"


class ClassFilter(forms.Form):
    search = forms.CharField(label="Name", required=False)
    level = forms.ChoiceField(label="Level", choices=[("7", "Year 7"), ("8", "Year 8")], required=False)
    days = forms.MultipleChoiceField(label="Days", choices=[("1", "Mon"), ("2", "Tue")], required=False)


class TestChips:
    def test_each_active_filter_in_words_with_the_link_that_removes_it(self):
        query = QueryDict("search=bo&level=7&days=1&days=2&page=2&sort=name")
        assert [(chip.label, chip.query) for chip in chips_of(ClassFilter(query), query)] == [
            ("Name: bo", "?level=7&days=1&days=2&sort=name"),
            ("Level: Year 7", "?search=bo&days=1&days=2&sort=name"),
            ("Days: Mon, Tue", "?search=bo&level=7&sort=name"),
        ]

    def test_empty_and_wrong_filters_have_none(self):
        query = QueryDict("search=&level=9")
        assert chips_of(ClassFilter(query), query) == []
