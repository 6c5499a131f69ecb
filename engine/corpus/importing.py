"""Import: from files to documents, as a dry run that changes nothing.

`plan` reads everything and says what would come in; whoever confirms hands
``plan.documents_to_add`` to the storage, which adds all of them or none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from engine import formats, tasks
from engine.corpus.import_plan import FilePlan, ImportPlan, Place, counts, labels_of, overlap
from engine.formats.common.base import InputFile, Options, Problems, Reading, shorten
from engine.formats.common.shape import Shape
from engine.formats.common.splits import split_in
from storage.errors import InputError
from storage.hashing import document_hash
from storage.types import Document, Problem, Severity, Split, Task

MAX_BYTES = 50 * 1024 * 1024

# A path, or what a browser uploaded: (name, bytes).
Upload = str | os.PathLike[str] | tuple[str, bytes]


def plan(
    uploads: Iterable[Upload],
    *,
    format: str = "auto",
    split: Split | str | None = None,
    skip_bad: bool = False,
    options: Options | None = None,
    existing: Collection[str] = frozenset(),
    allow_overlaps: bool = True,
    allow_duplicates: bool = True,
    task: str = Task.SPANS,
) -> ImportPlan:
    """Read files and uploads as a dry run; raise InputError for an unknown format or split.

    ``existing`` holds the `document_hash` of documents that the project already has; they count
    as duplicates. Without ``allow_duplicates`` a plan that consists mostly of these is
    refused, until somebody says that it is meant. Problems of the files themselves are in
    the plan, never raised.
    """
    chosen, shape = _split(split), Shape.of(tasks.get(task))
    if format != "auto":
        formats.codec(format, shape)
    seen = dict.fromkeys(existing, "the project")
    documents: list[Document] = []
    places: list[Place] = []
    files: list[FilePlan] = []
    problems: list[Problem] = []
    duplicates = 0
    for upload in uploads:
        report = Problems(_name(upload), skip_bad)
        reading, codec = _read(upload, format, shape, options or {}, report)
        reading = _without_overlaps(reading, allow_overlaps, report)
        reading = _with_split(reading, chosen or split_of(report.file))
        duplicates += _count_duplicates(reading, seen, report)
        documents += reading.documents
        places += [(len(files), line) for line in reading.lines]
        files.append(_file_plan(report.file, codec, reading, chosen or split_of(report.file)))
        problems += report.listed()
    if not files:
        raise InputError("No file was given; choose at least one file to import.")
    if not allow_duplicates and 2 * duplicates > len(documents):
        problems.insert(0, _ask_about_duplicates(duplicates, len(documents), files))
    return ImportPlan(
        documents_to_add=tuple(documents),
        places=tuple(places),
        files=tuple(files),
        labels=labels_of(documents),
        duplicates=duplicates,
        problems=tuple(problems),
        skip_bad=skip_bad,
        shape=shape,
    )


def split_of(name: str) -> Split:
    """Guess the split from a file name's parts; TRAIN where it names none or several."""
    return split_in(name) or Split.TRAIN


def _split(value: Split | str | None) -> Split | None:
    try:
        return Split(value) if value else None
    except ValueError as error:
        raise InputError(f"There is no split {value!r}; use train, dev or test.") from error


class _NoFileError(Exception):
    """What was given is neither a file nor a folder."""


def _name(upload: Upload) -> str:
    # Browsers and archives may send folders along; "\\" comes from Windows.
    name = upload[0] if isinstance(upload, tuple) else os.fspath(upload)
    last = re.split(r"[/\\]", str(name).rstrip("/\\"))[-1]
    # What is no UTF-8 in a file's name reaches Python as halves of surrogate pairs.
    return re.sub("[\ud800-\udfff]", "\ufffd", last)


def _read(
    upload: Upload, format: str, shape: Shape, options: Options, report: Problems
) -> tuple[Reading, formats.Codec | None]:
    source = _load(upload, report)
    if source is None:
        return Reading(), None
    if format == "auto" and (foreign := formats.foreign(source)):
        report.refuse(
            f"The file looks like {foreign}, which is not read yet; export it as CoNLL or JSONL."
        )
        return Reading(), None
    auto = format == "auto"
    codec = formats.guess(source, shape) if auto else formats.codec(format, shape)
    reading = codec.read(source, options, report)
    if not reading.documents and not report.refused:
        report.refuse("Nothing to label was found in the file; choose a file with text in it.")
    return reading, codec


def _load(upload: Upload, report: Problems) -> InputFile | None:
    try:
        data = _bytes(upload)
    except IsADirectoryError:
        report.refuse("This is a folder; choose the files inside it.")
    except _NoFileError:
        report.refuse("This is a pipe or a device and no file; save what it gives as a file.")
    except FileNotFoundError:
        report.refuse("The file does not exist; check its name.")
    except OSError as error:
        report.refuse(f"The file cannot be read ({error.strerror}); check its permissions.")
    else:
        # Byte order marks and blanks alone are nothing to import either.
        if len(data) > MAX_BYTES:
            limit = MAX_BYTES // 1024**2
            report.refuse(f"The file is larger than {limit} MB; split it into smaller files.")
        elif not data.removeprefix(b"\xef\xbb\xbf").strip():
            report.refuse("The file is empty; choose a file with text in it.")
        else:
            return InputFile(report.file, data)
    return None


def _bytes(upload: Upload) -> bytes:
    if isinstance(upload, tuple):
        return upload[1]
    path = Path(upload)
    # A pipe would be waited for without end.
    if path.exists() and not path.is_file() and not path.is_dir():
        raise _NoFileError
    # One byte more than allowed tells a file that is too large without reading all of it.
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _without_overlaps(reading: Reading, allowed: bool, report: Problems) -> Reading:
    if allowed:
        return reading
    kept = []
    for line, document in zip(reading.lines, reading.documents, strict=True):
        pair = overlap(document)
        if pair is None:
            kept.append((line, document))
            continue
        first, second = (shorten(document.text[span.start : span.end]) for span in pair)
        report.drop(
            line,
            f'The spans "{first}" and "{second}" overlap, which this project forbids',
            "allow overlaps in the project's settings",
        )
    return replace(
        reading,
        lines=tuple(line for line, _ in kept),
        documents=tuple(document for _, document in kept),
    )


def _with_split(reading: Reading, split: Split) -> Reading:
    documents = (replace(d, split=d.split or split) for d in reading.documents)
    return replace(reading, documents=tuple(documents))


def _count_duplicates(reading: Reading, seen: dict[str, str], report: Problems) -> int:
    count = 0
    for line, document in zip(reading.lines, reading.documents, strict=True):
        where = seen.setdefault(document_hash(document), f"{report.file}, line {line}")
        if where != f"{report.file}, line {line}":
            count += 1
            what = "pair" if document.second_text is not None else "text"
            report.warn(line, f"The {what} is the same as in {where}.", "duplicate texts")
    return count


def _ask_about_duplicates(duplicates: int, documents: int, files: list[FilePlan]) -> Problem:
    message = (
        f"{duplicates:,} of {documents:,} texts are the same as another one, here or in the "
        "project; check that the right format and columns were taken and that the file is not "
        "in the project already."
    )
    file = max(files, key=lambda file: file.documents).name
    return Problem(Severity.ERROR, file, 0, message, "allow_duplicates")


def _file_plan(name: str, codec: formats.Codec | None, reading: Reading, split: Split) -> FilePlan:
    return FilePlan(
        name=name,
        format=codec.name if codec else "",
        split=split,
        scheme=reading.scheme,
        columns=reading.columns,
        **counts(reading.documents),
    )
