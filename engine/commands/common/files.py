"""Files that a command writes: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from storage import atomic
from storage.errors import InputError


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write the chunks beside ``path`` and rename; a failure leaves the old file as it was.

    Raises:
        InputError: the file cannot be written there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with atomic.replacing(path, draft) as file:
            file.writelines(chunks)
    except OSError as error:
        draft.unlink(missing_ok=True)
        reason = error.strerror or error
        raise InputError(f"{path} cannot be written ({reason}); choose another place.") from error
