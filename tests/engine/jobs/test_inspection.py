"""A closer look at a trained model: what a worker leaves in its folder."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.inference.pipeline import load, predict
from engine.jobs import inspection
from engine.models import loading
from engine.runs import checkpoints, inspected, snapshot, spec
from engine.runs.events import Cancelled, Events
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from engine.tasks.spans.task import SPANS
from engine.training.callbacks import Watch
from storage.types import Document, ErrorKind, RunKind, Span, Split
from tests.engine import tiny
from tests.engine.folders import SETTINGS, read_report

LABELS = ("person", "place")


@pytest.fixture(scope="module")
def trained(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained run's folder. On dev its model is right but for one document, on test it is not."""
    torch.manual_seed(3)
    loaded = loading.load_base(bert, LABELS)
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
    run = tmp_path_factory.mktemp("trained")
    spec.write(run, RunSpec(1, 1, "p", LABELS, str(bert), SETTINGS))
    checkpoints.write_whole(run / MODEL, lambda draft: loading.save(loaded, draft))
    train, dev = tiny.corpus(14, seed=1), tiny.corpus(8, seed=2, first_id=100, split=Split.DEV)
    dev = [replace(d, spans=tuple(map(plain, d.spans))) for d in predict(run, dev)]
    dev[0] = replace(dev[0], text=train[3].text, tokens=train[3].tokens, spans=train[3].spans)
    parts = {Split.DEV: dev, Split.TEST: tiny.corpus(4, seed=3, first_id=200, split=Split.TEST)}
    snapshot.write(run, [*train, *dev, *parts[Split.TEST]])
    found = {split: [d.spans for d in predict(run, parts[split])] for split in parts}
    matches = {split: SPANS.match(parts[split], found[split]) for split in parts}
    snapshot.write_matches(run, matches)
    return run


def plain(span: Span) -> Span:
    return Span(span.start, span.end, span.label)


@pytest.fixture
def folder(bert: Path, trained: Path, tmp_path: Path) -> Path:
    """An inspection's folder as the runner writes it."""
    asked = RunSpec(
        2, 1, "p", LABELS, str(bert), SETTINGS, kind=RunKind.INSPECTION, model=str(trained)
    )
    spec.write(tmp_path, asked)
    return tmp_path


def do(folder: Path, stop: threading.Event | None = None) -> str:
    watch = Watch(Events(folder), stop or threading.Event(), 1)
    return inspection.run(folder, spec.read(folder), watch, lambda: None)


def test_what_a_worker_leaves_adds_up(folder: Path, trained: Path) -> None:
    said = do(folder)
    report, failures = read_report(folder), list(inspected.read_failures(folder))
    matches = snapshot.read_matches(trained)
    stress = report["stress"]
    assert (stress["split"], stress["documents"]) == ("dev", stress["of"])

    # Each failing text is counted once, and read again it fails as it did.
    results = {each["test"]: each for each in stress["results"]}
    assert len(results) == 12 and sum(each["failures"] for each in results.values()) > 3
    for test, result in results.items():
        own = [failure for failure in failures if failure.test == test]
        assert result["texts"] == len(own)
        assert result["failures"] == sum(len(failure.missing) for failure in own)
        assert result["marks"] == sum(rate["marks"] for rate in result["labels"].values())
    failed = sum(each["failures"] for each in results.values())
    assert said.startswith(f"{failed:,} of ")
    exact = {m.gold for m in matches[Split.DEV] if m.kind is ErrorKind.EXACT}
    assert all(failure.text and failure.expected for failure in failures) and exact

    # The nearest training texts of each document with an error, its twin first of all.
    wrong = {m.document for ms in matches.values() for m in ms if m.kind is not ErrorKind.EXACT}
    near: dict[int, list] = {}
    for each in inspected.read_neighbours(folder):
        near.setdefault(each.document, []).append(each)
    assert near.keys() == wrong and 100 in wrong
    for rows in near.values():
        assert [row.rank for row in rows] == list(range(10))
        assert all(1 <= row.neighbour <= 14 for row in rows)
        likeness = [row.similarity for row in rows]
        assert likeness == sorted(likeness, reverse=True)
    texts = {document.id: document.text for document in snapshot.read(trained)}
    first = near[100][0]
    assert texts[first.neighbour] == texts[100] and first.similarity == pytest.approx(1, abs=1e-5)

    # A list of slices for each match; how labels overlap.
    slices = inspected.read_slices(folder)
    assert {split: len(lists) for split, lists in slices.items()} == {
        split: len(found) for split, found in matches.items() if found
    }
    names = {name for lists in slices.values() for each in lists for name in each}
    assert names <= {"no-neighbour", "other-neighbours", "plausible"} and names
    assert report["overlap"]["labels"] == list(LABELS)
    assert all(sum(row) == pytest.approx(1, abs=1e-3) for row in report["overlap"]["shares"])
    assert report["neighbours"] | {"close": 0} == {
        **{"documents": len(wrong), "train": 14, "of": 14},
        "close": 0,
    }


def test_a_failing_text_fails_again_where_it_is_read(folder: Path, trained: Path) -> None:
    do(folder)
    failures = [each for each in inspected.read_failures(folder) if each.test == "mention"]
    assert failures
    predictor = load(trained)
    for failure in failures:
        # White space separates its tokens, as in all documents here.
        document = tiny.document(failure.text)
        ((found,), _) = next(iter(predictor.stream_scored([document])))
        assert set(failure.found) == set(map(plain, found.spans))


def test_without_dev_the_test_documents_are_tried_and_without_marks_nothing_is(
    folder: Path, trained: Path, tmp_path: Path, bert: Path
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / MODEL).symlink_to(trained / MODEL)
    spec.write(bare, spec.read(trained))
    nothing = Document("Nothing happened", ((0, 7), (8, 16)), id=300, split=Split.TEST)
    snapshot.write(bare, [*tiny.corpus(4, seed=1), nothing])
    snapshot.write_matches(bare, {})
    spec.write(folder, replace(spec.read(folder), model=str(bare)))
    assert do(folder).startswith("Done; there was no mark")
    report = json.loads((folder / "report.json").read_text())
    assert (report["stress"]["split"], report["stress"]["documents"]) == ("test", 0)
    assert list(inspected.read_neighbours(folder)) == []


def test_one_that_is_cancelled_leaves_nothing(folder: Path) -> None:
    do(folder)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        do(folder, stop)
    assert {path.name for path in folder.iterdir()} == {"spec.json", "events.jsonl"}
