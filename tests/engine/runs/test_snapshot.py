"""The frozen data of a run come back as they went in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.runs import snapshot, suggested
from storage.errors import InputError
from storage.facts import Facts
from storage.types import Document, ErrorKind, Match, Source, Span, Split, Status
from tests.engine import tiny

TRICKY = Document(
    "👩‍👩‍👧 e\u0301\u2028漢字\u200b",
    ((0, 5), (6, 8), (9, 11)),
    (Span(0, 5, "ä b", "u1", Source.MODEL, 0.25), Span(9, 11, "x", "u2", Source.IMPORT)),
    Split.DEV,
    "file#3",
    Status.DONE,
    "naïve.txt",
    id=2**40,
)


def test_documents_survive_the_file(tmp_path: Path) -> None:
    documents = [TRICKY, Document("", id=2, split=Split.TEST), *tiny.corpus(3, first_id=5)]
    snapshot.write(tmp_path, documents)
    found = snapshot.read(tmp_path)
    assert found == documents
    assert [(s.id, s.source, s.score) for s in found[0].spans] == [
        ("u1", Source.MODEL, 0.25),
        ("u2", Source.IMPORT, None),
    ]


def test_nobody_else_on_the_computer_reads_the_documents(tmp_path: Path) -> None:
    snapshot.write(tmp_path, tiny.corpus(3))
    (data,) = tmp_path.iterdir()
    assert data.stat().st_mode & 0o777 == 0o600


def test_a_document_without_split_is_frozen_into_train(tmp_path: Path) -> None:
    snapshot.write(tmp_path, [Document("a", id=1)])
    assert snapshot.read(tmp_path)[0].split == Split.TRAIN


def test_guesses_stand_beside_what_is_suggested(tmp_path: Path) -> None:
    said, *others = (Span(0, 0, label, score=0.5) for label in "abc")
    suggested.write(tmp_path, [(7, [said], others), (8, [], [said])])
    assert list(suggested.read(tmp_path)) == [(7, said)]
    assert list(suggested.read_guesses(tmp_path)) == [(7, others[0]), (7, others[1]), (8, said)]


def test_matches_and_predictions_survive_the_files(tmp_path: Path) -> None:
    gold, found = TRICKY.spans[1], TRICKY.spans[0]
    matches = {
        Split.DEV: [
            Match(7, gold, None, ErrorKind.MISSED),
            Match(7, None, found, ErrorKind.SPURIOUS),
        ],
        Split.TEST: [Match(9, gold, found, ErrorKind.TYPE_AND_BOUNDARY)],
    }
    snapshot.write_matches(tmp_path, matches)
    snapshot.write_predictions(tmp_path, {Split.TEST: [(9, found)]})
    assert snapshot.read_matches(tmp_path) == {**matches, Split.TRAIN: []}
    ((number, span),) = snapshot.read_predictions(tmp_path)[Split.TEST]
    assert (number, span, span.score, span.source) == (9, found, 0.25, Source.MODEL)


def test_a_folder_of_before_has_its_matches_under_another_name(tmp_path: Path) -> None:
    matches = {Split.TEST: [Match(7, TRICKY.spans[1], None, ErrorKind.MISSED)]}
    snapshot.write_matches(tmp_path, matches)
    (tmp_path / "matches.parquet").rename(tmp_path / "pairs.parquet")
    assert snapshot.read_matches(tmp_path)[Split.TEST] == matches[Split.TEST]
    snapshot.write_matches(tmp_path, {})
    assert not any(snapshot.read_matches(tmp_path).values())


def test_no_predictions_at_all_are_no_special_case(tmp_path: Path) -> None:
    snapshot.write_matches(tmp_path, {})
    snapshot.write_predictions(tmp_path, {})
    assert not any(snapshot.read_matches(tmp_path).values())
    assert not any(snapshot.read_predictions(tmp_path).values())


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"data\.parquet is missing\. Resume the run"):
        snapshot.read(tmp_path)
    with pytest.raises(InputError, match=r"matches\.parquet is missing"):
        snapshot.read_matches(tmp_path)


def test_a_split_is_read_alone(tmp_path: Path) -> None:
    documents = [*tiny.corpus(3), *tiny.corpus(2, 1, 10, Split.TEST)]
    snapshot.write(tmp_path, documents)
    assert list(snapshot.stream(tmp_path, Split.TEST)) == documents[3:]
    assert list(snapshot.stream(tmp_path, Split.DEV)) == []
    assert snapshot.splits(tmp_path) == {Split.TRAIN, Split.TEST}


def test_documents_are_read_without_their_tokens(tmp_path: Path) -> None:
    snapshot.write(tmp_path, [TRICKY])
    (found,) = snapshot.stream(tmp_path, tokens=False)
    assert found == replace(next(snapshot.stream(tmp_path)), tokens=())


def test_what_is_known_of_matches_lies_beside_them(tmp_path: Path) -> None:
    """A worker tells it, so that nobody who serves people reads all of train for it."""
    matches = {
        Split.DEV: [Match(7, None, TRICKY.spans[0], ErrorKind.SPURIOUS)],
        Split.TEST: [Match(8, TRICKY.spans[1], None, ErrorKind.MISSED)] * 2,
    }
    known = {
        Split.DEV: [Facts("spurious", None, 2, 9, False)],
        Split.TEST: [Facts("missed", None, 1, 9, None), Facts("", "shifted", 1, 9, True)],
    }
    held = {Split.DEV: [["digits"]], Split.TEST: [[], ["digits", "long"]]}
    snapshot.write_matches(tmp_path, matches, known, held)
    assert snapshot.tells_facts(tmp_path)
    assert list(snapshot.stream_facts(tmp_path)) == known[Split.DEV] + known[Split.TEST]
    assert [list(snapshot.stream_slices(tmp_path, split)) for split in Split] == [
        [],
        held[Split.DEV],
        held[Split.TEST],
    ]
    streamed = [(split, match) for split, found in matches.items() for match in found]
    assert list(snapshot.stream_matches(tmp_path)) == streamed
    snapshot.write_matches(tmp_path, matches)
    assert not snapshot.tells_facts(tmp_path)
    snapshot.write_matches(tmp_path, {})
    assert not snapshot.tells_facts(tmp_path)
