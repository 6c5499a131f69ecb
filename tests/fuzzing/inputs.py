"""What a fuzzer changes of a file: the bytes that a reader parses, not those that pack them.

Archives and compressed files would be refused for their checksums after nearly every change. So
a fuzzer gets what is inside, and it is packed anew: an archive as a bundle, names and contents in
turn, with a separator between.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.engine.corpora import SHARED
from tests.engine.formats.conformance import expected
from tests.engine.formats.test_fuzzing import seed

SEPARATOR = b"\n\x1e\n"
MOST_SEED_BYTES = 16_384


@dataclass(frozen=True)
class Packing:
    """How the bytes that are fuzzed become a file, and a file those bytes."""

    pack: Callable[[bytes], bytes]
    unpack: Callable[[bytes], bytes]


def bundled(archive: bytes) -> bytes:
    """Write an archive's files one after the other."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        parts = [part for name in opened.namelist() for part in (name.encode(), opened.read(name))]
    return SEPARATOR.join(parts)


def zipped(bundle: bytes) -> bytes:
    """Make an archive of a bundle; a name that comes twice counts once."""
    parts = bundle.split(SEPARATOR)
    files = dict(zip(parts[::2], [*parts[1::2], b""], strict=False))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            # ZipInfo ends a name at NUL, and a header's length of it has 16 bits.
            place = name.decode("utf-8", "replace").replace("\0", "") or "x"
            archive.writestr(zipfile.ZipInfo(place[:1_000]), content)
    return packed.getvalue()


AS_IT_IS = Packing(bytes, bytes)
ARCHIVE = Packing(zipped, bundled)
DEFLATED = Packing(zlib.compress, zlib.decompress)


def packing(file: bytes) -> Packing:
    """Tell by how a file begins in what its content is packed."""
    if file.startswith(b"PK\x03\x04"):
        return ARCHIVE
    return DEFLATED if file.startswith(b"\x78\x9c") else AS_IT_IS


def seeds(task: str, name: str) -> Iterator[bytes]:
    """Yield a file of our own writer, and small ones of other tools where the samples are here."""
    yield seed(task, name)[1]
    for line in expected():
        path = SHARED / line.path
        fits = line.format == name and (line.task == task or line.task != "spans" != task)
        if fits and path.is_file() and path.stat().st_size <= MOST_SEED_BYTES:
            yield path.read_bytes()
