"""WebAnno TSV 3: a document a file, with spans over tokens and parts of tokens.

Offsets count UTF-16 units (INCEpTION's reference files, ``testSentenceWithEmoji``). What stands
between two sentences the file does not say: their distance is filled with line breaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.encoding.tokens import tokenize
from engine.formats.common.base import Options, Reading
from engine.formats.common.offsets import Ruler
from engine.formats.common.offsets import Unit as OffsetUnit
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import (
    MOST_TEXT,
    InputFile,
    TextTooLongError,
    check_length,
    lines_of,
)
from engine.formats.uima import layers, webanno_rows, webanno_writing
from engine.formats.uima.layers import Annotation
from engine.formats.uima.webanno_rows import NONE, WITHOUT_VALUE, Layer, Sentence, Unit
from storage.errors import InputError
from storage.types import Document, Status, Token


@dataclass(frozen=True, slots=True)
class WebAnno:
    """WebAnno TSV 3. Option ``tag_column``: the layer to take, by its name."""

    name: str = "webanno"
    title: str = "WebAnno TSV 3 (INCEpTION)"
    extensions: tuple[str, ...] = (".zip", ".tsv")
    cannot_hold: str = (
        "It has no place for blanks around a text or a span, splits, groups, dates, who "
        "gave a label, and whether a document without spans is done."
    )

    def sniff(self, source: InputFile) -> float:
        """Ask for the line that each such file begins with."""
        return 1.0 * source.head.lstrip().startswith("#FORMAT=WebAnno TSV 3")

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read one document from the whole file."""
        try:
            found = list(webanno_rows.scan(lines_of(source, problems)))
            sentences = [each for each in found if isinstance(each, Sentence)]
            known = [each for each in found if isinstance(each, Layer)]
            if problems.refused or not sentences:
                return Reading()
            text, tokens = _text(sentences)
            units = [unit for each in sentences for unit in each.units]
            annotations = list(_annotations(known, units))
            chosen = layers.choose(annotations, options.get("tag_column"), problems)
        except TextTooLongError as error:
            problems.refuse(str(error))
            return Reading()
        except InputError as error:
            problems.refuse(f"{str(error).rstrip('.')}; correct the file.", option="tag_column")
            return Reading()
        _tell(known, units, problems)
        try:
            spans = layers.spans(text, annotations, chosen, 0, problems)
        except InputError as error:
            problems.drop(sentences[0].line, str(error), "correct the file")
            return Reading(columns=chosen.columns)
        document = Document(
            text=text,
            tokens=tokens or tokenize(text),
            spans=spans,
            status=Status.DONE,
            name=source.name,
            layout={"format": self.name},
        )
        rows = [(sentences[0].line, document)] if text.strip() else []
        return Reading(rows, columns=chosen.columns)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a zip with a file for each document."""
        return webanno_writing.write(documents, problems)


def _text(sentences: Sequence[Sentence]) -> tuple[str, tuple[Token, ...]]:
    """Put the sentences where their tokens say; raise InputError where they do not fit."""
    text, units, tokens = "", 0, list[Token]()
    for sentence in sentences:
        whole = [unit for unit in sentence.units if not unit.is_part]
        begin = _begin(sentence, whole[0]) if whole else units + bool(text)
        if begin < units:
            raise InputError(f"line {sentence.line}: the sentence overlaps the one before")
        if begin > MOST_TEXT:
            limit = MOST_TEXT // 1024**2
            raise InputError(
                f"line {sentence.line}: the sentence begins behind {limit} million characters, "
                "more than a document may have"
            )
        check_length(begin + len(sentence.text))
        text += ("\n" if text else " ") * (begin - units)
        first = len(text)
        text += sentence.text
        units = begin + _length(sentence.text)
        ruler = Ruler(sentence.text, OffsetUnit.UTF16)
        for unit in whole:
            start, end = ruler.point(unit.begin - begin), ruler.point(unit.end - begin)
            forms = (webanno_rows.unescape(unit.form), unit.form)
            if end > len(sentence.text) or sentence.text[start:end] not in forms:
                form = shorten(unit.form)
                raise InputError(f'line {unit.line}: the token "{form}" is not at its offsets')
            if start < end:
                tokens.append((first + start, first + end))
    ordered = all(a[1] <= b[0] for a, b in zip(tokens, tokens[1:], strict=False))
    return text, tuple(tokens) if ordered else ()


def _begin(sentence: Sentence, first: Unit) -> int:
    """Return where a sentence begins: its first token stands in it behind blanks only."""
    form = webanno_rows.unescape(first.form)
    at = sentence.text.find(form)
    if at < 0 or sentence.text[:at].strip():
        form = shorten(first.form)
        raise InputError(f'line {first.line}: the token "{form}" does not begin its sentence')
    return first.begin - _length(sentence.text[:at])


def _length(text: str) -> int:
    """Return how many UTF-16 units a text has."""
    return len(text) + sum(char > "\uffff" for char in text)


def _annotations(known: Sequence[Layer], units: Sequence[Unit]) -> Iterator[Annotation]:
    """Yield the annotations of the layers of spans; one with a number goes over its rows."""
    at = 0
    for layer in known:
        width = len(layer.features)
        if layer.kind == "SP":
            yield from _of_layer(layer, at, units)
        at += width
    for unit in units:
        if len(unit.cells) != at:
            raise InputError(f"line {unit.line}: {len(unit.cells)} cells stand where {at} belong")


def _of_layer(layer: Layer, at: int, units: Sequence[Unit]) -> Iterator[Annotation]:
    numbered: dict[str, tuple[int, int, dict[str, str]]] = {}
    for unit in units:
        cells = [webanno_rows.values(cell) for cell in unit.cells[at : at + len(layer.features)]]
        for place in range(max(map(len, cells), default=0)):
            given = [cell[place] if place < len(cell) else (NONE, "") for cell in cells]
            number = next((number for _, number in given if number), "")
            features = _features(layer, [value for value, _ in given])
            begin, end = unit.begin, unit.end
            if not number:
                yield Annotation(layer.name, begin, end, features)
                continue
            if before := numbered.get(number):
                begin, end = min(before[0], begin), max(before[1], end)
                features = before[2] or features
            numbered[number] = begin, end, features
    for begin, end, features in numbered.values():
        yield Annotation(layer.name, begin, end, features)


def _features(layer: Layer, given: Sequence[str]) -> dict[str, str]:
    """Return the values of a layer's own features; slots and what they lead to are none."""
    is_slot = [feature.startswith("ROLE_") for feature in layer.features]
    behind = [False, *is_slot]
    return {
        feature: webanno_rows.unescape(value)
        for feature, value, slot, target in zip(
            layer.features, given, is_slot, behind, strict=False
        )
        if feature and not slot and not target and value not in (NONE, WITHOUT_VALUE)
    }


def _tell(known: Sequence[Layer], units: Sequence[Unit], problems: Problems) -> None:
    """Say which relations, chains and slots there are: they are not imported."""
    at = 0
    kinds = {"RL": "Relations", "CH": "Chains", "SP": "Links"}
    for layer in known:
        for column, feature in enumerate(layer.features, at):
            filled = [unit for unit in units if unit.cells[column] != NONE]
            if filled and (layer.kind != "SP" or feature.startswith("ROLE_")):
                what = f"{kinds[layer.kind]} of {layers.short(layer.name)} are not imported"
                problems.warn(filled[0].line, f"{what}: {len(filled):,} rows.", what)
                break
        at += len(layer.features)
