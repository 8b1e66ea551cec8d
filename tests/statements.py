"""How many SQL statements a call costs a process that has been at work for a while."""

import re
from collections.abc import Callable

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext

ASIDE = re.compile(r"django_session|^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", re.IGNORECASE)


def count_statements(call: Callable[[], object]) -> int:
    """Those of the session and of transactions aside.

    A process asks once for the content types and then remembers them; a flush between two tests makes it forget. They
    are asked for beforehand, so the count is the same whatever test ran before.
    """
    ContentType.objects.get_for_models(*apps.get_models())
    with CaptureQueriesContext(connection) as captured:
        call()
    return sum(not ASIDE.search(query["sql"]) for query in captured.captured_queries)
