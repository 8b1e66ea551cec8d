"""The portal as in production, with the empty page of the bench beside its own."""

from tests.serving.settings import *  # noqa: F403
from tests.serving.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "tests.bench.urls"
TEMPLATES[0]["DIRS"].append(BASE_DIR / "tests" / "bench" / "templates")
