"""Pairs from three files: left texts, right texts, and judgements ``left right grade``.

BEIR keeps them in a folder: ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/{train,dev,test}.tsv``;
TREC's qrels have four columns: ``query 0 document grade``. Two columns are a log of what was
chosen: positive only. What goes out is BEIR's folder as an archive.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO

from engine.encoding.tokens import tokenize
from engine.formats.common import csv_rows, jsonl, pieces, zip_writing
from engine.formats.common.base import Options, Reading
from engine.formats.common.columns import Column
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile, text_of
from engine.formats.common.splits import split_in
from storage.types import Document, Source, Span, Split, Status

_IDS = ("_id", "id", "qid", "pid", "docid", "doc_id", "query_id", "query-id", "corpus-id")
_TEXTS = ("text", "question", "query", "passage", "answer", "contents", "content", "body")
_NO_JUDGEMENT = ("-1",)
_HEAD = "query-id\tcorpus-id\tscore"
_SAMPLED = 50
# A file of two columns is a log of what was chosen where its name says so.
_LOG = re.compile(r"qrel|judg|click|log|purchase|interact|order|view|rel\b")


@dataclass(frozen=True, slots=True)
class _Judgement:
    line: int
    left: str
    right: str
    grade: str
    """Empty where the file says only that the two go together."""


@dataclass
class _Files:
    """The files by what they are: texts by id, and judgements by split."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    judged: list[tuple[str, Split | None, list[_Judgement]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Judgements:
    """Left texts, right texts and judgements: BEIR's folder, or files given together."""

    shape: Shape
    name: str = "judgements"
    title: str = "Texts and judgements (BEIR, TREC)"
    extensions: tuple[str, ...] = (".zip",)
    cannot_hold: str = "It holds pairs with grades, and nothing else."

    def sniff(self, source: InputFile) -> float:
        """Ask for files of texts, and one of judgements that names their ids."""
        if not self.shape.second or len(source.members) < 2:
            return 0.0
        return 0.95 * (0 < len(_judged(source)) < len(source.members))

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a pair from each judgement."""
        files = _read(source, problems)
        if problems.refused or not files.judged:
            return Reading()
        left, right = _sides(files)
        documents, lines = [], []
        for name, split, judged in files.judged:
            for each in judged:
                texts = left.get(each.left), right.get(each.right)
                if not texts[0] or not texts[1]:
                    missing = each.left if not texts[0] else each.right
                    problems.drop(each.line, f'{name}: there is no text "{shorten(missing)}"')
                    continue
                lines.append(each.line)
                documents.append(_document(each, texts[0], texts[1], split))
        columns = (Column("left", "texts"), Column("right", "second texts"))
        pool = tuple(dict.fromkeys(filter(str.strip, right.values())))
        return Reading(list(zip(lines, documents, strict=True)), seconds=pool, columns=columns)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one archive of texts and grades; ``options["grade"]`` says what a label is worth.

        Texts keep the ids that they came with. What is no grade becomes one, and is told.
        """
        with ExitStack() as stack:
            files = _Written(stack)
            self._judge(documents, files, options, problems)
            yield from zip_writing.pack(
                (name, pieces.of_file(file)) for name, file in files.by_name.items()
            )

    def _judge(
        self,
        documents: Iterable[Document],
        files: _Written,
        options: Options,
        problems: Problems,
    ) -> None:
        corpus, queries = _Texts("d", files, "corpus.jsonl"), _Texts("q", files, "queries.jsonl")
        told = set[str]()
        for number, document in enumerate(documents, 1):
            label = next((span.label for span in document.spans), None)
            if label is None:
                problems.warn(number, "A pair without an answer is left out.", "without an answer")
                continue
            grade = str(options["grade"](label))
            if grade != label and label not in told:
                told.add(label)
                message = f'The answer "{shorten(label)}" became the grade {grade}.'
                problems.warn(number, message, "answers that are no grade")
            ids = _ids_of(document)
            left = queries.id_of(document.text, ids[0])
            right = corpus.id_of(document.second_text or "", ids[1])
            rows = f"qrels/{document.split or 'all'}.tsv"
            if rows not in files.by_name:
                files.add(rows, _HEAD)
            files.add(rows, f"{left}\t{right}\t{grade}")


class _Written:
    """The files of the archive as they grow, each apart."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.by_name: dict[str, IO[bytes]] = {}

    def open(self, name: str) -> IO[bytes]:
        """Return the file of that name, which is there from now on."""
        if name not in self.by_name:
            self.by_name[name] = self._stack.enter_context(pieces.file_apart())
        return self.by_name[name]

    def add(self, name: str, line: str) -> None:
        """Add a line to a file."""
        self.open(name).write(f"{line}\n".encode())


class _Texts:
    """One side's texts as BEIR keeps them, each with an id of its own."""

    def __init__(self, sign: str, files: _Written, name: str) -> None:
        self._sign, self._files, self._name = sign, files, name
        # A text by its hash, for the texts may be more than memory holds.
        self._known = dict[tuple[str, bytes], str]()
        self._taken = Counter[str]()
        files.open(name)

    def id_of(self, text: str, wanted: str) -> str:
        """Return the id of a text: the one that it came with, where no other text has it."""
        text_hash = hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest()
        found = self._known.get((wanted, text_hash))
        if found is None:
            found = wanted
            while not found or found in self._taken:
                self._taken[self._sign] += 1
                found = f"{self._sign}{self._taken[self._sign]}"
            self._taken[found] += 1
            self._known[wanted, text_hash] = found
            record = {"_id": found, "title": "", "text": text}
            self._files.add(self._name, json.dumps(record, ensure_ascii=False))
        return found


def _ids_of(document: Document) -> tuple[str, str]:
    """Return the ids of both texts, as a file of judgements gave them; "" where none did."""
    given, left = (document.layout or {}).get("format") == "judgements", document.group
    if not given or not left or not document.name.startswith(f"{left} "):
        return "", ""
    return left, document.name[len(left) + 1 :]


def _judged(source: InputFile) -> set[str]:
    """Return the names of the files of judgements: of two columns only where no other is one."""
    graded = {each.name for each in source.members if _is_judged(each, 3)}
    logs = (each for each in source.members if _LOG.search(each.name.lower()))
    return graded or {each.name for each in logs if _is_judged(each, 2)}


def _is_judged(member: InputFile, columns: int) -> bool:
    """Tell judgements from texts: short columns, of three or four the last a whole number."""
    lines = [line for line in member.head.split("\n") if line.strip()][:_SAMPLED]
    rows = [_parts(line) for line in lines[1:] or lines]
    found = [_judgement(0, row) for row in rows if len(row) >= columns]
    return bool(rows) and len(found) == len(rows) and None not in found


def _parts(line: str) -> list[str]:
    return line.rstrip("\r").split("\t") if "\t" in line else line.split()


def _judgement(line: int, parts: list[str]) -> _Judgement | None:
    if any(len(part) > 100 or " " in part.strip() for part in parts):
        return None
    parts = [part.strip() for part in parts]
    if len(parts) == 4 and parts[1] in ("0", "Q0", "q0"):
        del parts[1]
    if len(parts) == 3 and parts[2].lstrip("-").isdecimal():
        return _Judgement(line, parts[0], parts[1], parts[2])
    good = len(parts) == 2 and all(parts)
    return _Judgement(line, parts[0], parts[1], "") if good else None


def _read(source: InputFile, problems: Problems) -> _Files:
    files, judged_files = _Files(), _judged(source)
    for member in source.members:
        text = text_of(member, problems)
        if text is None:
            continue
        if member.name in judged_files:
            split = split_in(member.name.split("/")[-1])
            judged = list(_judgements(text, member.name, problems))
            files.judged.append((member.name, split, judged))
        elif found := _texts(member, text, problems):
            files.texts[member.name] = found
    if len(files.texts) != 2 and not problems.refused:
        problems.refuse(
            f"There are {len(files.texts)} files of texts beside the judgements; give one of left "
            "texts and one of right texts, each with an id and a text in a row."
        )
    return files


def _judgements(text: str, name: str, problems: Problems) -> Iterator[_Judgement]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        found = _judgement(number, _parts(line))
        if found is not None and found.grade not in _NO_JUDGEMENT:
            yield found
        elif found is None and number > 1:
            problems.drop(number, f"{name}: the line is no judgement", "write left, right, grade")


def _texts(member: InputFile, text: str, problems: Problems) -> dict[str, str]:
    """Return texts by id: of JSON Lines, or of a table with an id and a text in each row."""
    if jsonl.sniff_record(member) is not None:
        return dict(_from_records(member, problems))
    delimiter = csv_rows.delimiter_of(text)
    rows = [row.cells for row in csv_rows.rows(member, delimiter, problems) if len(row.cells) > 1]
    if not rows:
        return {}
    head = [cell.strip().lower() for cell in rows[0]]
    id_at = next((head.index(name) for name in _IDS if name in head), None)
    text_at = next((head.index(name) for name in _TEXTS if name in head), None)
    if id_at is None and text_at is None:
        return {row[0].strip(): row[-1] for row in rows}
    id_at = 0 if id_at is None else id_at
    text_at = next(n for n in range(len(head)) if n != id_at) if text_at is None else text_at
    return {row[id_at].strip(): row[text_at] for row in rows[1:] if len(row) == len(head)}


def _from_records(member: InputFile, problems: Problems) -> Iterator[tuple[str, str]]:
    for line, record in jsonl.records(member, problems):
        id = next((str(record[name]) for name in _IDS if record.get(name) is not None), "")
        said = next((record[name] for name in _TEXTS if isinstance(record.get(name), str)), "")
        title = record.get("title")
        if not id:
            problems.drop(line, "The line has no id", 'name it "_id" or "id"')
            continue
        yield id, f"{title}\n{said}" if isinstance(title, str) and title.strip() else said


def _sides(files: _Files) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return left and right texts: the files whose ids the judgements name on that side."""
    judged = [each for _, _, found in files.judged for each in found]
    one, other = files.texts.values()
    straight = sum((j.left in one) + (j.right in other) for j in judged)
    crossed = sum((j.left in other) + (j.right in one) for j in judged)
    if straight == crossed:
        # The ids are the same on both sides: the names of the files tell.
        name = next(iter(files.texts)).lower()
        return (other, one) if any(w in name for w in ("corpus", "doc", "right")) else (one, other)
    return (one, other) if straight > crossed else (other, one)


def _document(judged: _Judgement, left: str, right: str, split: Split | None) -> Document:
    marks = (Span(0, 0, judged.grade, source=Source.IMPORT),) if judged.grade else ()
    return Document(
        text=left,
        second_text=right,
        tokens=tokenize(left),
        spans=marks,
        status=Status.DONE if marks else Status.UNTOUCHED,
        split=split,
        group=judged.left,
        name=f"{judged.left} {judged.right}",
        layout={"format": "judgements"},
    )
