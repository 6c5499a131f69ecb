"""Import: from files to documents, as a dry run that changes nothing.

`plan` reads everything and says what would come in; whoever confirms hands
``plan.documents_to_add`` to the storage, which adds all of them or none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from engine import formats, tasks
from engine.corpus import leaks
from engine.corpus import negatives as against
from engine.corpus import uploads as uploading
from engine.corpus.import_plan import FilePlan, ImportPlan, Place, counts, labels_of, overlap
from engine.corpus.uploads import Upload
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from engine.formats.common.splits import split_in
from engine.tasks.base import Task as TaskObject
from storage.errors import InputError
from storage.hashing import document_hash
from storage.types import Document, Problem, Severity, Split, Task

ONLY_POSITIVE = (
    "All pairs fit, so there is nothing to tell apart: have pairs made that nobody chose, some at "
    "random and some among the most alike."
)

A_LOG = (
    "No pair has an answer yet. If they are a log of what people chose, each of them fits: have "
    "pairs made that nobody chose, to stand against them."
)


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
    negatives: int = 0,
    seed: int = 13,
) -> ImportPlan:
    """Read files and uploads as a dry run; raise InputError for an unknown format or split.

    ``existing`` holds the `document_hash` of documents that the project already has; they count
    as duplicates. Without ``allow_duplicates`` a plan that consists mostly of these is
    refused, until somebody says that it is meant. ``negatives`` are made for each positive pair
    (see `engine.corpus.negatives`). Problems of the files themselves are in
    the plan, never raised.
    """
    chosen, shape = _split(split), Shape.of(tasks.get(task))
    _check_negatives(negatives, tasks.get(task))
    if format != "auto":
        formats.codec(format, shape)
    seen = dict.fromkeys(existing, "the project")
    documents: list[Document] = []
    places: list[Place] = []
    files: list[FilePlan] = []
    problems: list[Problem] = []
    duplicates, drawn = 0, []
    for report, source in _gather(uploads, shape, skip_bad):
        reading, codec = _read(source, format, shape, options or {}, report)
        reading = _without_overlaps(reading, allow_overlaps, report)
        reading = _with_split(reading, chosen or split_of(report.file))
        duplicates += _count_duplicates(reading, seen, report)
        reading, made = _against(reading, negatives, tasks.get(task), seen, seed, report)
        drawn.append(made)
        documents += reading.documents
        places += [(len(files), line) for line in reading.lines]
        files.append(_file_plan(report.file, codec, reading, chosen or split_of(report.file)))
        problems += report.listed()
    if not files:
        raise InputError("No file was given; choose at least one file to import.")
    if not allow_duplicates and 2 * duplicates > len(documents):
        noun = "pair" if shape.second else "text"
        problems.insert(0, _ask_about_duplicates(duplicates, len(documents), f"{noun}s", files))
    problems += _leaking(documents, files)
    return ImportPlan(
        documents_to_add=tuple(documents),
        places=tuple(places),
        files=tuple(files),
        labels=labels_of(documents),
        duplicates=duplicates,
        problems=tuple(problems),
        skip_bad=skip_bad,
        shape=shape,
        sampled=sum(each.sampled for each in drawn),
        mined=sum(each.mined for each in drawn),
    )


def _check_negatives(count: int, task: TaskObject) -> None:
    if not 0 <= count <= against.MOST:
        raise InputError(f"Negatives are 0 to {against.MOST} for each pair, not {count}.")
    if count and task.fitting is None:
        raise InputError("Negatives are for pairs of texts: leave them out here.")


def _against(
    reading: Reading,
    count: int,
    task: TaskObject,
    seen: Mapping[str, str],
    seed: int,
    report: Problems,
) -> tuple[Reading, against.Made]:
    """Put negatives behind the positive pairs; say so where there is only one answer."""
    answers = {span.label for document in reading.documents for span in document.spans}
    fitting = task.fitting
    if fitting is None or not reading.documents:
        return reading, against.Made(())
    fits = {label for label in answers if fitting.grade(label)}
    if not count:
        if not answers - fits:
            report.warn(0, ONLY_POSITIVE if answers else A_LOG, option="negatives")
        return reading, against.Made(())
    yes, no = fitting.answers(sorted(answers))
    made = against.add(
        reading.documents,
        count,
        fits=fits,
        yes=yes,
        no=no,
        seconds=reading.seconds,
        known=seen.keys(),
        seed=seed,
    )
    lines = iter(reading.lines)
    line, placed = 0, []
    for document in made.documents:
        line = line if _is_made(document) else next(lines)
        placed.append(line)
    return replace(reading, rows=list(zip(placed, made.documents, strict=True))), made


def _is_made(document: Document) -> bool:
    return document.layout.get("format") == "negatives"


def split_of(name: str) -> Split:
    """Guess the split from a file name's parts; TRAIN where it names none or several."""
    return split_in(name) or Split.TRAIN


def _split(value: Split | str | None) -> Split | None:
    try:
        return Split(value) if value else None
    except ValueError as error:
        raise InputError(f"There is no split {value!r}; use train, dev or test.") from error


def _gather(
    uploads: Iterable[Upload], shape: Shape, skip_bad: bool
) -> Iterator[tuple[Problems, InputFile | None]]:
    """Yield what was given, each with what is said of it.

    Files that mean one thing together come as one; the files of other folders and archives come
    one by one.
    """
    files: list[tuple[Problems, InputFile | None]] = []
    for upload in uploads:
        report = Problems(uploading.name_of(upload), skip_bad)
        source = uploading.load(upload, report, folders=shape.whole)
        if source is None or not source.members or formats.together(source, shape):
            files.append((report, source))
            continue
        for member in source.members:
            files.append((Problems(member.name, skip_bad), member))
    given = tuple(source for _, source in files if source is not None and not source.members)
    joined = InputFile(" + ".join(each.name for each in given)[:200], b"", given)
    if len(given) == len(files) > 1 and formats.together(joined, shape):
        files = [(Problems(joined.name, skip_bad), joined)]
    yield from files


def _read(
    source: InputFile | None, format: str, shape: Shape, options: Options, report: Problems
) -> tuple[Reading, formats.Codec | None]:
    if source is None:
        return Reading(), None
    auto = format == "auto" or bool(source.members)
    if auto and (foreign := formats.foreign(source)):
        report.refuse(
            f"The file looks like {foreign}, which is not read yet; export it as CoNLL or JSONL."
        )
        return Reading(), None
    codec = formats.guess(source, shape) if auto else formats.codec(format, shape)
    source = replace(source, encoding=str(options.get("encoding") or ""))
    reading = codec.read(source, options, report)
    reading = replace(reading, rows=list(reading.rows))
    if source.found.is_guess:
        report.warn(
            source.found.line,
            f"The file is not UTF-8 and was read as {source.found.title}; check that all letters "
            "are right.",
            option="encoding",
        )
    if not reading.documents and not report.refused:
        report.refuse("Nothing to label was found in the file; choose a file with text in it.")
    return reading, codec


def _without_overlaps(reading: Reading, allowed: bool, report: Problems) -> Reading:
    if allowed:
        return reading
    kept: list[Row] = []
    for line, document in reading.rows:
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
    return replace(reading, rows=kept)


def _with_split(reading: Reading, split: Split) -> Reading:
    rows = [(line, replace(d, split=d.split or split)) for line, d in reading.rows]
    return replace(reading, rows=rows)


def _count_duplicates(reading: Reading, seen: dict[str, str], report: Problems) -> int:
    count = 0
    for line, document in reading.rows:
        where = seen.setdefault(document_hash(document), f"{report.file}, line {line}")
        if where != f"{report.file}, line {line}":
            count += 1
            what = "pair" if document.second_text is not None else "text"
            report.warn(line, f"The {what} is the same as in {where}.", "duplicate texts")
    return count


def _leaking(documents: Sequence[Document], files: Sequence[FilePlan]) -> Iterator[Problem]:
    """Say where a first text of dev or test has other pairs in train: its figures flatter."""
    others = [each for each in documents if each.split in (Split.DEV, Split.TEST)]
    found = leaks.find((each for each in documents if each.split is Split.TRAIN), others)
    if found.firsts:
        message = (
            f"{len(found.firsts):,} pairs of dev or test have a first text that is in train with "
            "another second text: what is learned of it makes figures too good. Give all pairs of "
            "a first text one split."
        )
        yield Problem(Severity.WARNING, files[-1].name, 0, message)


def _ask_about_duplicates(
    duplicates: int, documents: int, noun: str, files: list[FilePlan]
) -> Problem:
    message = (
        f"{duplicates:,} of {documents:,} {noun} are the same as another one, here or in the "
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
