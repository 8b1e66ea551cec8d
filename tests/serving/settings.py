"""The settings of production, with the collected static files in the folder of this run."""

import os
from pathlib import Path

from sptrack.settings import *  # noqa: F403
from sptrack.settings import STORAGES

STATIC_ROOT = Path(os.environ["RUN_FOLDER"]) / "static"
# Pages name the same files; that they are not packed too saves half a minute, and nobody asks for one here.
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
