"""Import: from files to staged documents, as a dry run that changes nothing.

`plan` streams through everything, keeps what is good apart in a stage, and says what would come
in; whoever confirms hands ``plan.stage`` to the storage, which adds all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from engine import formats, tasks
from engine.corpus import beside
from engine.corpus import uploads as uploading
from engine.corpus.beside import Beside
from engine.corpus.import_plan import FilePlan, ImportPlan
from engine.corpus.readers import apart
from engine.corpus.readers.reader import Reader
from engine.corpus.uploads import Upload
from engine.formats import archives
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from engine.formats.common.splits import split_in
from storage.corpus.drafting import Batch, Tally
from storage.corpus.staged_rows import Repeated
from storage.corpus.staging import Known, Stage
from storage.errors import InputError
from storage.types import Problem, Severity, Split, Task

# So often is told how far an import is, in documents.
_TOLD = 2_000


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a dry run is: documents that were read, and bytes of all that there are."""

    documents: int
    bytes: int
    of: int


Progress = Callable[[Advance], None]
"""Is told so again and again; what it raises ends the import, and nothing is left of it."""


def plan(
    uploads: Iterable[Upload],
    *,
    format: str = "auto",
    split: Split | str | None = None,
    skip_bad: bool = False,
    options: Options | None = None,
    known: Known | None = None,
    allow_overlaps: bool = True,
    allow_duplicates: bool = True,
    task: str = Task.SPANS,
    negatives: int = 0,
    seed: int = 13,
    progress: Progress | None = None,
) -> ImportPlan:
    """Read files and uploads as a dry run; raise InputError for an unknown format or split.

    ``known`` tells which documents the project has already; they count as duplicates. Without
    ``allow_duplicates`` a plan that consists mostly of these is refused, until somebody says
    that it is meant. ``negatives`` are made for each positive pair (see
    `engine.corpus.negatives`). Problems of the files themselves are in the plan, never raised.
    Close ``plan.stage`` when it is no longer wanted.
    """
    chosen, found = _split(split), tasks.get(task)
    shape = Shape.of(found)
    beside.check(negatives, found)
    if format != "auto":
        formats.codec(format, shape)
    stage = Stage(task, shape.several if shape.whole else allow_overlaps, known)
    made = Beside(found, negatives, seed)
    run = _DryRun(stage, format, shape, chosen, options or {}, made, progress)
    try:
        for report, source in _gather(uploads, shape, skip_bad):
            run.read(report, source)
        return run.planned(skip_bad, allow_duplicates)
    except BaseException:
        stage.close()
        raise


@dataclass
class _DryRun:
    """One pass over all files: what is good goes to the stage, the rest to the reports."""

    stage: Stage
    format: str
    shape: Shape
    split: Split | None
    options: Options
    negatives: Beside
    progress: Progress | None
    reports: list[Problems] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    sources: list[InputFile] = field(default_factory=list)
    told: int = 0

    def read(self, report: Problems, source: InputFile | None) -> None:
        """Stage the documents of one file, or of several that mean one thing."""
        number = len(self.reports)
        self.reports.append(report)
        split = self.split or split_of(report.file)
        reader = Reader(source, self.format, self.shape, self.options, report, number, split)
        if source is not None:
            self.sources += [source, *source.members]
            if apart.is_worth(source) and self.negatives.task.fitting is None:
                reader = self._read_apart(reader, source)
            else:
                self._read_here(reader)
        self.readers.append(reader)

    def _read_here(self, reader: Reader) -> None:
        def rows(reading: Reading) -> Iterable[Row]:
            return self.negatives.beside(reading, self.stage.seen, reader.report)

        for batch in reader.read(self.stage.drafts, rows):
            self._take(batch)

    def _read_apart(self, reader: Reader, source: InputFile) -> Reader:
        report = self.reports[-1] = Problems(reader.report.file, reader.report.skip_bad)
        with apart.Process(reader, self.stage.drafts) as process:
            for read, batch in process:
                source.meter.bytes = read
                self.stage.drafts.documents += len(batch[0])
                self._take(batch)
        report.follow(process.reader.report)
        self.stage.drafts = process.drafts
        return process.reader

    def _take(self, batch: Batch) -> None:
        self._tell(self.stage.take(batch))
        if self.progress and self.stage.documents - self.told >= _TOLD:
            self.told = self.stage.documents
            self.progress(self._advance())

    def _advance(self) -> Advance:
        sizes = [each.size for each in self.sources]
        read = sum(
            min(each.meter.bytes, size) for each, size in zip(self.sources, sizes, strict=True)
        )
        return Advance(self.stage.documents, read, sum(sizes))

    def _tell(self, repeated: Iterable[Repeated]) -> None:
        for place, of, is_pair, leaks in repeated:
            where = "the project"
            if of is not None:
                where = f"{self.reports[of.file].file}, line {of.line}"
            what = "pair" if is_pair else "text"
            message, kind = f"The {what} is the same as in {where}.", "duplicate texts"
            if leaks:
                message, kind = f"{message[:-1]}, in another split.", "duplicates across splits"
            self.reports[place.file].warn(place.line, message, kind)

    def planned(self, skip_bad: bool, allow_duplicates: bool) -> ImportPlan:
        """Return what would come in."""
        if not self.reports:
            raise InputError("No file was given; choose at least one file to import.")
        stage = self.stage
        self._tell(stage.finish())
        files = tuple(self._files())
        problems = [problem for report in self.reports for problem in report.listed()]
        if not allow_duplicates and 2 * stage.repeated > stage.documents:
            problems.insert(0, _ask_about_duplicates(stage, self.shape, files))
        if self.shape.second and (leaking := stage.leaks()):
            problems.append(Problem(Severity.WARNING, files[-1].name, 0, _leaking(leaking)))
        return ImportPlan(
            stage=stage,
            files=files,
            labels=dict(sorted(stage.label_counts.items())),
            duplicates=stage.repeated,
            leaking=stage.leaking,
            problems=tuple(problems),
            skip_bad=skip_bad,
            shape=self.shape,
            sampled=self.negatives.sampled,
            mined=self.negatives.mined,
        )

    def _files(self) -> Iterator[FilePlan]:
        for number, reader in enumerate(self.readers):
            tally = self.stage.tallies.get(number, Tally())
            yield FilePlan(
                name=self.reports[number].file,
                format=reader.codec,
                split=reader.split,
                scheme=reader.reading.scheme,
                encoding=reader.encoding,
                columns=reader.reading.columns,
                documents=tally.documents,
                tokens=tally.tokens,
                spans=tally.spans,
            )


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
        source = uploading.load(upload, report)
        if source is None or not source.members or _together(source, shape):
            files.append((report, source))
            continue
        for member in source.members:
            files.append((Problems(member.name, skip_bad), member))
    given = tuple(source for _, source in files if source is not None and not source.members)
    joined = InputFile(" + ".join(each.name for each in given)[:200], b"", given)
    if len(given) == len(files) > 1 and _together(joined, shape):
        files = [(Problems(joined.name, skip_bad), joined)]
    yield from files


def _together(source: InputFile, shape: Shape) -> bool:
    try:
        return formats.together(source, shape)
    except archives.ArchiveError:
        # Whichever of its files is damaged says so itself when it is read.
        return False


def _leaking(pairs: int) -> str:
    return (
        f"{pairs:,} pairs of dev or test have a first text that is in train with another second "
        "text: what is learned of it makes figures too good. Give all pairs of a first text one "
        "split."
    )


def _ask_about_duplicates(stage: Stage, shape: Shape, files: Collection[FilePlan]) -> Problem:
    noun = "pair" if shape.second else "text"
    message = (
        f"{stage.repeated:,} of {stage.documents:,} {noun}s are the same as another one, here or "
        "in the project; check that the right format and columns were taken and that the file is "
        "not in the project already."
    )
    file = max(files, key=lambda file: file.documents).name
    return Problem(Severity.ERROR, file, 0, message, "allow_duplicates")
