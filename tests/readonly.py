"""A home that this process may read and not change, also where the tests run as root."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def read_only(home: Path) -> Iterator[Path]:
    """Yield a copy of a home whose modes allow no change, with root's powers laid down.

    What is needed of modules must be imported before: others may not be allowed to read them.
    """
    # Not below the test's own folder, through which only the tester may go.
    place = Path(tempfile.mkdtemp(prefix="readonly-"))
    copy = place / "home"
    try:
        shutil.copytree(home, copy)
        paths = [place, copy, *copy.rglob("*")]
        for path in paths:
            path.chmod(0o500 if path.is_dir() else 0o400)
        as_root = os.geteuid() == 0
        if as_root:
            for path in paths:
                os.chown(path, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield copy
        finally:
            if as_root:
                os.seteuid(0)
            for path in [place, *place.rglob("*")]:
                path.chmod(0o700)
    finally:
        shutil.rmtree(place)
