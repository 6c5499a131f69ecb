"""Our side of the benchmark of predictions: its model, its limit, and what int8 costs."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from storage.types import Document

if TYPE_CHECKING:
    from engine.inference.pipeline import Predictor


def load(job: dict) -> Predictor:
    """Load our side's model, in float32 or in int8."""
    from engine.inference import pipeline
    from engine.inference.flat.encoder import flatten

    found = pipeline.load(Path(job["run"]), "cpu" if job["cpu"] else "auto")
    return replace(found, flat=flatten(found.loaded.model, True)) if job["rounded"] else found


def measure_loss(job: dict, documents: list[Document]) -> dict:
    """Return F1 against the files' own labels, in float32 and in int8."""
    found = {}
    for name, rounded in (("float32", False), ("int8", True)):
        predictor = load({**job, "rounded": rounded})
        task = predictor.loaded.head.task
        spans = [d.spans for chunk in predictor.stream(documents) for d in chunk]
        found[name] = task.figures(documents, spans, task.match(documents, spans))["f1"]
    return found


def measure_limit(job: dict, documents: list[Document]) -> dict:
    """Measure matrix products alone, and count those that the model must do for the text."""
    import torch

    from engine.inference.flat.products import Whole
    from engine.tasks.spans.tagging.encoding import encode

    found = load({**job, "cpu": True, "rounded": False})
    layers = [m for m in found.loaded.model.modules() if isinstance(m, torch.nn.Linear)]
    windows = encode(documents, found.loaded.pieces, found.labels, found.length, found.stride)
    pieces = sum(len(window.pieces) for window in windows)
    work = 2 * pieces * sum(layer.weight.numel() for layer in layers)
    widest = max(layers, key=lambda layer: layer.weight.numel())
    given, seconds = torch.randn(1024, widest.in_features), []
    with torch.inference_mode():
        product = Whole(widest)
        for _ in range(50):
            started = time.perf_counter()
            product(given)
            seconds.append(time.perf_counter() - started)
    peak = 2 * 1024 * widest.weight.numel() / min(seconds)
    words = sum(len(document.tokens) for document in documents)
    return {"pieces": pieces, "gflops": peak / 1e9, "words_per_second": words * peak / work}
