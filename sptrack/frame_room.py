"""Room for the frames of a request in one piece of memory.

CPython before 3.13 keeps the frames of calls in chunks of 16 KB and gives a chunk back as soon as the last call in it
returns. Where the calls of a loop cross from one chunk to the next, each asks the system for a chunk and gives it back
(https://github.com/python/cpython/issues/142183): 1,500 times for a report, a third of its time. Whether a page is hit
depends on how deep its loops lie, so that one more middleware makes it slower or quicker by a third.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Words of 8 bytes: a frame of 132 KB, which no chunk below 256 KB can hold. The other 124 KB of it are left for the
# calls within, some 600 deep. The system hands out only the pages of it that are written to.
ROOM = 16_500


def with_room(application: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The same WSGI application, called from within a frame so large that its calls share the chunk of that frame."""

    def serve(environ: Any, start_response: Any) -> Any:
        return application(environ, start_response)

    serve.__code__ = serve.__code__.replace(co_stacksize=ROOM)
    return serve
