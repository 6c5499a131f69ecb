"""One run from its frozen data to its report: load, encode, train, score, save."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy
import tokenizers
import torch
import transformers

from engine import bases, checkpoints, models, snapshot
from engine.examples import align, encode
from engine.inference import Exam, Verdict
from engine.models import Loaded
from engine.spec import RunSpec
from engine.training import Epoch, Step, Trained, train
from engine.watching import Watch
from storage.errors import TrainingError
from storage.types import Document, Split

REPORT = "report.json"
MODEL = "model"


def fit(folder: Path, spec: RunSpec, watch: Watch) -> dict:
    """Do the whole run in its folder and return the report.

    Raises Cancelled when ``watch`` is asked to stop, InputError and ModelError for what a
    person can mend, TrainingError when training cannot go on.
    """
    started = time.perf_counter()
    discard(folder)
    settings = spec.settings
    device = models.choose_device(settings.device)
    watch.enter("loading", device=models.name_device(device))
    parts = divide(snapshot.read(folder))
    snapshot.check(parts[Split.TRAIN], spec.labels)
    torch.manual_seed(settings.seed)
    loaded = models.load_base(bases.fetch(spec.base), spec.labels)
    loaded.model.to(device)
    findings = look(parts, loaded, watch)
    try:
        trained, verdicts = teach(parts, loaded, spec, device, watch)
    except RuntimeError as problem:
        if not is_exhausted(problem):
            raise
        raise TrainingError(
            f"The memory is too small for batches of {settings.batch_size} windows of up to "
            f"{settings.max_length} pieces; choose a smaller batch or a smaller base model."
        ) from problem
    watch.enter("saving", seconds_left=None)
    report = {
        **describe(spec, parts, trained, loaded, device),
        "total_seconds": time.perf_counter() - started,
        **findings,
        "train": None,
        **{split.value: scores_of(verdicts.get(split)) for split in (Split.DEV, Split.TEST)},
    }
    save(folder, loaded, verdicts, report)
    return report


def discard(folder: Path) -> None:
    """Remove what an earlier attempt left, so that no half of it is taken for ours."""
    checkpoints.sweep(folder)
    for name in (REPORT, snapshot.PREDICTIONS, snapshot.PAIRS):
        (folder / name).unlink(missing_ok=True)


def divide(documents: Sequence[Document]) -> dict[Split, list[Document]]:
    """Group documents by split, in their order."""
    parts: dict[Split, list[Document]] = {split: [] for split in Split}
    for document in documents:
        parts[document.split or Split.TRAIN].append(document)
    return parts


def look(parts: Mapping[Split, list[Document]], loaded: Loaded, watch: Watch) -> dict:
    """Say before training what cannot be learned and what the splits share; return both."""
    alignment = align(parts[Split.TRAIN], loaded.pieces.tokenizer)
    watch.log(f"Training on {alignment.documents:,} documents with {alignment.tokens:,} words.")
    for reason, count in alignment.problems.items():
        if count:
            watch.log(f"{count} of {alignment.spans} training spans are {reason}.")
    if alignment.wordless:
        watch.log(f"{alignment.wordless} training tokens are invisible to the base model.")
    known = {document.text for document in parts[Split.TRAIN]}
    shared = {}
    for split in (Split.DEV, Split.TEST):
        shared[split.value] = sum(document.text in known for document in parts[split])
        if shared[split.value]:
            total = len(parts[split])
            watch.log(f"{shared[split.value]} of {total} {split} documents are also in train.")
    return {"alignment": alignment.to_json(), "shared_with_train": shared}


def teach(
    parts: Mapping[Split, list[Document]],
    loaded: Loaded,
    spec: RunSpec,
    device: torch.device,
    watch: Watch,
) -> tuple[Trained, dict[Split, Verdict]]:
    """Train, then let the best epoch's weights predict dev and, once, test."""
    settings, labels = spec.settings, spec.labels
    length = min(settings.max_length, loaded.longest)
    windows = encode(parts[Split.TRAIN], loaded.pieces, labels, length, settings.stride)
    dev = Examiner(Exam(parts[Split.DEV], loaded, labels, settings, device, watch.pause), watch)
    watch.enter("training")
    evaluate = dev.evaluate if parts[Split.DEV] else None
    trained = train(loaded.model, windows, settings, device, loaded.padding, evaluate, dev)
    verdicts = {Split.DEV: dev.best} if dev.best else {}
    if parts[Split.TEST]:
        watch.enter("testing", seconds_left=None)
        started = time.perf_counter()
        test = Exam(parts[Split.TEST], loaded, labels, settings, device, watch.pause)
        verdicts[Split.TEST] = test.take()
        trained.eval_seconds += time.perf_counter() - started
    return trained, verdicts


class Examiner:
    """Examines dev after every epoch, passes the news on, and remembers the best verdict."""

    def __init__(self, exam: Exam, watch: Watch) -> None:
        self._exam, self._watch, self._latest = exam, watch, None
        self.best: Verdict | None = None

    def evaluate(self) -> dict:
        """Predict dev with the model as it is and return the epoch's figures."""
        self._watch.evaluating()
        self._latest = self._exam.take()
        return self._latest.figures()

    def step(self, step: Step) -> None:
        """Pass a step on."""
        self._watch.step(step)

    def epoch(self, epoch: Epoch, best: bool) -> None:
        """Keep the verdict if it is the best so far, and pass the epoch on."""
        self.best = self._latest if best else self.best
        self._watch.epoch(epoch, best)


def is_exhausted(problem: RuntimeError) -> bool:
    """Tell whether an error says that memory ran out, on a GPU or in main memory."""
    return isinstance(problem, torch.OutOfMemoryError) or "allocate memory" in str(problem)


def scores_of(verdict: Verdict | None) -> dict | None:
    """Return a verdict's scores; None for an absent split."""
    return verdict.scores() if verdict else None


def describe(
    spec: RunSpec,
    parts: Mapping[Split, list[Document]],
    trained: Trained,
    loaded: Loaded,
    device: torch.device,
) -> dict:
    """Return what a report says about how the run was made."""
    words = sum(len(document.tokens) for document in parts[Split.TRAIN])
    return {
        "run": spec.run,
        "attempt": spec.attempt,
        "project": spec.project_name,
        "base": spec.base,
        "device": models.name_device(device),
        "seed": spec.settings.seed,
        "labels": list(spec.labels),
        "settings": asdict(spec.settings),
        "train_seconds": trained.train_seconds,
        "eval_seconds": trained.eval_seconds,
        "words_per_second": trained.words / trained.train_seconds,
        "epochs": len(trained.history),
        "best_epoch": trained.best_epoch,
        "train_documents": len(parts[Split.TRAIN]),
        "train_words": words,
        "history": [
            {"epoch": epoch.number, "loss": epoch.loss, "dev": epoch.dev}
            for epoch in trained.history
        ],
        "versions": versions(loaded),
    }


def versions(loaded: Loaded) -> dict:
    """Return what the bits of a result depend on besides data, settings and seed."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
        "numpy": numpy.__version__,
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "attention": loaded.model.config._attn_implementation,
    }


def save(folder: Path, loaded: Loaded, verdicts: Mapping[Split, Verdict], report: Mapping) -> None:
    """Write the model, the predictions and the pairs, and the report last of all."""
    checkpoints.write_whole(folder / MODEL, lambda draft: models.save(loaded, draft))
    snapshot.write_predictions(
        folder,
        {
            split: [
                (document.id, span)
                for document, spans in zip(verdict.documents, verdict.predicted, strict=True)
                for span in spans
            ]
            for split, verdict in verdicts.items()
        },
    )
    snapshot.write_pairs(folder, {split: verdict.pairs for split, verdict in verdicts.items()})
    text = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False)
    checkpoints.write_file(folder / REPORT, text)
