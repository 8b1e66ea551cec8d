"""The demo school: `manage.py demo`. Same seed and same day, same school."""

DEMO_EMAIL_DOMAIN = "demo-school.example"
DEMO_PASSWORD = "demo-school-pass"  # noqa: S105  (printed for everybody to read; `check --deploy` refuses its accounts)
