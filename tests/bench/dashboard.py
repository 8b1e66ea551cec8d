"""`python -m tests.bench.dashboard [sqlite] [postgresql]`: the dashboard; STUDENTS, DAYS and ROUNDS change the size."""

import sys

from tests.serving.databases import run_on_each

sys.exit(run_on_each("tests.bench.run_dashboard", "tests.bench.settings", "Measure the dashboard under gunicorn."))
