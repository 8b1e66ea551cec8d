"""What holds for each page of each model in the school office; each app sweeps its own models."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from tests.statements import count_statements

INLINE_CODE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE
)


@dataclass(frozen=True)
class Office:
    """A model in the office: how a row of it is made, what its list costs, and which pages it lacks on purpose."""

    factory: type
    queries: int
    can_add: bool = True
    can_delete: bool = True
    without_row: int = 404

    @property
    def model(self):
        return self.factory._meta.model

    def url(self, page, *args):
        return reverse(f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_{page}", args=args)

    def pages(self, row):
        """Each page by its address with the status that an admin gets."""
        return {
            self.url("changelist"): 200,
            self.url("add"): 200 if self.can_add else 403,
            self.url("change", row.pk): 200,
            self.url("history", row.pk): 200,
            self.url("delete", row.pk): 200 if self.can_delete else 403,
        }


def signed_in(role: Role) -> Client:
    """A browser of somebody with a role and, for an admin, no superuser rights."""
    client = Client()
    client.force_login(UserFactory(role=role, is_superuser=False))
    return client


def check_pages(office: Office) -> None:
    """An admin by role gets each page, free of inline code; nobody else gets any."""
    row = office.factory()
    office_admin, anonymous = signed_in("admin"), Client()
    teacher, parent = signed_in("teacher"), signed_in("parent")
    for address, status in office.pages(row).items():
        answer = office_admin.get(address)
        assert (address, answer.status_code) == (address, status)
        assert INLINE_CODE.findall(answer.content.decode()) == [], address
        assert (address, teacher.get(address).status_code) == (address, 403)
        assert (address, parent.get(address).status_code) == (address, 403)
        assert (address, anonymous.get(address).status_code) == (address, 302)
    for key in ("no-key", "9" * 40):
        assert office_admin.get(office.url("history", key)).status_code == office.without_row
    assert User.objects.filter(is_superuser=True).count() == 0


def check_queries(office: Office) -> None:
    """The list costs the same number of statements for one row and for three."""
    office_admin = signed_in("admin")
    office.factory()
    one = count_queries(office_admin, office.url("changelist"))
    office.factory.create_batch(2)
    three = count_queries(office_admin, office.url("changelist"))
    assert (one, three) == (office.queries, office.queries)


def count_queries(client: Client, address: str) -> int:
    """How many statements a page costs, transactions and session aside."""
    answers = []
    count = count_statements(lambda: answers.append(client.get(address)))
    assert [answer.status_code for answer in answers] == [200]
    return count


def check_search(office: Office) -> None:
    """Any text can be searched for, and any filter answered."""
    office_admin = signed_in("admin")
    office.factory()
    for text in ("ana", "Ana Silva", "100%_", "\x00", "a\x00b", "x" * 10_000, "a " * 5_000, "'\"; --", "é𝔄"):
        answer = office_admin.get(office.url("changelist"), {"q": text})
        assert (text[:10], answer.status_code) == (text[:10], 200)
    assert office_admin.get(office.url("changelist"), {"pk": "\x00"}).status_code == 302
    assert office_admin.get(office.url("changelist"), {"pk__regex": "("}).status_code == 400
    assert office_admin.get(office.url("changelist"), {"p": "99999999999999999999"}).status_code == 200


def fill_in(page, **changes) -> dict[str, object]:
    """What a browser would post from a page of the office, with some fields typed over."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    fields = [field for form in forms for field in form if not field.field.disabled]
    values = {field.html_name: field.value() for field in fields}
    assert not changes.keys() - values.keys()
    return {name: value for name, value in {**values, **changes}.items() if value is not None and value is not False}


def add_line(posted: dict[str, object], prefix: str, **values) -> None:
    """Type one more line of an inline."""
    number = int(posted[f"{prefix}-TOTAL_FORMS"])
    posted[f"{prefix}-TOTAL_FORMS"] = number + 1
    posted.update({f"{prefix}-{number}-{name}": value for name, value in values.items()})


def errors_of(answer) -> list[str]:
    """Every error that the page shows again."""
    assert answer.status_code == 200
    listed = [[found] if isinstance(found, str) else found for found in answer.context["errors"]]
    return [str(error) for errors in listed for error in errors]


def check_all_swept(swept: dict[str, Office], app: str, but: frozenset[str] = frozenset()) -> None:
    """Each model that an app registers is swept."""
    registered = {
        model._meta.model_name
        for model, model_admin in admin.site._registry.items()
        if type(model_admin).__module__.startswith(f"{app}.")
    }
    assert registered == {*swept, *but}
