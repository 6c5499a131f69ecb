"""Files that are written whole or not at all, and seen onto the disk; standard library only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(
    path: Path, draft: Path, opener: Callable[[str, int], int] | None = None
) -> Iterator[BinaryIO]:
    """Open ``draft`` for writing; when the block ends it is on the disk and named ``path``.

    Both lie in one folder. Where the block raises, ``path`` is what it was, and the draft is
    left to whoever sweeps there.
    """
    with open(draft, "wb", opener=opener) as file:
        yield file
        file.flush()
        # Without this a power cut leaves the new name with nothing in it.
        os.fsync(file.fileno())
    os.replace(draft, path)


def create(path: Path, data: bytes) -> None:
    """Write a file for its owner's eyes, whole and on the disk, unless it is there.

    Of several who make it at once the first wins.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # link() fails where the name exists, so nobody's file is ever replaced.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def publish(draft: Path, path: Path) -> None:
    """Name a file that a library has written ``path``, once all of it is on the disk."""
    sync(draft)
    os.replace(draft, path)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
