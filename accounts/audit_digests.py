"""What is audited, and how a row becomes a digest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import models
from simple_history.models import HistoricalChanges

from accounts.audit_models import AuditEntry, AuditErasure, AuditSeal
from accounts.models import AccessLog

PERSONAL_OF_READING = ("path", "student_id")  # what erasing a child blanks; who read, when and from where stays


@dataclass(frozen=True)
class Source:
    """A table of which every row is sealed.

    kept: the columns that outlive the erasure of the child. personal: all others but the key.
    """

    model: type[models.Model]
    kept: tuple[str, ...]
    personal: tuple[str, ...]

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def key(self) -> str:
        return self.model._meta.pk.attname

    @property
    def names_child(self) -> bool:
        """Whether its rows may be about a child."""
        return "student_id" in self.personal and self.model is not AuditErasure

    def rows_about(self, *, student_key: int, student_id: str) -> models.QuerySet[Any]:
        """The rows about a child. Some tables have the child's key, some its student_id as text."""
        rows: models.QuerySet[Any] = self.model._base_manager.all()
        return rows.filter(student_id=student_key if self.child_by_key else student_id)

    @property
    def child_by_key(self) -> bool:
        """Whether `student_id` is the key of a child, instead of the text that is their public name."""
        return self.names_child and self.model._meta.get_field("student_id").is_relation

    def read(self, after: int, upto: int, columns: Sequence[str]) -> models.QuerySet[Any, tuple[Any, ...]]:
        """The rows with a key in (after, upto], each as its key and these columns."""
        span = {f"{self.key}__gt": after, f"{self.key}__lte": upto}
        return self.model._base_manager.filter(**span).order_by(self.key).values_list(self.key, *columns)


@cache
def sources() -> dict[str, Source]:
    """Every audited table by its label: who opened what, every history, the erasures."""
    found: dict[str, Source] = {}
    for model in apps.get_models():
        if model not in {AccessLog, AuditErasure} and not issubclass(model, HistoricalChanges):
            continue
        columns = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
        personal = PERSONAL_OF_READING if model is AccessLog else tuple(columns)
        kept = tuple(name for name in columns if name not in personal)
        found[model._meta.label] = Source(model, kept, personal)
    return dict(sorted(found.items()))


def audited_models() -> Iterator[type[models.Model]]:
    """Every table whose rows only ever are added."""
    yield from (source.model for source in sources().values())
    yield from (AuditEntry, AuditSeal)


def canonical(value: Any) -> str:
    """A value as one text, the same on both databases."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def digest_of(value: Any) -> str:
    """The SHA-256 of a value, as hexadecimal digits."""
    return sha256(canonical(value).encode()).hexdigest()


def personal_digest(salt: str, values: Sequence[Any]) -> str:
    """The digest of the columns that an erasure takes."""
    return digest_of([salt, list(values)])


def entry_digest(label: str, row: int, kept: Sequence[Any], personal: str) -> str:
    """The digest of a row. It stays when the row is erased, so that the chain goes on holding."""
    return digest_of([label, row, list(kept), personal])


def seal_digest(seal: AuditSeal, entries: Sequence[AuditEntry]) -> str:
    """The digest of a seal over the seal before it and its entries, in order.

    The table and the key of each count too: of an erased row nothing else tells which one it was.
    """
    head = [seal.number, seal.sealed_at, seal.ranges, seal.last_entry, seal.previous]
    return digest_of([*head, [[entry.source, entry.row, entry.digest] for entry in entries]])


def erasure_digest(numbers: Sequence[int]) -> str:
    """The digest of the numbers of the entries that lost their salt by an erasure, in order."""
    return digest_of(list(numbers))
