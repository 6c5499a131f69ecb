"""doccano's JSON Lines: a text with its spans as [start, end, label] or as objects.

Relations name their ends by the numbers of spans, classes of the whole text stand beside them
(``cats``): both are kept with the text and go out again. CLUENER's files are read, too:
{"label": {label: {words: [[first, last], …]}}}.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any, NamedTuple

from engine.encoding.tokens import tokenize
from engine.formats.common import jsonl, offsets
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.jsonl import Record, Triple
from engine.formats.common.offsets import Claim, Claims, Unit
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile
from storage.errors import InputError
from storage.types import Answer, Document, Span, Status

_TEXTS = ("text", "data", "sentence")
_KEYS = ("label", "labels", "entities", "annotations")
_NAMED = frozenset(_KEYS)
_STATES = frozenset(map(str, Status))
# What others call it; read where none of doccano's names is there.
_OTHER_KEYS = ("spans", "ents", "ner", "mentions")
_RELATED, _RELATIONS, _ENDS = "entities", "relations", ("from_id", "to_id")
# Written where it is not what the labels tell; doccano keeps it with what else a text has.
_STATUS = "status"
# As CLUENER has them: by label and words.
_NESTED = "nested"
# Beside the spans, by what people call it.
_BESIDE = {_RELATIONS: "Relations between spans", "cats": "Classes of whole texts"}
_LABEL_LIST = {"prefix_key", "suffix_key", "background_color"}


class _Row(NamedTuple):
    """A line with its spans; ``ids`` are the numbers by which relations name them.

    ``users`` are the numbers of those who gave them, None where the line does not say.
    """

    claims: Claims
    record: Record
    ids: tuple[Any, ...] = ()
    users: tuple[Any, ...] = ()

    @property
    def says_points(self) -> bool:
        """Whether the line itself says that its offsets are code points, as ours do."""
        return self.record.get("offsets") == Unit.CODEPOINTS


class Doccano:
    """doccano JSONL. Read option ``offsets``: one of `offsets.OPTIONS`."""

    name = "doccano"
    title = "JSON Lines (doccano)"
    extensions = (".jsonl", ".json", ".ndjson")
    cannot_hold = ""

    def sniff(self, source: InputFile) -> float:
        """Ask for an object with a text; broken JSON comes here for its error message."""
        record = jsonl.sniff_record(source)
        if record is None:
            return 0.6 * jsonl.looks_like_json(source)
        return 0.9 if "text" in record else 0.7

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read texts with their spans; a line without a label key is untouched."""
        unit = offsets.unit_of(options, _telling(source), problems)
        return Reading(_documents(source, unit, problems) if unit else ())

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one line a document; an untouched one has no label key, to stay untouched."""
        dangling = 0
        for document in documents:
            layout = dict(document.layout) if document.layout.get("format") == self.name else {}
            record = {"id": document.id, "text": document.text, **layout.get("record", {})}
            if document.status is not Status.UNTOUCHED or document.spans:
                dangling += _label(record, document, layout)
            # Without a word about it, whoever reads the file would have to guess the unit.
            nested = layout.get("key") == _NESTED
            if document.spans and not nested and offsets.is_telling(document.text):
                record["offsets"] = str(Unit.CODEPOINTS)
            if document.status is not _status(record) and _STATUS not in record:
                record[_STATUS] = str(document.status)
            yield (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8")
        if dangling:
            problems.warn(0, f"Relations of spans that are gone are left out: {dangling:,}.")


def _label(record: Record, document: Document, layout: Record) -> int:
    """Write the spans as the line had them; return how many relations have lost an end."""
    spans = sorted(document.spans)
    if layout.get("key") == _NESTED:
        found: dict[str, dict[str, list[list[int]]]] = {}
        for s in spans:
            words = found.setdefault(s.label, {}).setdefault(document.text[s.start : s.end], [])
            words.append([s.start, s.end - 1])
        record["label"] = found
        del record["id"]
    elif record.get(_RELATIONS) and isinstance(record[_RELATIONS], list):
        return _relate(record, document, layout)
    else:
        record[str(layout.get("key", "label"))] = [[s.start, s.end, s.label] for s in spans]
    return 0


def _relate(record: Record, document: Document, layout: Record) -> int:
    """Write spans as objects with the numbers that relations use, and those that have ends."""
    known = {(start, end, label): id for id, start, end, label in layout.get("spans", ())}
    free = count(1 + max([0, *(id for id in known.values() if type(id) is int)]))
    entities = []
    for span in sorted(document.spans):
        place = (span.start, span.end, span.label)
        id = known[place] if place in known else next(free)
        entities.append(
            {"id": id, "label": span.label, "start_offset": span.start, "end_offset": span.end}
        )
    there = {entity["id"] for entity in entities}
    related = [
        each
        for each in record[_RELATIONS]
        if isinstance(each, dict) and all(_id(each.get(end)) in there for end in _ENDS)
    ]
    gone = len(record[_RELATIONS]) - len(related)
    record |= {_RELATED: entities, _RELATIONS: related}
    return gone


def _id(value: Any) -> Any:
    """Return what can be a span's number, None for anything else."""
    return value if isinstance(value, int | str) else None


def _telling(source: InputFile) -> Iterator[Claims]:
    """Yield what tells the unit of the offsets, in a first pass over the file."""
    for line, record in jsonl.telling(source):
        try:
            row = _row(line, record)
        except InputError:
            continue
        if row.claims.spans and not row.says_points:
            yield row.claims


def _documents(source: InputFile, unit: Unit, problems: Problems) -> Iterator[Row]:
    beside: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    several = 0
    for line, record in jsonl.records(source, problems):
        try:
            row = _row(line, record)
            document = _document(row, unit, f"{source.name}:{line}")
        except InputError as error:
            problems.drop(line, str(error), "correct the line")
            continue
        if not document.text.strip():
            problems.warn(line, "The text is blank, so the line is left out.", "blank texts")
            continue
        kept = len(document.spans) + sum(len(answer.spans) for answer in document.others)
        if again := len(row.claims.spans) - kept:
            problems.warn(line, f"Spans given twice come in once: {again}.", "spans given twice")
        if not _BESIDE.keys().isdisjoint(record):
            beside.update(key for key in _BESIDE if record.get(key))
        unread.update(_unread(record))
        several += bool(document.others)
        yield line, document
    for key, texts in beside.items():
        problems.warn(
            0,
            f"{_BESIDE[key]} are no spans; they are kept with their texts and go out again as "
            f"doccano: {texts:,} {'texts' if texts > 1 else 'text'}.",
        )
    for key, texts in unread.items():
        problems.warn(
            0,
            f'"{shorten(key)}" holds what looks like spans and is not read: call it "label" in the '
            f"file, if they are the spans to read ({texts:,} texts).",
        )
    if several:
        problems.warn(
            0, f"Texts with answers of several people, each kept apart under a name: {several:,}."
        )


def _row(line: int, record: Record) -> _Row:
    if _LABEL_LIST & record.keys():
        raise InputError("This is doccano's list of labels, and no text to label")
    text = jsonl.text_in(record, _text_key(record))
    found = list(_spans(record))
    if not found:
        return _Row(Claims(line, text, ()), record)
    claims = Claims(line, text, [claim for claim, _, _ in found])
    return _Row(claims, record, tuple(id for _, id, _ in found), tuple(u for _, _, u in found))


def _spans(record: Record) -> Iterator[tuple[Claim, Any, Any]]:
    """Yield the spans of a line, each with its number and who gave it."""
    for key in _keys(record):
        value = record.get(key)
        if isinstance(value, dict):
            yield from ((claim, None, None) for claim in _by_label(value))
        elif isinstance(value, list):
            for item in value:
                said = item if isinstance(item, dict) else {}
                yield jsonl.claim_in(item), _id(said.get("id")), _id(said.get("user"))
        elif value is not None:
            raise InputError(f'"{key}" is not a list of spans')


def _keys(record: Record) -> tuple[str, ...]:
    """Return the names under which a line may have its spans."""
    if not _NAMED.isdisjoint(record):
        return _KEYS
    return tuple(key for key in _OTHER_KEYS if record.get(key) == [] or _are_spans(record.get(key)))


def _unread(record: Record) -> Iterator[str]:
    """Yield what holds spans by all appearance, under a name that says nothing."""
    lists = [key for key, value in record.items() if type(value) is list and _are_spans(value)]
    if _NAMED.issuperset(lists):
        # Nearly always; also where there are none.
        return iter(())
    return (key for key in lists if key not in {*_KEYS, *_keys(record), *_BESIDE})


def _are_spans(value: Any) -> bool:
    """Tell a list whose first item has places in a text, and no other list."""
    match value:
        case [[int(), int(), _], *_] | [{"start": int(), "end": int()}, *_]:
            return True
        case [{"start_offset": int(), "end_offset": int()}, *_]:
            return True
    return False


def _by_label(found: Record) -> Iterator[Claim]:
    """Read spans by label and words; each is [first, last], its last character included."""
    for label, surfaces in found.items():
        if not isinstance(surfaces, dict):
            raise InputError(f'"{shorten(label)}" does not hold words with their places')
        for words, places in surfaces.items():
            for place in places if isinstance(places, list) else [places]:
                match place:
                    case [int(first), int(last)]:
                        yield Claim(*jsonl.triple_in([first, last + 1, label]), words)
                    case _:
                        where = shorten(json.dumps(place))
                        raise InputError(f'"{shorten(words)}" does not stand at {where}')


def _text_key(record: Record) -> str:
    """Return what the text is called; some versions of doccano say "data"."""
    for key in _TEXTS:
        if isinstance(record.get(key), str):
            return key
    return _TEXTS[0]


def _document(row: _Row, unit: Unit, name: str) -> Document:
    text, record = row.claims.text, row.record
    triples = offsets.placed(row.claims, Unit.CODEPOINTS if row.says_points else unit)
    (_, spans), *others = _by_user(row, triples)
    known = {*_KEYS, *_keys(record), _text_key(record)}
    known |= {"offsets"} if row.says_points else set()
    known |= {_STATUS} if _said(record) else set()
    layout: Record = {
        "format": "doccano",
        "record": {key: value for key, value in record.items() if key not in known},
    }
    if record.get(_RELATED) is not None:
        layout["key"] = _RELATED
    elif isinstance(record.get("label"), dict):
        layout["key"] = _NESTED
    if record.get(_RELATIONS):
        places = zip(row.ids, triples, strict=True)
        layout["spans"] = [[id, *triple] for id, triple in places if id is not None]
    return Document(
        text=text,
        tokens=tokenize(text),
        spans=spans,
        status=_status(record),
        name=name,
        layout=layout,
        annotator=f"user {row.users[0]}" if others else "",
        others=tuple(Answer(f"user {user}", said) for user, said in others),
    )


def _by_user(row: _Row, triples: list[Triple]) -> list[tuple[Any, tuple[Span, ...]]]:
    """Return the spans by who gave them: in the order of the line, for it tells no dates."""
    if not triples:
        return [(None, ())]
    found: dict[Any, list[Triple]] = {None: []} if None in row.users or not row.users else {}
    for user, triple in zip(row.users, triples, strict=True):
        found.setdefault(user, []).append(triple)
    if None in found and len(found) > 1:
        # Where some spans are nobody's, they are all one answer.
        found = {None: triples}
    return [(user, jsonl.spans_over(row.claims.text, said)) for user, said in found.items()]


def _status(record: Record) -> Status:
    """Return what a line says of itself; doccano only tells whether there are labels."""
    if said := _said(record):
        return said
    labelled = any(record.get(key) is not None for key in _keys(record))
    return Status.DONE if labelled else Status.UNTOUCHED


def _said(record: Record) -> Status | None:
    """Return the status that a line of ours names."""
    said = record.get(_STATUS)
    return Status(said) if isinstance(said, str) and said in _STATES else None
