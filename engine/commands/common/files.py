"""Files that a command writes: whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import psutil

from storage import atomic
from storage.errors import InputError


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write the chunks beside ``path`` and rename; a failure leaves the old file as it was.

    What somebody left who was killed while writing it goes.

    Raises:
        InputError: the file cannot be written there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _sweep(path)
        with atomic.replacing(path, draft) as file:
            file.writelines(chunks)
    except OSError as error:
        draft.unlink(missing_ok=True)
        reason = error.strerror or error
        raise InputError(f"{path} cannot be written ({reason}); choose another place.") from error


def _sweep(path: Path) -> None:
    left = re.compile(rf"\.{re.escape(path.name)}\.(\d+)\.part")
    for file in path.parent.iterdir():
        found = left.fullmatch(file.name)
        if found and not psutil.pid_exists(int(found[1])):
            file.unlink()
