"""CoNLL: one token a row, its tag in one of the columns, a blank line after each sentence.

An unedited document goes out byte for byte as it came in; an edited one keeps all but
its tags, which are written in the file's own scheme.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.encoding.tokens import join_tokens
from engine.formats.common.base import Options, Reading
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile, text_of
from engine.formats.spans import conll_blocks, conll_rows
from engine.formats.spans.conll_rows import Block, Line
from engine.formats.spans.word_columns import Found, Places
from engine.tasks.spans.tagging import schemes
from engine.tasks.spans.tagging.schemes import Scheme
from storage.errors import InputError
from storage.types import Document, Status

_BOM = "\ufeff"


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
        separator = conll_rows.separator_of(source.head)
        found = conll_rows.find(source.head, separator)
        rows = list(conll_rows.only_rows(conll_rows.scan(source.head, separator, found.places)))
        tagged = sum(row.columns > 1 and not schemes.fault(row.tag) for row in rows)
        share = tagged / len(rows) if rows else 0.0
        likely = source.name.lower().endswith(self.extensions) or found.places.number is not None
        return max(0.95 * share, 0.5 * likely)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read every sentence as a finished document with the layout to write it back."""
        text = text_of(source, problems)
        if text is None:
            return Reading()
        body, separator = text, conll_rows.separator_of(text)
        try:
            chosen = [options.get("word_column"), options.get("tag_column")]
            found = conll_rows.find(body, separator, *chosen)
        except InputError as error:
            problems.refuse(str(error), 1)
            return Reading(columns=conll_rows.find(body, separator).columns)
        lines = conll_rows.scan(body, separator, found.places)
        if all(row.columns < 2 or schemes.fault(row.tag) for row in conll_rows.only_rows(lines)):
            _refuse_untagged(lines, found, problems)
            return Reading(columns=found.columns)
        _say_what_was_taken(lines, found, problems)
        lines, scheme = _good_lines(lines, found.places.columns, problems)
        layout = {
            "format": self.name,
            "scheme": str(scheme),
            "separator": separator,
            "columns": found.places.columns,
            **found.places.kept(),
        }
        blocks = conll_rows.blocks(lines)
        has_sections = any(line.kind == "docstart" for line in lines)
        documents = [
            _document(block, layout, source.name, has_sections, problems) for block in blocks
        ]
        if documents and source.start.startswith(codecs.BOM_UTF8):
            layout = {**documents[0].layout, "bom": True}
            documents[0] = replace(documents[0], layout=layout)
        lines_of_blocks = (block.rows[0].number for block in blocks)
        return Reading(
            list(zip(lines_of_blocks, documents, strict=True)),
            str(scheme),
            columns=found.columns,
        )

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
            yield (mark + conll_blocks.gap(before, block) + block).encode("utf-8")
            before = block
            layouts.add((layout["scheme"], layout["separator"], Places.of(layout)))
        if len(layouts) > 1:
            problems.warn(
                0,
                "The documents came from files with different columns or tag schemes and each "
                "kept its own; choose the plain layout to write all of them alike.",
            )


def _refuse_untagged(lines: list[Line], found: Found, problems: Problems) -> None:
    line = next((row.number for row in conll_rows.only_rows(lines)), 0)
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


def _say_what_was_taken(lines: list[Line], found: Found, problems: Problems) -> None:
    """Say which columns were read where that is not simply the first and the last one."""
    places, names = found.places, [column.name for column in found.columns]
    said = [
        f"Column {names[at]} holds tags, too ({found.columns[at].examples[0]})."
        for at in found.rivals
    ]
    if places.number is not None:
        said.append(f"Column {names[places.number]} numbers the words.")
    if said or places.word or places.tag != places.columns - 1:
        read = f"The words are column {names[places.word]}, the tags column {names[places.tag]}."
        problems.warn(1, " ".join([read, *said]), option="tag_column")
    beside = [line.number for line in lines if line.kind == "between"]
    if beside:
        problems.warn(
            beside[0],
            f"Rows that number several words (3-4) or none (8.1) are no words: {len(beside):,}.",
        )


def _good_lines(lines: list[Line], columns: int, problems: Problems) -> tuple[list[Line], Scheme]:
    """Leave out and report bad rows; say which scheme the good ones are in."""
    _warn_of_comments(lines, problems)
    lines = _drop(
        lines, {row.number: _fault(row, columns) for row in conll_rows.only_rows(lines)}, problems
    )
    detection = schemes.detect(_tags(block) for block in conll_rows.blocks(lines))
    return _drop(lines, _outside(lines, detection), problems), detection.scheme


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


def _outside(
    lines: Iterable[Line], detection: schemes.Detection
) -> dict[int, tuple[str, str] | None]:
    reason = f"is outside the scheme {detection.scheme} of the file"
    return {
        row.number: (f'The tag "{shorten(row.tag)}" {reason}', "correct the tag")
        for row in conll_rows.only_rows(lines)
        if row.tag in detection.outside
    }


def _drop(
    lines: list[Line], faults: Mapping[int, tuple[str, str] | None], problems: Problems
) -> list[Line]:
    for number, reason in faults.items():
        if reason:
            problems.drop(number, *reason)
    return [line for line in lines if not faults.get(line.number)]


def _warn_of_comments(lines: list[Line], problems: Problems) -> None:
    comments = [line.number for line in lines if line.kind == "comment"]
    if comments:
        problems.warn(
            comments[0],
            f"Lines that begin with # and have no tag are kept as comments: {len(comments):,}.",
        )


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
