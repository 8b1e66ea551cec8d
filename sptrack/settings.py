"""Settings of the portal. Everything a school may change comes from the environment (see .env.example).

Safe when nothing is set: DEBUG is off, HTTPS is on, and a missing SECRET_KEY stops the start.
"""

import os
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
TESTING = "pytest" in sys.modules

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not (DEBUG or TESTING):
        message = (
            "SECRET_KEY is not set. Put a long random value into the environment or into .env; "
            "`make run` makes one for a first look."
        )
        raise ImproperlyConfigured(message)
    SECRET_KEY = "only-for-development-and-tests-never-for-a-school"  # noqa: S105
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
HTTPS = env.bool("HTTPS", default=not (DEBUG or TESTING))
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_HOURS = env.int("SESSION_HOURS", default=12)  # after which somebody signs in again, however busy

INSTALLED_APPS = [
    "sptrack.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "simple_history",
    "heroicons",
    "django_tasks",
    "corsheaders",
    "core",
    "accounts",
    "students",
    "attendance",
    "assessments",
    "behavior",
    "participation",
    "dashboard",
    "exchange",
]

MIDDLEWARE = [
    "sptrack.request_log.RequestLogMiddleware",
    "sptrack.middleware.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",  # before what may refuse a request: error pages have the policy too
    "sptrack.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sptrack.middleware.PrivatePagesMiddleware",
    "sptrack.middleware.BodyLimitMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "accounts.middleware.ApiPathMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionLifeMiddleware",
    "accounts.middleware.ParkedFormMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.DeclaredAudienceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "students.middleware.SchoolMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "sptrack.urls"
WSGI_APPLICATION = "sptrack.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sptrack.shell.shell",
            ],
            "builtins": ["core.templatetags.portal"],
        },
    },
]

# --- Data -------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'sptrack.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # At stock settings 50 writers meet "database is locked"; with these none does (docs/operations.md).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    if TESTING:
        # A file, since the threads of a test need connections of their own; one a process, so that runs never meet.
        VAR_DIR.mkdir(exist_ok=True)
        DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / f"test-{os.getpid()}.sqlite3")}
# A worker keeps its connection: a new one costs PostgreSQL 7 ms a request, and SQLite 2 to read the schema of 90
# tables. Tests and `make dev` begin a thread for each window or request, whose connections nobody would close.
DATABASES["default"].setdefault("CONN_MAX_AGE", 0 if TESTING or DEBUG else 600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # after a restart of the database the first page still answers
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A host that says nothing must not hold a worker until gunicorn ends it: the page of an outage comes first.
    POSTGRESQL_OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
    POSTGRESQL_OPTIONS.setdefault("connect_timeout", 5)
    # Days are read as text too (core.packed.IsoDay), whatever style the server writes them in by itself.
    POSTGRESQL_OPTIONS["options"] = f"{POSTGRESQL_OPTIONS.get('options', '')} -c datestyle=ISO".strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Sign-in attempts are counted in the cache, so all workers must share it: a table in the database.
CACHES = {"default": env.cache_url("CACHE_URL", default="dbcache://cache")}
# Counters of sign-in attempts must not be pushed out by attempts on other names.
CACHES["default"].setdefault("OPTIONS", {}).setdefault("MAX_ENTRIES", 100_000)
# Keys of sensitive fields, newest first: the first one writes, all of them read (docs/operations.md).
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[])
# The head of the audit's chain, kept outside the database (docs/operations.md).
AUDIT_HEAD_FILE = env.str("AUDIT_HEAD_FILE", default=str(VAR_DIR / "audit-head"))
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = SESSION_IDLE_MINUTES * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- Who you are ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.PortalArgon2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedSignUpAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers who type an address
ACCOUNT_UNIQUE_EMAIL = False  # the guardians of a child may share an address
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_USER_DISPLAY = "accounts.models.display_name_of"
# Five wrong passwords lock one account for five minutes; the limit per address is wide, since a whole
# school sits behind one address.
ACCOUNT_RATE_LIMITS = {"login_failed": "60/m/ip,5/300s/key", "login": "300/m/ip", "reset_password": "60/m/ip,5/m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# --- The API ----------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api_callers.TokenAuthentication",  # the first one decides that signed out is 401
        "accounts.api_callers.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],  # accounts.api_access.ApiView asks each verb for its audience
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api_callers.CallerThrottle"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api_json.StrictJsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "accounts.api_schema.PortalSchema",
    "EXCEPTION_HANDLER": "accounts.api_errors.answer_error",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "SPTrack",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "AttendanceStatus": "attendance.models.Status",
        "ParticipationStatus": "participation.models.Status",
    },
    "DISABLE_ERRORS_AND_WARNINGS": False,
}
API_MOST_BYTES = 1_000_000  # of a body
API_RATES = {"signed_in": 600, "anonymous": 60}  # calls a minute; the anonymous are counted by address
# Other sites whose scripts may call the API: with a token alone, never with the cookie of somebody signed in.
CORS_ALLOWED_ORIGINS = env.list("CORS_ORIGINS", default=[])
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = r"^/api(/|$)"
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "if-match", "if-none-match"]
CORS_EXPOSE_HEADERS = ["ETag", "Link", "Retry-After", "X-Total-Count"]

# --- Mail -------------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="SPTrack <noreply@localhost>")
EMAIL_TIMEOUT = 30  # seconds; a mail server that says nothing must not hold a worker for ever
# Where people open the portal: for the links of a mail that no request of theirs asked for.
PORTAL_URL = env.str("PORTAL_URL", default="") or (
    f"{'https' if HTTPS else 'http'}://{(ALLOWED_HOSTS or ['localhost'])[0].lstrip('.')}"
)

# --- Tasks ------------------------------------------------------------------------------------------

# "immediate" runs a task where it is asked for; "database" keeps it for `manage.py db_worker`.
TASK_BACKENDS = {
    "immediate": "django_tasks.backends.immediate.ImmediateBackend",
    "database": "django_tasks_db.DatabaseBackend",
}
TASK_QUEUE = env.str("TASK_QUEUE", default="immediate")
if TASK_QUEUE not in TASK_BACKENDS:
    message = f"TASK_QUEUE is {TASK_QUEUE!r}. Set it to one of: {', '.join(TASK_BACKENDS)}."
    raise ImproperlyConfigured(message)
TASKS = {"default": {"BACKEND": TASK_BACKENDS[TASK_QUEUE]}}
if TASK_QUEUE == "database":
    INSTALLED_APPS.append("django_tasks_db")

# --- Words, dates, places ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["sptrack.formats"]

# --- Static files -----------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "sptrack.staticfinder.BootstrapFinder",
]
PLAIN_STATICS = DEBUG or TESTING
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PLAIN_STATICS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = PLAIN_STATICS
WHITENOISE_AUTOREFRESH = PLAIN_STATICS  # found when asked for, instead of a scan of every file at each start
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- What a browser may do --------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
MESSAGE_STORAGE = "sptrack.message_storage.PortalMessageStorage"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "sptrack.errors.csrf_failure"
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
    # A probe of the load balancer speaks plain HTTP to the worker.
    SECURE_REDIRECT_EXEMPT = [r"^healthz/$", r"^readyz/$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"
# Of a whole body, told by its length before it is read (BodyLimitMiddleware); proxies get the same limit in deploy/.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 0  # no page takes a file

# --- The log ----------------------------------------------------------------------------------------
# No names, marks, addresses or queries (sptrack/log_format.py); nothing by mail, since Django's mails quote all of it.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_names": {"()": "sptrack.log_format.WithoutNames"}},
    "formatters": {
        "line": {
            "()": "sptrack.log_format.WithoutValues",
            "format": "%(asctime)s [%(levelname)s] %(name)s request=%(request_id)s %(message)s",
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["without_names"], "formatter": "line"},
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.request": {"level": "ERROR"},  # what is refused has its line in sptrack.requests
        "gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django_tasks": {"level": "WARNING"},  # it tells of each task twice, and cron mails what is printed
    },
    "root": {"handlers": ["console"], "level": "INFO" if not TESTING else "ERROR"},
}

SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
SIMPLE_HISTORY_REVERT_DISABLED = True

if DEBUG and not TESTING:
    INSTALLED_APPS.append("debug_toolbar")
    MIDDLEWARE.insert(2, "debug_toolbar.middleware.DebugToolbarMiddleware")
    INTERNAL_IPS = ["127.0.0.1"]
