"""Files that are no bundle, or made to do harm: one line of explanation, no traceback, nothing written."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError

from exchange.oneroster import archive
from exchange.tests.bundles import everything, oak_school, run_import

pytestmark = pytest.mark.django_db

Members = list[tuple[str, bytes]]


def zipped(*extra: tuple[str, bytes], without: str = "") -> bytes:
    """Oak School's bundle with further members."""
    members: Members = [*oak_school().members().items(), *extra]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a name twice is what we want
        for name, text in members:
            if name != without:
                target.writestr(name, text)
    return content.getvalue()


def patched(offset: int, value: bytes, name: bytes = b"users.csv") -> bytes:
    """The bundle with bytes changed in one member's entry of the directory at the end, from its signature on."""
    content = bytearray(zipped())
    start = content.rindex(name) - 46  # the length of the entry before the name
    assert content[start : start + 4] == b"PK\x01\x02"
    content[start + offset : start + offset + len(value)] = value
    return bytes(content)


def truncated() -> bytes:
    return zipped()[:-40]


def damaged() -> bytes:
    content = bytearray(zipped())
    start = content.index(b"users.csv") + len("users.csv")
    content[start : start + 40] = b"\xff" * 40
    return bytes(content)


# rule: (the file's bytes, the message)
HARMFUL: dict[str, tuple[Callable[[], bytes], str]] = {
    "a zip": (lambda: b"sourcedId,name\n", "This is not a readable zip file (File is not a zip file)."),
    "a whole zip": (truncated, "This is not a readable zip file (File is not a zip file)."),
    "members that unpack": (damaged, "This is not a readable zip file ("),
    "members as long as they say": (
        lambda: patched(24, struct.pack("<I", 10)),
        "This is not a readable zip file (Bad CRC-32 for file 'users.csv').",
    ),
    "a packing that Python knows": (
        lambda: patched(10, struct.pack("<H", 99)),
        "This is not a readable zip file (That compression method is not supported).",
    ),
    "a manifest": (
        lambda: zipped(without="manifest.csv"),
        "The zip holds no manifest.csv, so it is not a OneRoster bundle.",
    ),
    "no way up": (
        lambda: zipped(("../users.csv", b"x")),
        "The zip holds “../users.csv”; the files must lie in no folder.",
    ),
    "no folder": (lambda: zipped(("roster/", b"")), "The zip holds “roster/”; the files must lie in no folder."),
    "no folder of Windows": (
        lambda: zipped(("c:\\users.csv", b"x")),
        "The zip holds “c:\\users.csv”; the files must lie in no folder.",
    ),
    "each name once": (lambda: zipped(("users.csv", b"x")), "The zip holds “users.csv” twice."),
    "each name once, capitals aside": (lambda: zipped(("Users.csv", b"x")), "The zip holds “Users.csv” twice."),
    "no password": (
        lambda: patched(8, struct.pack("<H", 1)),
        "“users.csv” is protected by a password. Make the zip without one.",
    ),
    "few files": (
        lambda: zipped(*((f"{number}.csv", b"") for number in range(200))),
        "The zip holds 208 files; a bundle has at most 200.",
    ),
    "no bomb": (
        lambda: zipped(("results.csv", b"0" * 5_000_000)),
        "“results.csv” is packed tighter than any roster can be.",
    ),
}


@pytest.mark.parametrize("rule", HARMFUL)
def test_a_file_that_is_no_harmless_bundle_is_refused(rule: str, tmp_path: Path) -> None:
    make, message = HARMFUL[rule]
    path = tmp_path / "roster.zip"
    path.write_bytes(make())
    before = everything()
    with pytest.raises(CommandError) as caught:
        run_import(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)
    assert everything() == before


def test_the_sum_of_all_files_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = oak_school().pack(tmp_path)
    run_import(path, "--dry-run")
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    with pytest.raises(CommandError, match="Unpacked, the zip would be larger than 0 MB"):
        run_import(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no such file"):
        run_import(tmp_path / "roster.zip")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="This is not a readable zip file"):
        run_import(tmp_path)
