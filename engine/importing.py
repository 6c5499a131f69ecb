"""Import: from files to documents, as a dry run that changes nothing.

`plan` reads everything and says what would come in; whoever confirms hands
``plan.documents_to_add`` to the storage, which adds all of them or none.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine import formats
from engine.formats.base import Options, Problems, Reading, Source, sentence, shorten
from storage.errors import InputError
from storage.hashing import text_hash
from storage.types import Document, Problem, Severity, Span, Split

MAX_BYTES = 50 * 1024 * 1024

# A path, or what a browser uploaded: (name, bytes).
Upload = str | os.PathLike[str] | tuple[str, bytes]

_SPLIT_WORDS = {
    **dict.fromkeys(("train", "training", "trn"), Split.TRAIN),
    **dict.fromkeys(("dev", "development", "valid", "validation", "val", "testa"), Split.DEV),
    **dict.fromkeys(("test", "testing", "tst", "testb"), Split.TEST),
}


@dataclass(frozen=True)
class FilePlan:
    """What one file brings in: its format, its share of the counts and a table's columns."""

    name: str
    format: str
    split: Split
    documents: int
    tokens: int
    spans: int
    scheme: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportPlan:
    """What an import would bring in. ``refused`` plans must not be added."""

    documents_to_add: tuple[Document, ...] = ()
    files: tuple[FilePlan, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def documents(self) -> int:
        return sum(file.documents for file in self.files)

    @property
    def tokens(self) -> int:
        return sum(file.tokens for file in self.files)

    @property
    def spans(self) -> int:
        return sum(file.spans for file in self.files)

    @property
    def scheme(self) -> str | None:
        """The tag scheme, several joined by a comma, None where no file has tags."""
        found = dict.fromkeys(file.scheme for file in self.files if file.scheme)
        return ", ".join(found) or None

    @property
    def overlaps(self) -> bool:
        """Tell whether any document has overlapping spans; a new project must allow them then."""
        return any(_overlap(document) for document in self.documents_to_add)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def refused(self) -> bool:
        return bool(self.errors)

    def check(self) -> None:
        """Raise InputError with the first error in one sentence if the plan is refused."""
        if errors := self.errors:
            more = f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else ""
            raise InputError(sentence(errors[0]) + more)

    def summary(self) -> dict[str, object]:
        """Return the counts and problems as the command line prints them in JSON."""
        return {
            "documents": self.documents,
            "tokens": self.tokens,
            "spans": self.spans,
            "labels": self.labels,
            "scheme": self.scheme,
            "duplicates": self.duplicates,
            "problems": [
                {
                    "severity": str(problem.severity),
                    "file": problem.file,
                    "line": problem.line,
                    "message": problem.message,
                }
                for problem in self.problems
            ],
        }


def plan(
    uploads: Iterable[Upload],
    *,
    format: str = "auto",
    split: Split | str | None = None,
    skip_bad: bool = False,
    options: Options | None = None,
    existing: Collection[str] = frozenset(),
    allow_overlaps: bool = True,
) -> ImportPlan:
    """Read files and uploads as a dry run; raise InputError for an unknown format or split.

    ``existing`` holds the `text_hash` of texts that the project already has; they count
    as duplicates, which are imported all the same. Problems of the files themselves are
    in the plan, never raised.
    """
    chosen = _split(split)
    if format != "auto":
        formats.codec(format)
    seen = dict.fromkeys(existing, "the project")
    documents: list[Document] = []
    files: list[FilePlan] = []
    problems: list[Problem] = []
    duplicates = 0
    for upload in uploads:
        report = Problems(_name(upload), skip_bad)
        reading, codec = _read(upload, format, options or {}, report)
        reading = _without_overlaps(reading, allow_overlaps, report)
        reading = _with_split(reading, chosen or split_of(report.file))
        duplicates += _count_duplicates(reading, seen, report)
        documents += reading.documents
        files.append(_file_plan(report.file, codec, reading, chosen or split_of(report.file)))
        problems += report.listed()
    if not files:
        raise InputError("No file was given; choose at least one file to import.")
    return ImportPlan(
        tuple(documents), tuple(files), _labels(documents), duplicates, tuple(problems)
    )


def split_of(name: str) -> Split:
    """Guess the split from a file name's parts; TRAIN where it names none or several."""
    words = re.findall("[a-z]+", name.lower())
    found = {_SPLIT_WORDS[word] for word in words if word in _SPLIT_WORDS}
    return found.pop() if len(found) == 1 else Split.TRAIN


def _split(value: Split | str | None) -> Split | None:
    try:
        return Split(value) if value else None
    except ValueError as error:
        raise InputError(f"There is no split {value!r}; use train, dev or test.") from error


def _name(upload: Upload) -> str:
    # Browsers and archives may send folders along; "\\" comes from Windows.
    name = upload[0] if isinstance(upload, tuple) else os.fspath(upload)
    return re.split(r"[/\\]", str(name).rstrip("/\\"))[-1]


def _read(
    upload: Upload, format: str, options: Options, report: Problems
) -> tuple[Reading, formats.Codec | None]:
    source = _load(upload, report)
    if source is None:
        return Reading(), None
    if format == "auto" and (foreign := formats.foreign(source)):
        report.refuse(
            f"The file looks like {foreign}, which is not read yet; export it as CoNLL or JSONL."
        )
        return Reading(), None
    codec = formats.guess(source) if format == "auto" else formats.codec(format)
    reading = codec.read(source, options, report)
    if not reading.documents and not report.refused:
        report.refuse("Nothing to label was found in the file; choose a file with text in it.")
    return reading, codec


def _load(upload: Upload, report: Problems) -> Source | None:
    try:
        data = _bytes(upload)
    except IsADirectoryError:
        report.refuse("This is a folder; choose the files inside it.")
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
            return Source(report.file, data)
    return None


def _bytes(upload: Upload) -> bytes:
    if isinstance(upload, tuple):
        return upload[1]
    # One byte more than allowed tells a file that is too large without reading all of it.
    with Path(upload).open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _without_overlaps(reading: Reading, allowed: bool, report: Problems) -> Reading:
    if allowed:
        return reading
    kept = []
    for line, document in zip(reading.lines, reading.documents, strict=True):
        pair = _overlap(document)
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


def _overlap(document: Document) -> tuple[Span, Span] | None:
    last: Span | None = None
    for span in sorted(document.spans):
        if last is not None and span.start < last.end:
            return last, span
        last = span if last is None or span.end > last.end else last
    return None


def _with_split(reading: Reading, split: Split) -> Reading:
    documents = (replace(d, split=d.split or split) for d in reading.documents)
    return replace(reading, documents=tuple(documents))


def _count_duplicates(reading: Reading, seen: dict[str, str], report: Problems) -> int:
    count = 0
    for line, document in zip(reading.lines, reading.documents, strict=True):
        where = seen.setdefault(text_hash(document.text), f"{report.file}, line {line}")
        if where != f"{report.file}, line {line}":
            count += 1
            report.warn(line, f"The text is the same as in {where}.", "duplicate texts")
    return count


def _file_plan(name: str, codec: formats.Codec | None, reading: Reading, split: Split) -> FilePlan:
    return FilePlan(
        name=name,
        format=codec.name if codec else "",
        split=split,
        documents=len(reading.documents),
        tokens=sum(len(document.tokens) for document in reading.documents),
        spans=sum(len(document.spans) for document in reading.documents),
        scheme=reading.scheme,
        columns=reading.columns,
    )


def _labels(documents: Iterable[Document]) -> dict[str, int]:
    counts = Counter(span.label for document in documents for span in document.spans)
    return dict(sorted(counts.items()))
