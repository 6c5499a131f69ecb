"""Suggestions made by workers of a cluster: what is stored is what one process would store."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from sqlalchemy import select

from engine.commands import main
from engine.inference import pipeline
from engine.inference.looking import Looker
from engine.scaling import spreading, suggesting
from storage.corpus import documents
from storage.database.connection import Database
from storage.engines.schema import DocumentScoreRow, SuggestionRow
from storage.errors import TrainingError
from storage.types import Document
from tests.engine import tiny
from tests.engine.serving.running.served import promotable

# So many make several chunks.
COUNT = 2_500


def test_a_worker_sees_what_one_process_sees(
    folder: Path, bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pipeline.CHUNK_WORDS, "cpu", 100)
    many = [*tiny.corpus(30), Document("Ada, und 漢字 👩‍👩‍👧"), Document("")]
    here = list(Looker(folder, bert, torch.device("cpu")).look(many, 1.5))
    worker = suggesting.Worker(str(folder), str(bert), 1.5, 1)
    chunks = list(spreading.chunks(many))
    assert len(chunks) == len(here) > 2
    rows = worker({"chunk": [spreading.written(chunk) for chunk in chunks]})
    for number, (chunk, seen) in enumerate(here):
        row = {name: column[number] for name, column in rows.items()}
        there = suggesting.looked(row, len(chunk))
        for one, other in ((seen.spans, there.spans), (seen.guesses, there.guesses)):
            assert [list(map(asdict, e)) for e in one] == [list(map(asdict, e)) for e in other]
        np.testing.assert_array_equal(seen.doubts, there.doubts)
        np.testing.assert_array_equal(seen.vectors, there.vectors)
    assert np.isnan(here[-1][1].doubts[-1]).all(), "of an empty text nothing is measured"


@pytest.mark.long
def test_two_nodes_suggest_what_one_process_does(
    two_nodes: str, db: Database, home: Path, bert: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run,) = promotable(db, home, bert, 1)
    documents.add_documents(db, 1, tiny.corpus(COUNT), "ada")
    asked = ["suggest", "--project", "p", "--run", str(run), "--json"]
    told, stored = [], []
    for more in ([], ["--ray", two_nodes, "--workers", "2"]):
        assert main([*asked, *more]) == 0
        told.append(json.loads(capsys.readouterr().out))
        stored.append(of_all(db))
    assert stored[0] == stored[1] and len(stored[0][0]) == COUNT
    assert told[0]["suggestions"] == told[1]["suggestions"] > 20


def test_a_cluster_that_is_not_there_is_said_soon() -> None:
    work = suggesting.Work("run", "encoder", 0.0)
    with pytest.raises(TrainingError, match="The Ray cluster at 127.0.0.1:1 cannot be used"):
        next(suggesting.look(work, list, spreading.Spread("127.0.0.1:1", 2)))


def of_all(db: Database) -> tuple[list[tuple], list[tuple]]:
    """Return what is stored of all documents: scores, and suggestions with guesses."""
    looked, said = DocumentScoreRow, SuggestionRow
    scores = select(
        looked.document_id, looked.entropy, looked.confidence, looked.margin, looked.novelty
    ).order_by(looked.document_id)
    place = said.document_id, said.rank, said.start, said.end, said.label
    with db.read() as session:
        found = session.execute(select(*place, said.score).order_by(*place)).all()
        return list(map(tuple, session.execute(scores))), list(map(tuple, found))
