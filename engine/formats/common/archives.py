"""A zip written piece by piece, with names that no system takes for something else."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator

_MOMENT = (1980, 1, 1, 0, 0, 0)
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')


class _Sink(io.RawIOBase):
    """Takes what the archive writes until it is asked for; there is no going back in it."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._held += data
        return len(data)

    def taken(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        return held


def zipped(members: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield a zip of (name, content), the same bytes whenever it is made."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            member = zipfile.ZipInfo(name, _MOMENT)
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
            yield sink.taken()
    yield sink.taken()


def member_name(number: int, name: str, extension: str) -> str:
    """Return a member's name: its number, and what is left of a document's name."""
    stem = _UNFIT.sub("_", re.split(r"[/\\]", name)[-1]).strip(". ")
    stem = stem.removesuffix(extension)[:60]
    return f"{number:06}-{stem}{extension}" if stem else f"{number:06}{extension}"
