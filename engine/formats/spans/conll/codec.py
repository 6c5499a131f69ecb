"""CoNLL: one token a row, its tag in one of the columns, a blank line after each sentence.

A column that numbers the sentences may stand for the blank lines, and commas for tabs.

An unedited document goes out byte for byte as it came in; an edited one keeps all but
its tags, which are written in the file's own scheme.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.encoding.tokens import join_tokens
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile, TextTooLongError, lines_of
from engine.formats.spans.conll import blocks as conll_blocks
from engine.formats.spans.conll import rows as conll_rows
from engine.formats.spans.conll.columns import Found, Places
from engine.formats.spans.conll.rows import Block, Line
from engine.tasks.spans.tagging import schemes
from engine.tasks.spans.tagging.schemes import Scheme
from storage.errors import InputError
from storage.types import Document, Status

_BOM = "\ufeff"
# Lines that are no rows, by what they are.
_BESIDE = {
    "between": "Rows that number several words (3-4) or none (8.1) are no words",
    "comment": "Lines that begin with # and have no tag are kept as comments",
}
# So many words are no sentence.
_MANY_ROWS = 500
_ONE_TEXT = (
    "Nothing parts the {words:,} rows into sentences, so they are one text: put a blank line after "
    "each sentence, or a column that numbers them."
)


class Conll:
    """CoNLL with two or more columns.

    Read options ``word_column`` and ``tag_column``: a name or a number from 1; what is absent
    is found in the content. Write option ``layout``: "own" (default) or "plain".
    """

    name = "conll"
    title = "CoNLL (token and tag columns)"
    extensions = (".conll", ".iob", ".iob2", ".bio", ".bioes", ".bmes", ".conllu")
    cannot_hold = (
        "It holds words and not the spaces between them, of overlapping spans the longest, and no "
        "border inside of a word."
    )

    def sniff(self, source: InputFile) -> float:
        """Count the rows that end in a tag; the extension only settles a doubt.

        Numbered words are no lines of text either: what they lack is said when they are read.
        """
        head = list(conll_rows.split_lines(source.head))
        separator = conll_rows.separator_of(head)
        found = conll_rows.find(head, separator)
        if separator == "," and found.places.sentence is None and not _has_blank(head):
            # A table of words in which nothing parts the sentences: a table says what it lacks.
            return 0.0
        rows = list(conll_rows.only_rows(conll_rows.scan(head, separator, found.places)))
        tagged = sum(row.columns > 1 and not schemes.fault(row.tag) for row in rows)
        share = tagged / len(rows) if rows else 0.0
        # A text may begin or end with its number; words stand below each other.
        apart = separator == "\t" or _has_blank(head)
        numbered = found.places.number is not None and apart
        likely = source.name.lower().endswith(self.extensions) or numbered
        return max(0.95 * share, 0.5 * likely)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read every sentence as a finished document with the layout to write it back.

        The scheme is told from the tags of the whole file, in a first pass over it.
        """
        quiet = Problems(source.name)
        head = conll_rows.first_lines(lines_of(source, quiet))
        separator = conll_rows.separator_of(head)
        chosen = [options.get("word_column"), options.get("tag_column")]
        try:
            found = conll_rows.find(head, separator, *chosen)
        except InputError as error:
            problems.refuse(str(error), 1)
            return Reading(columns=conll_rows.find(head, separator).columns)
        survey = _Survey()
        lines = conll_rows.scan(lines_of(source, quiet), separator, found.places)
        try:
            detection = schemes.detect(survey.sentences(lines, found.places.columns))
        except TextTooLongError as error:
            problems.refuse(str(error))
            return Reading(columns=found.columns)
        if quiet.refused:
            # What is no text has no columns either.
            problems.found += quiet.found
            return Reading()
        if not survey.has_tags:
            _refuse_untagged(survey, found, problems)
            return Reading(columns=found.columns)
        _say_what_was_taken(survey, found, problems)
        layout = {
            "format": self.name,
            "scheme": str(detection.scheme),
            "separator": separator,
            "columns": found.places.columns,
            **found.places.kept(),
        }
        lines = conll_rows.scan(lines_of(source, problems), separator, found.places)
        good = _good_lines(lines, found.places.columns, detection, problems)
        rows = _rows(good, layout, source, survey.has_sections, problems)
        scheme = "IO" if found.places.bare else str(detection.scheme)
        return Reading(rows, scheme, columns=found.columns)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield the documents' blocks, with a blank line where two would run together."""
        plain = options.get("layout", "own") == "plain"
        layouts = set()
        before = ""
        for document in documents:
            layout = conll_blocks.layout_of(document, plain)
            block = conll_blocks.block_of(document, layout, problems)
            if not block:
                continue
            mark = _BOM if layout.get("bom") and not before else ""
            yield (mark + conll_blocks.gap(before, block, layout) + block).encode("utf-8")
            before = block
            layouts.add((layout["scheme"], layout["separator"], Places.of(layout)))
        if len(layouts) > 1:
            problems.warn(
                0,
                "The documents came from files with different columns or tag schemes and each "
                "kept its own; choose the plain layout to write all of them alike.",
            )


@dataclass
class _Survey:
    """What the first pass over a file has seen."""

    has_tags: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    firsts: dict[str, int] = field(default_factory=dict)

    @property
    def has_sections(self) -> bool:
        return "docstart" in self.counts

    def sentences(self, lines: Iterable[Line], columns: int) -> Iterator[list[str]]:
        """Yield the tags of each sentence, without its bad rows."""
        good = (line for line in lines if self._see(line, columns))
        return (_tags(block) for block in conll_rows.blocks(good))

    def _see(self, line: Line, columns: int) -> bool:
        self.counts[line.kind] = self.counts.get(line.kind, 0) + 1
        self.firsts.setdefault(line.kind, line.number)
        if line.kind != "row":
            return True
        self.has_tags = self.has_tags or (line.columns > 1 and not schemes.fault(line.tag))
        return not _fault(line, columns)


def _has_blank(lines: Iterable[str]) -> bool:
    return any(not line.strip() for line in lines)


def _refuse_untagged(survey: _Survey, found: Found, problems: Problems) -> None:
    line = survey.firsts.get("row", 0)
    if len(found.columns) > 2:
        names = [column.name for column in found.columns]
        problems.refuse(
            f"Column {names[found.places.tag]} holds no tag such as O or B-PER; choose another "
            "column, add a tag column, or import the file as text.",
            line,
            option="tag_column",
        )
    else:
        problems.refuse(
            "No row has a token and a tag such as O or B-PER; add a tag column, or import "
            "the file as text.",
            line,
        )


def _say_what_was_taken(survey: _Survey, found: Found, problems: Problems) -> None:
    """Say which columns were read where that is not simply the first and the last one."""
    places, names = found.places, [column.name for column in found.columns]
    said = [
        f"Column {names[at]} holds tags, too ({found.columns[at].examples[0]})."
        for at in found.rivals
    ]
    if places.number is not None:
        said.append(f"Column {names[places.number]} numbers the words.")
    if places.sentence is not None:
        said.append(f"Column {names[places.sentence]} tells the sentences apart.")
    if said or places.word or places.tag != places.columns - 1:
        read = f"The words are column {names[places.word]}, the tags column {names[places.tag]}."
        problems.warn(1, " ".join([read, *said]), option="tag_column")
    if places.bare:
        problems.warn(1, "The tags have no B- or I-: neighbours of one label are read as one span.")
    apart = survey.has_sections or "blank" in survey.counts or places.sentence is not None
    if survey.counts["row"] >= _MANY_ROWS and not apart:
        problems.warn(1, _ONE_TEXT.format(words=survey.counts["row"]))
    for kind, message in _BESIDE.items():
        if count := survey.counts.get(kind, 0):
            problems.warn(survey.firsts[kind], f"{message}: {count:,}.")


def _good_lines(
    lines: Iterable[Line], columns: int, detection: schemes.Detection, problems: Problems
) -> Iterator[Line]:
    """Leave out and report bad rows."""
    reason = f"is outside the scheme {detection.scheme} of the file"
    for line in lines:
        fault = _fault(line, columns) if line.kind == "row" else None
        if not fault and line.tag in detection.outside:
            fault = f'The tag "{shorten(line.tag)}" {reason}', "correct the tag"
        if fault:
            problems.drop(line.number, *fault)
        else:
            yield line


def _rows(
    lines: Iterable[Line],
    layout: Mapping[str, Any],
    source: InputFile,
    has_sections: bool,
    problems: Problems,
) -> Iterator[Row]:
    mark = {"bom": True} if source.start.startswith(codecs.BOM_UTF8) else {}
    for block in conll_rows.blocks(lines):
        document = _document(block, layout, source.name, has_sections, problems)
        yield block.rows[0].number, replace(document, layout={**document.layout, **mark})
        mark = {}


def _tags(block: Block) -> list[str]:
    return [row.tag for row in block.rows]


def _fault(row: Line, columns: int) -> tuple[str, str] | None:
    if row.columns < 2:
        return "The row has one column where a token and a tag are needed", "add what is missing"
    if not row.token.strip(" "):
        return "The row has no token before its tag", "add the token"
    if row.columns != columns:
        message = f"The row has {row.columns} columns where the file has {columns}"
        return message, "give every row the same columns"
    if reason := schemes.fault(row.tag):
        return f'The tag "{shorten(row.tag)}" {reason}', "correct the tag"
    return None


def _document(
    block: Block,
    layout: Mapping[str, Any],
    file: str,
    has_sections: bool,
    problems: Problems,
) -> Document:
    for row in block.rows:
        if " " in row.token:
            problems.warn(row.number, "The token has a space in it.", "spaces inside a token")
    tags = _tags(block)
    for position, name in schemes.repairs(tags, Scheme(layout["scheme"])):
        row = block.rows[position]
        problems.warn(row.number, f"{name.capitalize()} ({row.tag}) is read as one.", name)
    text, tokens = join_tokens(row.token for row in block.rows)
    return Document(
        text=text,
        tokens=tokens,
        spans=conll_rows.spans_of(tags, tokens),
        group=f"{file}#{block.section}" if has_sections else "",
        status=Status.DONE,
        name=f"{file}:{block.rows[0].number}",
        layout={**layout, "block": block.raw},
    )
