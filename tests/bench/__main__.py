"""`python -m tests.bench [sqlite] [postgresql]`: a table each; ROUNDS, CLASSES and DAYS make it shorter."""

import sys

from tests.serving.databases import run_on_each

sys.exit(run_on_each("tests.bench.run", "tests.bench.settings", "Measure the pages of a day under gunicorn."))
