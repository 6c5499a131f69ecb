"""A catalogue made ready for questions: its items are embedded and indexed, once for all of them.

The items are the run's frozen documents. What was embedded before a run was killed is kept. How
much the retriever and the model count in the order is what the run that trained both found, else
it is chosen where the model was judged. The threshold of a good answer is the one with the highest
F1 on the pairs that the model was judged on, and an answer must be as alike as all but 5 % of the
good ones there; without a model there is none, since similarities of an untrained encoder promise
nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from engine import tasks
from engine.configuration import bases
from engine.inference import matcher
from engine.inference.matcher import Ranker
from engine.inference.retriever import Retriever
from engine.jobs import kinds
from engine.models import loading
from engine.retrieval import blending, embeddings, index, threshold
from engine.retrieval.threshold import Threshold
from engine.runs import files, snapshot
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
    order = _judge(encoder, ranker, asked, watch) if ranker else Order(1.0, None)
    watch.enter("saving")
    permit()
    index.save(folder, built)
    report = {
        **reporting.heading(asked),
        "device": loading.name_device(device),
        "catalogue": str(asked.options.get(kinds.NAME, "")),
        "items": rows,
        "base": bases.title(asked.base),
        "index": described.to_json(),
        "likeness_weight": order.weight,
        "threshold": order.threshold.to_json() if order.threshold else None,
        "highest": ranker.highest if ranker else 1.0,
        "total_seconds": time.perf_counter() - started,
    }
    reporting.write(folder, report)
    return _closing(rows, described)


@dataclass(frozen=True, slots=True)
class Order:
    """What is chosen on the pairs that a model was judged on."""

    weight: float
    """How much the cosine counts beside the model (see ``blending``)."""
    threshold: Threshold | None


def _judge(encoder: Retriever, ranker: Ranker, asked: RunSpec, watch: Watch) -> Order:
    """Choose on dev, or on test where there is none."""
    fitting = tasks.get(asked.task).fitting
    assert fitting, "who has a ranker has two texts"
    pairs: list[Document] = []
    for split in (Split.DEV, Split.TEST):
        frozen = snapshot.stream(Path(asked.model), split)
        done = (document for document in frozen if document.status is Status.DONE)
        pairs = pairs or list(islice((d for d in done if d.spans), PAIRS))
    grades = [max(fitting.grade(span.label) for span in pair.spans) for pair in pairs]
    texts = [pair.text for pair in pairs]
    likenesses = blending.likenesses(pairs, lambda some: encoder.embed(some, watch.pause))
    relevance = ranker.scores(pairs, watch.pause)
    weight = _told(Path(asked.model))
    if weight is None:
        weight = blending.choose(texts, grades, relevance, likenesses, ranker.highest)
    scores = blending.blend(relevance, likenesses, ranker.highest, weight)
    least = fitting.positive(asked.labels)
    good = [grade >= least for grade in grades]
    return Order(weight, threshold.choose(list(scores), good, list(likenesses)))


def _told(trained: Path) -> float | None:
    """Return how much the cosine counts where the run that trained has found that out."""
    with files.reading(trained / REPORT):
        report = files.read_object(trained / REPORT) if (trained / REPORT).exists() else {}
    judged = (report.get(split.value) or {} for split in (Split.DEV, Split.TEST))
    found = ((scores.get("ranking") or {}).get("likeness_weight") for scores in judged)
    return next((float(weight) for weight in found if weight is not None), None)


def _closing(rows: int, described: index.Described) -> str:
    if described.kind == "exact":
        return f"{rows:,} items can be found; every one is compared."
    return f"{rows:,} items can be found; {described.recall:.1%} of what comparing all would find."
