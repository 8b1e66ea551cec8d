"""Finds the Bootstrap files that the pages link, inside the installed wheel.

The wheel ships some fifty files; serving only the one stylesheet that we use keeps collectstatic quick.
"""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

PREFIX = "bootstrap/"
SERVED = ("css/bootstrap.min.css", "css/bootstrap.min.css.map")


class BootstrapFinder(BaseFinder):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spec = find_spec("bootstrap")
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError("bootstrap-wrapper is not installed; see requirements.txt")
        self.root = Path(next(iter(spec.submodule_search_locations)))
        self.storage = FileSystemStorage(location=self.root.parent)

    def check(self, **_kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        served = path.removeprefix(PREFIX) if path.startswith(PREFIX) else ""
        found = str(self.root / served) if served in SERVED else None
        if find_all:
            return [found] if found else []
        return found

    def list(self, _ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Storage]]:
        for name in SERVED:
            yield PREFIX + name, self.storage
