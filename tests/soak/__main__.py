"""`python -m tests.soak [sqlite] [postgresql]`: WRITERS teachers save for SECONDS; ends with 1 if anything is amiss."""

import sys

from tests.serving.databases import run_on_each

sys.exit(run_on_each("tests.soak.run", "tests.serving.settings", "Save registers from many sides, then count."))
