"""A catalogue made ready for questions: its items are embedded and indexed, once for all of them.

The items are the run's frozen documents. What was embedded before a run was killed is kept. The
threshold of a good answer is the one with the highest F1 on the pairs that the model was judged
on, and an answer must be as alike as all but 5 % of the good ones there; without a model there is
none, since similarities of an untrained encoder promise nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from engine import tasks
from engine.configuration import bases
from engine.inference import matcher
from engine.inference.matcher import Ranker
from engine.inference.retriever import Retriever
from engine.jobs import kinds
from engine.models import loading
from engine.retrieval import embeddings, index, threshold
from engine.retrieval.threshold import Threshold
from engine.runs import checkpoints, snapshot
from engine.runs.files import REPORT
from engine.runs.spec import RunSpec
from engine.training import reporting
from engine.training.callbacks import Watch
from storage.errors import InputError
from storage.types import Document, Split, Status

# Pairs by which the threshold is chosen, at most.
PAIRS = 4000


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Embed and index every frozen item, write the report, return the closing sentence.

    Raises ModelError where the run that trained has no complete model, and Cancelled.
    """
    started = time.perf_counter()
    reporting.discard(folder)
    device = loading.choose_device(asked.settings.device)
    watch.enter("loading", device=loading.name_device(device))
    encoder, ranker = matcher.models(asked.model, asked.settings.device)
    rows = snapshot.count(folder)
    if not rows:
        raise InputError("The catalogue has no items: load a file that has some.")
    texts = (document.text for document in snapshot.stream(folder, tokens=False))

    def note(done: int) -> None:
        watch.reading(done, rows, done, time.perf_counter() - started)

    vectors = embeddings.make(
        folder, texts, rows, lambda part: encoder.embed(part, watch.pause), note
    )
    watch.enter("indexing", step=rows, steps=rows, seconds_left=None)
    built, described = index.build(vectors, watch.pause)
    watch.enter("choosing the threshold")
    chosen = _threshold(encoder, ranker, asked, watch) if ranker else None
    watch.enter("saving")
    permit()
    index.save(folder, built)
    report = {
        "run": asked.run,
        "attempt": asked.attempt,
        "project": asked.project_name,
        "device": loading.name_device(device),
        "catalogue": str(asked.options.get(kinds.NAME, "")),
        "items": rows,
        "base": bases.title(asked.base),
        "index": described.to_json(),
        "threshold": chosen.to_json() if chosen else None,
        "highest": ranker.highest if ranker else 1.0,
        "total_seconds": time.perf_counter() - started,
    }
    checkpoints.write_file(folder / REPORT, json.dumps(report, indent=1, ensure_ascii=False))
    return _closing(rows, described)


def _threshold(
    encoder: Retriever, ranker: Ranker, asked: RunSpec, watch: Watch
) -> Threshold | None:
    """Choose on the pairs that the model's run was judged on: dev, or test where there is none."""
    fitting = tasks.get(asked.task).fitting
    assert fitting, "who has a ranker has two texts"
    pairs: list[Document] = []
    for split in (Split.DEV, Split.TEST):
        frozen = snapshot.stream(Path(asked.model), split)
        done = (document for document in frozen if document.status is Status.DONE)
        pairs = pairs or list(islice((d for d in done if d.spans), PAIRS))
    scores = ranker.scores(pairs, watch.pause)
    least = fitting.positive(asked.labels)
    good = [max(fitting.grade(span.label) for span in pair.spans) >= least for pair in pairs]
    first = encoder.embed([pair.text for pair in pairs], watch.pause)
    second = encoder.embed([pair.second_text or "" for pair in pairs], watch.pause)
    return threshold.choose(list(scores), good, list((first * second).sum(axis=1)))


def _closing(rows: int, described: index.Described) -> str:
    if described.kind == "exact":
        return f"{rows:,} items can be found; every one is compared."
    return f"{rows:,} items can be found; {described.recall:.1%} of what comparing all would find."
