"""A look at all documents: what a worker leaves in its folder, from a model that was trained."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.inference.pipeline import load, predict
from engine.jobs import suggestions
from engine.models import loading
from engine.runs import checkpoints, snapshot, spec, suggested
from engine.runs.events import Cancelled, Events
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from engine.tasks import uncertainty
from engine.training.callbacks import Watch
from storage.errors import ModelError
from storage.types import Document, RunKind, Status
from tests.engine import folders, tiny
from tests.engine.folders import SETTINGS, kinds, read_report, start, states

LABELS = ("person", "place")


@pytest.fixture(scope="module")
def trained(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run whose model predicts all kinds of tags, as if it had been trained."""
    torch.manual_seed(3)
    loaded = loading.load_base(bert, LABELS)
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
    run = tmp_path_factory.mktemp("trained")
    spec.write(run, RunSpec(1, 1, "p", LABELS, str(bert), SETTINGS))
    checkpoints.write_whole(run / MODEL, lambda draft: loading.save(loaded, draft))
    return run


def texts() -> list[Document]:
    """Some documents that are done, some that are not, one without a word and one without tokens.

    The model reads them all alike.
    """
    done, rest = tiny.corpus(10, seed=1), tiny.corpus(10, seed=2, first_id=20)
    waiting = [replace(d, spans=(), status=Status.UNTOUCHED) for d in rest]
    return [*done, *waiting, Document("", id=40), Document("Paris, again", id=41)]


@pytest.fixture
def folder(bert: Path, trained: Path, tmp_path: Path) -> Path:
    """A look's folder as the runner writes it."""
    run = tmp_path / "look"
    run.mkdir()
    snapshot.write(run, texts())
    asked = RunSpec(
        2, 1, "p", LABELS, str(bert), SETTINGS, kind=RunKind.SUGGESTIONS, model=str(trained)
    )
    spec.write(run, asked)
    return run


def do(folder: Path, stop: threading.Event | None = None) -> str:
    watch = Watch(Events(folder), stop or threading.Event(), 1)
    return suggestions.run(folder, spec.read(folder), watch, lambda: None)


def test_every_document_gets_what_the_model_predicts_for_it(
    folder: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.jobs.suggestions.LEAN", 0.0)
    said = do(folder)
    predicted = predict(trained, texts())
    expected = [(document.id, span) for document in predicted for span in document.spans]
    found = list(suggested.read(folder))
    assert found == expected
    assert [span.score for _, span in found] == [span.score for _, span in expected]
    assert len(expected) > 5
    assert said == f"{len(expected)} suggestions in 22 documents."


def test_suggestions_lean_towards_finding_more(folder: Path, trained: Path) -> None:
    predicted = {(d.id, span) for d in predict(trained, texts()) for span in d.spans}
    do(folder)
    leant = {item: item[1].score for item in suggested.read(folder)}
    tokens = {d.id: d.tokens for d in predict(trained, texts())}

    def words(found: set) -> int:
        return sum(span.start <= start < span.end for id, span in found for start, _ in tokens[id])

    assert words(set(leant)) > words(predicted)
    # How sure the model is of a span does not depend on how it was found.
    own = {(d.id, s): s.score for d in predict(trained, texts()) for s in d.spans}
    both = own.keys() & leant.keys()
    assert len(both) > 3
    assert all(leant[item] == pytest.approx(own[item]) for item in both)


def test_scores_are_those_of_the_tokens(folder: Path, trained: Path) -> None:
    do(folder)
    found = {score.document: score for score in suggested.read_scores(folder)}
    assert list(found) == [document.id for document in texts()]
    chunks = list(load(trained).stream_scored(texts()))
    for documents, scores in chunks:
        for document, logs in zip(documents, scores, strict=True):
            doubt, score = uncertainty.doubt(logs), found[document.id]
            if doubt:
                assert score.entropy == pytest.approx(doubt.entropy, abs=1e-5)
                assert score.confidence == pytest.approx(doubt.confidence, abs=1e-5)
                assert score.margin == pytest.approx(doubt.margin, abs=1e-5)
    assert len({score.entropy for score in found.values()}) > 5
    empty = found[40]
    assert (empty.entropy, empty.confidence, empty.margin, empty.novelty) == (None,) * 4


def test_only_what_is_not_labelled_is_new(folder: Path) -> None:
    do(folder)
    labelled = {document.text for document in texts() if document.status is Status.DONE}
    by_id = {document.id: document for document in texts()}
    for score in suggested.read_scores(folder):
        document = by_id[score.document]
        if document.text in labelled:
            assert score.novelty == pytest.approx(0, abs=1e-6)
    assert max(s.novelty for s in suggested.read_scores(folder) if s.document != 40) > 0.001


def test_documents_that_come_in_chunks_are_the_same_documents(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(folder)
    whole = list(suggested.read(folder)), list(suggested.read_scores(folder))
    monkeypatch.setattr("engine.inference.pipeline.CHUNK_WORDS", {"cpu": 20})
    monkeypatch.setattr("engine.runs.tables.GROUP", 3)
    do(folder)
    assert list(suggested.read(folder)) == whole[0]
    for score, before in zip(suggested.read_scores(folder), whole[1], strict=True):
        assert score.entropy == pytest.approx(before.entropy, abs=1e-5)
        assert score.novelty == pytest.approx(before.novelty, abs=1e-5)


def test_the_worker_does_it_and_says_what_it_found(folder: Path) -> None:
    assert start(folder).wait(240) == 0, folders.said(folder)
    report = read_report(folder)
    assert (report["documents"], report["labelled"]) == (22, 10)
    assert report["suggestions"] == len(list(suggested.read(folder))) > 0
    state, said = states(folder)[-1]
    assert (state, said) == ("done", f"{report['suggestions']} suggestions in 22 documents.")
    last = kinds(folder, "progress")[-1]
    assert (last["step"], last["steps"]) == (22, 22)


def test_a_look_that_is_cancelled_leaves_nothing(folder: Path) -> None:
    do(folder)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        do(folder, stop)
    left = {path.name for path in folder.iterdir()}
    assert left == {"data.parquet", "spec.json", "events.jsonl"}


def test_a_run_without_a_model_cannot_look(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    spec.write(folder, replace(spec.read(folder), model=str(tmp_path / "empty")))
    with pytest.raises(ModelError, match="There is no complete model"):
        do(folder)


def test_a_project_without_documents_has_nothing_to_look_at(folder: Path) -> None:
    snapshot.write(folder, [])
    assert do(folder) == "0 suggestions in 0 documents."
    assert list(suggested.read_scores(folder)) == []
