"""Fixtures of the whole suite."""

import os
import shutil

import pytest
from pytest_django.fixtures import SettingsWrapper

CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests run where Chromium is; elsewhere they are skipped aloud, or fail with REQUIRE_BROWSER=1."""
    if CHROMIUM or os.environ.get("REQUIRE_BROWSER") == "1":
        return
    for test in items:
        if test.get_closest_marker("browser"):
            test.add_marker(pytest.mark.skip(reason="chromium is not installed; REQUIRE_BROWSER=1 makes this fail"))


@pytest.fixture(autouse=True)
def quick_passwords(settings: SettingsWrapper) -> None:
    """Tests hash new passwords with one cheap round; the real hashers stay behind it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
