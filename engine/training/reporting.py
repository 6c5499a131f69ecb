"""What a run says about itself when it is over: ``report.json``, predictions, matches, model."""

from __future__ import annotations

import hashlib
import json
import resource
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import torch

from engine.inference.predicting import Evaluation
from engine.models import adapters, loading
from engine.models.loading import Loaded
from engine.packaging import sources
from engine.runs import checkpoints, facts, inspected, snapshot, spec, suggested, suspects
from engine.runs.files import MODEL, REPORT, USAGE
from engine.runs.spec import RunSpec
from engine.runs.weighed import opinions
from engine.training.trainer_state import Trained
from storage.types import Document, Split


def heading(spec: RunSpec) -> dict[str, Any]:
    """Return what every report begins with: which run it is of."""
    return {"run": spec.run, "attempt": spec.attempt, "project": spec.project_name}


def write(folder: Path, report: Mapping[str, Any], usage: Mapping[str, Any] | None = None) -> None:
    """Write ``usage.json`` where there is some, and ``report.json``, each whole, the latter last.

    Raises ValueError for a figure that is no number: nobody could read it.
    """
    if usage is not None:
        checkpoints.write_file(folder / USAGE, json.dumps(usage, indent=1))
    text = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False)
    checkpoints.write_file(folder / REPORT, text)


def describe(
    spec: RunSpec,
    parts: Mapping[Split, Sequence[Document]],
    trained: Trained,
    device: torch.device,
) -> dict:
    """Return what a report says about how the run was made."""
    return {
        **heading(spec),
        "recipe": spec.settings.recipe,
        "base": spec.base,
        "device": loading.name_device(device),
        "seed": spec.settings.seed,
        "labels": list(spec.labels),
        "settings": asdict(spec.settings),
        "train_seconds": trained.train_seconds,
        "eval_seconds": trained.eval_seconds,
        "words_per_second": trained.words / trained.train_seconds,
        "epochs": len(trained.history),
        "best_epoch": trained.best_epoch,
        "start": trained.start,
        "accumulation": trained.accumulation,
        "train_documents": len(parts[Split.TRAIN]),
        "train_words": sum(len(document.tokens) for document in parts[Split.TRAIN]),
        "data": {split.value: fingerprint(documents) for split, documents in parts.items()},
        "history": [
            {
                "epoch": epoch.number,
                "loss": epoch.loss,
                "dev": epoch.dev,
                "seconds": epoch.seconds,
            }
            for epoch in trained.history
        ],
        "versions": dict(spec.environment),
    }


def fingerprint(documents: Iterable[Document]) -> dict:
    """Return the number of a split's documents and a hash of their texts, tokens and spans.

    Two runs with the same hash of a split saw, or were scored on, the same of it.
    """
    digest, count = hashlib.sha256(), 0
    for document in documents:
        count += 1
        spans = [(span.start, span.end, span.label) for span in document.spans]
        # A document of one text is told as it always was, so that old reports compare.
        texts = (document.text, *([document.second_text] if document.second_text else ()))
        digest.update(repr((*texts, document.tokens, spans)).encode("utf-8", "surrogatepass"))
    return {"documents": count, "sha256": digest.hexdigest()}


def usage(spec: RunSpec, device: torch.device) -> dict:
    """Return what two equal runs may differ in besides times: ``usage.json``."""
    return {"resumed": spec.attempt - 1, "peak_memory_bytes": peak_memory(device)}


def peak_memory(device: torch.device) -> int:
    """Return the most bytes held at once: on the GPU, else by the whole process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # getrusage would tell the peak of the process that started this one, where it was larger.
    (line,) = (s for s in status.read_text().splitlines() if s.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def summarize(results: Sequence[dict]) -> dict | None:
    """Return mean and sample standard deviation of F1 over several seeds; None for one."""
    if len(results) < 2:
        return None
    found: dict[str, Any] = {}
    for split in (Split.DEV.value, Split.TEST.value):
        figures = [result[split] for result in results if result[split] is not None]
        found[split] = None
        if len(figures) > 1:
            spread = statistics.stdev(figures)
            found[split] = {"mean": statistics.fmean(figures), "deviation": spread}
    return found


def scores_of(evaluation: Evaluation | None) -> dict | None:
    """Return an evaluation's scores; None for an absent split."""
    return evaluation.scores() if evaluation else None


def discard(folder: Path) -> None:
    """Remove what an earlier attempt left of these, so that no half of it is taken for ours."""
    checkpoints.sweep(folder)
    findings = snapshot.PREDICTIONS, snapshot.MATCHES, snapshot.PAIRS
    looks = suggested.SUGGESTIONS, suggested.SCORES, *inspected.FILES, suspects.FILE, opinions.FILE
    for name in (REPORT, USAGE, *findings, *looks):
        (folder / name).unlink(missing_ok=True)


def save_model(folder: Path, loaded: Loaded, permit: Callable[[], None]) -> None:
    """Write the model so that transformers loads it by itself; adapters are merged in."""
    plain = replace(loaded, model=adapters.merged(loaded.model))
    settings = spec.read(folder).settings
    length = min(settings.max_length, loaded.longest)

    def fill(draft: Path) -> None:
        loading.save(plain, draft)
        sources.equip(draft, loaded.head.task, length, settings.stride)

    checkpoints.write_whole(folder / MODEL, fill, permit)


def save_findings(
    folder: Path, evaluations: Mapping[Split, Evaluation], report: Mapping, usage: Mapping
) -> None:
    """Write predictions, matches and usage, and the report last of all."""
    snapshot.write_predictions(
        folder,
        {
            split: [
                (cast(int, document.id), span)
                for document, spans in zip(evaluation.documents, evaluation.predicted, strict=True)
                for span in spans
            ]
            for split, evaluation in evaluations.items()
        },
    )
    matches = {split: evaluation.matches for split, evaluation in evaluations.items()}
    documents = [document for each in evaluations.values() for document in each.documents]
    # Told here, where the documents are at hand, and by no process that serves people.
    known = facts.with_slices(folder, matches, documents)
    snapshot.write_matches(folder, matches, *(known or ()))
    write(folder, report, usage)
