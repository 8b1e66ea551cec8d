"""What gunicorn serves."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from sptrack.frame_room import with_room

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sptrack.settings")

application = with_room(get_wsgi_application())

# All that is loaded by now lives as long as the process. Frozen, it is walked by no collection of garbage, which a page
# of thousands of rows sets off several times: a tenth of the dashboard's time at 1,000 students.
import_module("sptrack.urls")  # with the views, else the first request would load them
gc.collect()
gc.freeze()
