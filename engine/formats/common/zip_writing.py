"""A ZIP archive as a stream: what is packed goes out at once, under names that all systems take."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator

# The same archive at any time, so that two exports can be compared.
MOMENT = (1980, 1, 1, 0, 0, 0)
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')


class _Out(io.RawIOBase):
    """Takes bytes until they are taken from it; it cannot go back."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._held += part
        return len(part)

    def taken(self) -> bytes:
        found = bytes(self._held)
        self._held.clear()
        return found


def pack(files: Iterable[tuple[str, bytes | Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield an archive of (name, content, whole or in pieces) piece by piece, as they come."""
    out = _Out()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name, MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            if isinstance(content, bytes):
                archive.writestr(info, content)
            else:
                # Nobody knows yet whether it stays below 2 GiB.
                with archive.open(info, "w", force_zip64=True) as member:
                    for piece in content:
                        member.write(piece)
                        yield out.taken()
            yield out.taken()
    yield out.taken()


def member_name(number: int, name: str, extension: str) -> str:
    """Return a member's name: its number, and what is left of a document's name."""
    stem = _UNFIT.sub("_", re.split(r"[/\\]", name)[-1]).strip(". ")
    stem = stem.removesuffix(extension)[:60]
    return f"{number:06}-{stem}{extension}" if stem else f"{number:06}{extension}"
