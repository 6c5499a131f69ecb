"""How one file, or several that mean one thing, is read: its format told, its documents drafted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from engine import formats
from engine.formats import archives
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from storage.corpus.drafting import Batch, Drafts
from storage.corpus.staged_rows import Place
from storage.engines.queries import CHUNK
from storage.errors import InputError
from storage.types import Split

_UNPACK = "unpack it, and give the files in it, or it by itself."


@dataclass
class Reader:
    """Reads a file once; ``reading``, ``codec`` and ``encoding`` are known from then on."""

    source: InputFile | None
    format: str
    shape: Shape
    options: Options
    report: Problems
    number: int
    split: Split
    reading: Reading = field(default_factory=Reading)
    codec: str = ""
    encoding: str = ""

    def read(
        self, drafts: Drafts, rows: Callable[[Reading], Iterable[Row]] = lambda found: found.rows
    ) -> Iterator[Batch]:
        """Draft the documents and yield them in batches; the last ones stay in ``drafts``.

        What is wrong goes to the report. ``rows`` are those of a reading, with what comes beside.
        """
        before = drafts.documents
        try:
            self._open()
            for line, document in rows(self.reading):
                try:
                    drafts.add(document, Place(self.number, line), self.split)
                except InputError as error:
                    self.report.drop(line, str(error).rstrip("."))
                    continue
                if len(drafts) >= CHUNK:
                    yield drafts.taken()
        except archives.ArchiveError as error:
            self.report.refuse(str(error))
        if self.codec and drafts.documents == before and not self.report.refused:
            self.report.refuse(
                "Nothing to label was found in the file; choose a file with text in it."
            )

    def read_out(self) -> Reader:
        """Return what is left of it once all is read, which can be sent."""
        return replace(self, reading=replace(self.reading, rows=()))

    def _open(self) -> None:
        if self.source is None:
            return
        encoding = str(self.options.get("encoding") or "")
        members = tuple(replace(each, encoding=encoding) for each in self.source.members)
        source = replace(self.source, encoding=encoding, members=members)
        auto = self.format == "auto" or bool(source.members)
        if reason := _unfit(source, self.shape, auto):
            self.report.refuse(reason)
            return
        if auto:
            codec = formats.guess(source, self.shape)
        else:
            codec = formats.codec(self.format, self.shape)
        self.reading = codec.read(source, self.options, self.report)
        self.codec = codec.name
        is_text = not source.members and bool(source.found.name)
        self.encoding = source.found.title if is_text else ""


def _unfit(source: InputFile, shape: Shape, auto: bool) -> str:
    """Say why nothing of a file, or of several, is read, and what to do; "" where it is."""
    for each in source.members or (source,):
        inside = not source.members or each.name.lower().endswith(".zip")
        if inside and archives.is_closed(each):
            return f"{each.name} is a ZIP archive in another one or in a folder: {_UNPACK}"
    if not auto:
        return ""
    if foreign := formats.foreign(source):
        return f"The file looks like {foreign}, which is not read yet; export it as CoNLL or JSONL."
    if parts := formats.of_parts(source, shape):
        return (
            f"The file is {parts} and labels parts of texts, not whole texts: import it into a "
            "project of spans, or choose its format yourself."
        )
    return ""
