"""brat's standoff: a text in doc.txt, what was annotated in doc.ann.

Offsets count the code points of the text. A span over several fragments is one only where blanks
alone lie between (brat parts a span at each line end); any other has a hole that a span here
cannot have: it is no label, and goes out again as it came. So do relations, events and the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.encoding.tokens import tokenize
from engine.formats.brat import lines, writing
from engine.formats.brat.lines import Other, Textbound
from engine.formats.common import jsonl, offsets
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.offsets import Claim, Claims, Unit
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile, lines_of, one_text_of
from storage.errors import InputError
from storage.types import Document, Status

_ANNOTATED, _TEXT = ".ann", ".txt"


@dataclass(frozen=True, slots=True)
class Brat:
    """A folder or an archive of brat. Read option ``offsets``: one of `offsets.OPTIONS`."""

    shape: Shape
    name: str = "brat"
    title: str = "brat standoff (ZIP of .txt and .ann)"
    extensions: tuple[str, ...] = (".zip",)
    cannot_hold: str = (
        "It does not tell texts in which nothing was found from those that nobody began; line "
        "ends are written as one character, and labels without blanks, colons and semicolons."
    )

    def sniff(self, source: InputFile) -> float:
        """Ask for files of annotations; alone they come here for what to do with them."""
        if source.members:
            return 0.97 * any(each.name.lower().endswith(_ANNOTATED) for each in source.members)
        return 0.97 * _is_annotations(source)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each text, with the annotations beside it."""
        if not source.members:
            problems.refuse(
                "These are annotations of brat without their text: give doc.txt together with "
                "doc.ann, as a folder, as a ZIP archive, or both files at once."
            )
            return Reading()
        pairs = _pairs(source, problems)
        unit = offsets.unit_of(options, _telling(pairs), problems)
        return Reading(_rows(pairs, unit, problems) if unit else ())

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield an archive of texts, annotations and an annotation.conf that fits them."""
        yield from writing.archive(documents, problems)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A text with its annotations; either may be missing."""

    number: int
    name: str
    text: InputFile | None
    annotated: InputFile | None


def _is_annotations(source: InputFile) -> bool:
    if not source.name.lower().endswith(_ANNOTATED):
        return False
    first = next(lines.parse(source.head.split("\n")), None)
    return isinstance(first, Textbound | Other)


def _pairs(source: InputFile, problems: Problems) -> list[_Pair]:
    files: dict[str, dict[str, InputFile]] = {}
    for member in source.members:
        stem, dot, end = member.name.rpartition(".")
        if dot and f".{end.lower()}" in (_ANNOTATED, _TEXT):
            files.setdefault(stem, {})[f".{end.lower()}"] = member
    pairs = []
    for number, (stem, found) in enumerate(files.items(), 1):
        pairs.append(_Pair(number, stem, found.get(_TEXT), found.get(_ANNOTATED)))
        if _TEXT not in found:
            problems.drop(number, f"{stem}.ann has no {stem}.txt beside it", "add the text")
    return [pair for pair in pairs if pair.text]


def _telling(pairs: Iterable[_Pair]) -> Iterator[Claims]:
    for pair in pairs:
        quiet = Problems(pair.name, skip_bad=True)
        if (text := _text(pair, quiet)) and pair.annotated:
            found = lines.parse(lines_of(pair.annotated, quiet))
            bounds = (each for each in found if isinstance(each, Textbound))
            claims = [_claim(each) for each in bounds if len(each.fragments) == 1]
            yield Claims(pair.number, text, claims)


def _text(pair: _Pair, problems: Problems) -> str | None:
    assert pair.text, "pairs without a text are left out"
    return one_text_of(pair.text, problems)


def _claim(bound: Textbound) -> Claim:
    return Claim(bound.fragments[0][0], bound.fragments[-1][1], bound.label, bound.words or None)


def _rows(pairs: Iterable[_Pair], unit: Unit, problems: Problems) -> Iterator[Row]:
    beside: Counter[str] = Counter()
    for pair in pairs:
        # What is wrong is told by the file's own lines.
        report = Problems(f"{pair.name}{_ANNOTATED}", problems.skip_bad)
        document = _document(pair, unit, report, beside)
        problems.include(report)
        if document is None:
            continue
        if not document.text.strip():
            problems.warn(pair.number, "The text is blank, so it is left out.", "blank texts")
            continue
        yield pair.number, document
    for what, count in beside.items():
        problems.warn(0, f"{what}: {count:,}.")


def _document(pair: _Pair, unit: Unit, report: Problems, beside: Counter[str]) -> Document | None:
    text = _text(pair, report)
    if text is None:
        return None
    found = list(lines.parse(lines_of(pair.annotated, report))) if pair.annotated else []
    ids: list[list[Any]] = []
    kept: list[str] = []
    holes: list[list[Any]] = []
    for each in found:
        if isinstance(each, tuple):
            report.drop(*each, "correct the line")
        elif isinstance(each, Other):
            kept.append(each.raw)
            beside[f"{each.kind} are no spans; they are kept and go out again as brat"] += 1
        elif placed := _placed(text, each, unit, report):
            if len(placed) == 1:
                ids.append([each.id, *placed[0], each.label])
            else:
                holes.append([each.id, each.label, placed])
    layout: dict[str, Any] = {"format": "brat", "file": pair.name}
    layout |= {
        name: found for name, found in (("ids", ids), ("holes", holes), ("lines", kept)) if found
    }
    return Document(
        text=text,
        tokens=tokenize(text),
        spans=jsonl.spans_over(text, [(start, end, label) for _, start, end, label in ids]),
        status=Status.DONE if ids else Status.UNTOUCHED,
        name=f"{pair.name}{_TEXT}",
        layout=layout,
    )


def _placed(text: str, bound: Textbound, unit: Unit, report: Problems) -> list[list[int]]:
    """Return where a span is in code points, in one piece or with holes; none after a problem."""
    words = bound.words if len(bound.fragments) == 1 and bound.words else None
    try:
        parts = [Claim(start, end, bound.label, words) for start, end in bound.fragments]
        placed = offsets.placed(Claims(bound.line, text, parts), unit)
        jsonl.spans_over(text, placed)
    except InputError as error:
        report.drop(bound.line, str(error), "correct the line")
        return []
    joined = [list(placed[0][:2])]
    for start, end, _ in placed[1:]:
        if joined[-1][1] <= start and not text[joined[-1][1] : start].strip():
            joined[-1][1] = end
        else:
            joined.append([start, end])
    if len(joined) > 1:
        report.warn(
            bound.line,
            f'{bound.id} ({bound.label}) has a hole ("{shorten(bound.words)}"), which no span here '
            "can have; it is kept and goes out again as brat.",
            "spans with holes",
        )
    return joined
