"""For data migrations: gives role groups the model permissions of an app, before post_migrate has made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ALL = ("add", "change", "delete", "view")
Grants = Mapping[str, Mapping[str, Sequence[str]]]  # role → model → actions


def grant(apps: Any, app_label: str, grants: Grants) -> None:
    """Make the groups and permissions that are missing and grant them. Running it twice changes nothing."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    for role, models in grants.items():
        group, _created = Group.objects.get_or_create(name=role)
        for model, actions in models.items():
            content_type, _created = ContentType.objects.get_or_create(app_label=app_label, model=model)
            for action in actions:
                verbose = apps.get_model(app_label, model)._meta.verbose_name
                permission, _created = Permission.objects.get_or_create(
                    content_type=content_type,
                    codename=f"{action}_{model}",
                    defaults={"name": f"Can {action} {verbose}"},
                )
                group.permissions.add(permission)
