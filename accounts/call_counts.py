"""How often each caller of the API has called within this minute, counted by the database for all workers together."""

from __future__ import annotations

from django.db import connection

from accounts.models import CallCount

# One statement, so that no two workers count the same call: the row is locked while it is counted. The clock of one
# worker may be behind: a minute that is over is not begun again.
COUNT = """
INSERT INTO accounts_callcount AS kept (caller, minute, calls) VALUES (%s, %s, 1)
ON CONFLICT (caller) DO UPDATE SET
    calls = CASE WHEN kept.minute >= excluded.minute THEN kept.calls + 1 ELSE 1 END,
    minute = CASE WHEN kept.minute >= excluded.minute THEN kept.minute ELSE excluded.minute END
RETURNING calls
"""


def count_call(caller: str, minute: int) -> int:
    """Count a call; gives how many it makes in this minute (since the epoch), itself included.

    Who begins a minute takes away the rows of the minutes before the last: callers who came once and went.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [caller, minute])
        ((calls,),) = cursor.fetchall()
    if calls == 1:
        CallCount.objects.filter(minute__lt=minute - 1).delete()
    return int(calls)
