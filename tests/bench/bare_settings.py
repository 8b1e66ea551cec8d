"""A project as `startproject` makes it, on the same database and models: what the bare pages run in."""

from tests.bench.settings import *  # noqa: F403
from tests.bench.settings import BASE_DIR, INSTALLED_APPS

INSTALLED_APPS = [
    "tests.bench.apps.AccountsWithoutMiddleware" if app == "allauth.account" else app for app in INSTALLED_APPS
]
ROOT_URLCONF = "tests.bench.bare"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "tests" / "bench" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
