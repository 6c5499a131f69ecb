"""The JSON that spaCy 2 trained on and ``spacy convert`` reads: paragraphs, sentences, tokens.

A paragraph with its raw text is a document, its tags BILUO; without a raw text each sentence is
one, and those of a paragraph belong together. ``entities`` (spaCy 3) stand for the tags.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.encoding.tokens import join_tokens, tokenize
from engine.formats.common import json_values, jsonl
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import SPANS, Shape
from engine.formats.common.sources import InputFile
from engine.formats.spacy import cutting
from engine.formats.whole import labels
from engine.tasks.spans.tagging import schemes
from engine.tasks.spans.tagging.schemes import Scheme
from storage.errors import InputError
from storage.types import Document, Source, Span, Status, Token

_NO_SPANS = "Labels of parts of the text are not imported"
_MISSING = "-"
# What spaCy trains beside entities.
_GRAMMAR = frozenset({"tag", "pos", "lemma", "dep", "head"})


@dataclass(frozen=True, slots=True)
class TrainingJson:
    """spaCy's training JSON: spans, or with a ``shape`` of whole texts their classes (cats)."""

    shape: Shape = SPANS
    name: str = "spacy_json"
    title: str = "JSON (spaCy training data)"
    extensions: tuple[str, ...] = (".json",)
    cannot_hold: str = (
        "It has no place for overlapping spans, splits, groups, dates, names of "
        "documents, and who gave a label."
    )

    def sniff(self, source: InputFile) -> float:
        """Ask for a list, or an object, with paragraphs and sentences."""
        head = source.head[:5_000]
        likely = head.lstrip().startswith(("[", "{"))
        return 1.0 * (likely and '"paragraphs"' in head and '"sentences"' in head)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each paragraph, or sentence."""
        return Reading(_rows(source, self.shape, problems))

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a list with one paragraph for each document."""
        before = "[\n"
        for number, document in enumerate(documents):
            item = {"id": number, "paragraphs": [_paragraph(document, self.shape, problems)]}
            yield (before + json.dumps(item, ensure_ascii=False)).encode("utf-8")
            before = ",\n"
        yield b"[]\n" if before == "[\n" else b"\n]\n"


def _rows(source: InputFile, shape: Shape, problems: Problems) -> Iterator[Row]:
    for line, item in json_values.stream(source, problems):
        try:
            for number, paragraph in enumerate(_list(item, "paragraphs"), 1):
                group = f"{source.name}:{line}#{number}"
                for document in _documents(paragraph, group, shape, line, problems):
                    yield line, document
        except InputError as error:
            problems.drop(line, str(error), "correct the item")


def _documents(
    paragraph: Any, name: str, shape: Shape, line: int, problems: Problems
) -> Iterator[Document]:
    sentences = [_list(each, "tokens") for each in _list(paragraph, "sentences")]
    raw = paragraph.get("raw")
    if shape.whole:
        if paragraph.get("entities") or any(
            _tag(t) not in (_MISSING, "O") for s in sentences for t in s
        ):
            problems.warn(line, f"{_NO_SPANS}.", _NO_SPANS)
        yield _whole(paragraph, sentences, name, shape)
        return
    if paragraph.get("cats"):
        problems.warn(line, "Classes of whole texts (cats) are not imported.", "cats")
    if any(_grammar(token) for sentence in sentences for token in sentence):
        message = "Parts of speech, lemmas and dependencies of the words are not imported"
        problems.warn(line, f"{message}.", message)
    if isinstance(raw, str):
        words = [token for sentence in sentences for token in sentence]
        yield _document(words, raw, name, "", paragraph.get("entities"))
        return
    group = name if len(sentences) > 1 else ""
    for number, sentence in enumerate(sentences, 1):
        if sentence:
            yield _document(sentence, None, f"{name}.{number}" if group else name, group, None)


def _document(found: list[Any], raw: str | None, name: str, group: str, entities: Any) -> Document:
    words = [_string(token, "orth") for token in found]
    text, tokens = join_tokens(words) if raw is None else (raw, _aligned(words, raw))
    if isinstance(entities, list):
        triples = [jsonl.triple_in(e[:3] if isinstance(e, list) else e) for e in entities]
        spans, silent = jsonl.spans_over(text, triples), False
    else:
        tags = [_tag(token) for token in found]
        silent = all(tag == _MISSING for tag in tags)
        spans = _spans(["O" if tag == _MISSING else tag for tag in tags], tokens)
    kept = tuple(token for token in tokens if text[token[0] : token[1]].strip())
    return Document(
        text=text,
        tokens=kept or tokenize(text),
        spans=spans,
        group=group,
        status=Status.UNTOUCHED if silent else Status.DONE,
        name=name,
        layout={"format": "spacy_json"},
    )


def _aligned(words: list[str], raw: str) -> tuple[Token, ...]:
    """Find each word behind the one before, with nothing but blanks between."""
    tokens: list[Token] = []
    at = 0
    for word in words:
        start = raw.find(word, at)
        if start < 0 or raw[at:start].strip():
            raise InputError(f'The token "{shorten(word)}" does not stand in the raw text')
        at = start + len(word)
        tokens.append((start, at))
    return tuple(tokens)


def _spans(tags: list[str], tokens: tuple[Token, ...]) -> tuple[Span, ...]:
    for tag in tags:
        if reason := schemes.fault(tag):
            raise InputError(f'The tag "{shorten(tag)}" {reason}')
    return tuple(
        Span(tokens[first][0], tokens[last - 1][1], label, source=Source.IMPORT)
        for first, last, label in schemes.decode(tags)
    )


def _grammar(token: Any) -> bool:
    return isinstance(token, dict) and not _GRAMMAR.isdisjoint(token)


def _tag(token: Any) -> str:
    tag = token.get("ner", _MISSING)
    return tag if isinstance(tag, str) and tag else _MISSING


def _whole(paragraph: Any, sentences: list[list[Any]], name: str, shape: Shape) -> Document:
    text = paragraph.get("raw")
    if not isinstance(text, str):
        text, _ = join_tokens(_string(token, "orth") for each in sentences for token in each)
    cats = paragraph.get("cats") or []
    chances = {
        _string(each, "label"): each.get("value")
        for each in (cats if isinstance(cats, list) else [])
    }
    names = labels.names_in(chances, several=True) if chances else None
    if names and len(names) > 1 and not shape.several:
        raise InputError(f"There are {len(names)} labels where a text has one")
    return Document(
        text=text,
        tokens=tokenize(text),
        spans=tuple(Span(0, 0, each, source=Source.IMPORT) for each in sorted(names or ())),
        status=Status.UNTOUCHED if names is None else Status.DONE,
        name=name,
        layout={"format": "spacy_json"},
    )


def _list(item: Any, key: str) -> list[Any]:
    value = item.get(key) if isinstance(item, dict) else None
    if not isinstance(value, list):
        raise InputError(f'The item has no list "{key}"')
    if not all(isinstance(each, dict) for each in value):
        raise InputError(f'"{key}" holds something other than objects')
    return value


def _string(item: Any, key: str) -> str:
    value = item.get(key) if isinstance(item, dict) else None
    if not isinstance(value, str):
        raise InputError(f'A token or a class lacks its "{key}"')
    return value


def _paragraph(document: Document, shape: Shape, problems: Problems) -> dict[str, Any]:
    spans = () if shape.whole else document.spans
    tokens = cutting.cut(document, spans, told=False)
    kept, places = cutting.places(spans, tokens)
    for span in sorted(set(spans) - set(kept)):
        problems.warn(
            0,
            f"In {document.name or document.id}, the span "
            f'"{shorten(document.text[span.start : span.end])}" ({span.label}) overlaps another '
            "span and is left out.",
        )
    placed = [(*place, span.label) for span, place in zip(kept, places, strict=True)]
    tags = schemes.encode(placed, len(tokens), Scheme.BILOU)
    if shape.whole or (not spans and document.status is Status.UNTOUCHED):
        tags = [_MISSING] * len(tokens)
    words = (document.text[start:end] for start, end in tokens)
    found = [
        {"id": number, "orth": word, "ner": tag}
        for number, (word, tag) in enumerate(zip(words, tags, strict=True))
    ]
    names = [span.label for span in document.spans] if shape.whole else []
    if shape.whole and not names and document.status is not Status.UNTOUCHED:
        message = "That a text is done without a label cannot be written"
        problems.warn(0, f"{document.name or document.id}: {message}.", message)
    cats = [{"label": name, "value": 1.0} for name in names]
    return {"raw": document.text, "sentences": [{"tokens": found, "brackets": []}], "cats": cats}
