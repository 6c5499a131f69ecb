"""A codec at work: what it reads of bytes, and what it writes and reads again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.formats import Codec, InputFile, Writer
from engine.formats.common.problems import Problems
from storage.types import Document, Severity


@dataclass(frozen=True)
class Found:
    """What came of a file: its documents, what was said, and what of it refuses the file."""

    documents: tuple[Document, ...]
    said: list[str]
    errors: list[str]


def read(
    codec: Codec,
    content: bytes | Path,
    name: str = "x",
    options: Mapping[str, Any] | None = None,
    skip_bad: bool = False,
) -> Found:
    """Read one file, or a zip of files, to its end."""
    source = InputFile(name, content)
    if zipfile.is_zipfile(source.open()) and b"[Content_Types].xml" not in source.data:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            members = [InputFile(each, archive.read(each)) for each in archive.namelist()]
        source = InputFile(name, b"", tuple(members))
    problems = Problems(name, skip_bad)
    documents = codec.read(source, options or {}, problems).documents
    errors = [each.message for each in problems.found if each.severity is Severity.ERROR]
    return Found(documents, [each.message for each in problems.found], errors)


def written(
    codec: Writer, documents: Iterable[Document], options: Mapping[str, Any] | None = None
) -> tuple[bytes, list[str]]:
    """Return a file and what was said of its losses."""
    problems = Problems("x")
    data = b"".join(codec.write(documents, options or {}, problems))
    return data, [each.message for each in problems.listed()]
