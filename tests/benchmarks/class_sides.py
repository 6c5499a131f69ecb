"""The sides of the benchmark of document classes, each in a process of its own.

Ours is a whole run by its worker with the default recipe's settings. SetFit is its own Trainer
as its README sets it up, but for the number of pairs: all pairs of 77 classes would take days.
Logistic regression is scikit-learn's on the bundled encoder's mean-pooled vectors of length 1,
with C = 10, which is better at every size than its default of 1 (0.832, 0.919 and 0.929 after
0.793, 0.900 and 0.908 on BANKING77). The Trainer has the settings of transformers' run_glue.py as
its README calls it, but batches are padded to their longest text, and not to 128 pieces.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.configuration import bases
from engine.configuration.settings import settings_from
from storage.types import Document, Split
from storage.types import Task as TaskName
from tests.benchmarks.class_corpora import OUT, read, texts_and_labels
from tests.benchmarks.parts import measuring
from tests.benchmarks.parts.measuring import Clock

LENGTH = 128
Answer = tuple[Sequence[str], Sequence[float] | None]
"""Labels of the test texts, and how far each is out of scope; None where nobody says."""


def ours(job: dict, documents: list[Document], clock: Clock) -> Answer:
    """Do a whole run as its worker does, from the folder to the report."""
    from engine import worker
    from engine.runs import snapshot
    from tests.benchmarks.parts.sides import fit_settings, write_run

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = fit_settings(documents, job["base"], job["recipe"])
        settings = settings_from({"seed": job["seed"], **job["set"]}, settings)
        write_run(folder, documents, job["base"], settings, TaskName.CLASSES)
        with clock.running():
            if worker.work(folder):
                sys.exit((folder / worker.LOG).read_text(encoding="utf-8"))
        job["report"] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        found = dict(snapshot.read_predictions(folder)[Split.TEST])
    asked = [document.id for document in documents if document.split is Split.TEST]
    return [found[id].label if id in found else OUT for id in asked], None


def regression(job: dict, documents: list[Document], clock: Clock) -> Answer:
    """Fit scikit-learn's logistic regression on mean-pooled vectors."""
    from sklearn.linear_model import LogisticRegression

    texts, labels = texts_and_labels(documents, Split.TRAIN)
    embed = _encoder(job["base"])
    with clock.running():
        model = LogisticRegression(C=10, max_iter=1000).fit(embed(texts), labels)
    asked = embed(texts_and_labels(documents, Split.TEST)[0])
    return _of_probabilities(model.predict_proba(asked), list(model.classes_))


def _encoder(base: str) -> Callable[[list[str]], np.ndarray]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(bases.fetch(base)), device="cpu")
    return lambda texts: model.encode(texts, normalize_embeddings=True, show_progress_bar=False)


def setfit(job: dict, documents: list[Document], clock: Clock) -> Answer:
    """Train as SetFit's README does, with its defaults and at most so many steps of pairs."""
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    texts, labels = texts_and_labels(documents, Split.TRAIN)
    model = SetFitModel.from_pretrained(str(bases.fetch(job["base"])), device="cpu")
    with tempfile.TemporaryDirectory() as output:
        given = TrainingArguments(
            output_dir=output,
            batch_size=16,
            num_iterations=20,
            max_steps=job["steps"],
            save_strategy="no",
            report_to="none",
            seed=job["seed"],
        )
        rows = Dataset.from_dict({"text": texts, "label": labels})
        trainer = Trainer(model=model, args=given, train_dataset=rows)
        with clock.running():
            trainer.train()
    asked = texts_and_labels(documents, Split.TEST)[0]
    chances = np.asarray(model.predict_proba(asked, as_numpy=True))
    return _of_probabilities(chances, [str(label) for label in model.model_head.classes_])


def trainer(job: dict, documents: list[Document], clock: Clock) -> Answer:
    """Train as run_glue.py does: 3 epochs, 2e-5 falling to 0, batches of 32, no warm-up."""
    import transformers

    transformers.set_seed(job["seed"])
    folder = bases.fetch(job["base"])
    names = sorted({document.spans[0].label for document in documents})
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=len(names)
    )
    parts = {split: _rows(documents, split, tokenizer, names) for split in Split}
    with tempfile.TemporaryDirectory() as output:
        taught = transformers.Trainer(
            model=model,
            args=_arguments(output, job),
            train_dataset=parts[Split.TRAIN],
            data_collator=transformers.DataCollatorWithPadding(tokenizer),
        )
        taught.remove_callback(transformers.PrinterCallback)
        with clock.running():
            taught.train()
        logits = taught.predict(parts[Split.TEST]).predictions
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    return _of_probabilities(chances / chances.sum(axis=1, keepdims=True), names)


def _rows(documents: list[Document], split: Split, tokenizer: Any, names: list[str]) -> list[dict]:
    texts, labels = texts_and_labels(documents, split)
    read = tokenizer(texts, truncation=True, max_length=LENGTH)["input_ids"] if texts else []
    rows = zip(read, labels, strict=True)
    return [{"input_ids": pieces, "labels": names.index(label)} for pieces, label in rows]


def _arguments(output: str, job: dict) -> Any:
    from transformers import TrainingArguments

    return TrainingArguments(
        output_dir=output,
        num_train_epochs=3,
        learning_rate=2e-5,
        per_device_train_batch_size=32,
        per_device_eval_batch_size=32,
        seed=job["seed"],
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


def _of_probabilities(chances: np.ndarray, names: list[str]) -> Answer:
    """Return the likeliest label of each text, and the chance that it is out of scope."""
    labels = [names[place] for place in chances.argmax(axis=1)]
    if OUT not in names:
        return labels, None
    return labels, [float(row) for row in chances[:, names.index(OUT)]]


SIDES = {"ours": ours, "SetFit": setfit, "regression": regression, "Trainer": trainer}


def work(job: dict) -> dict:
    """Do one side's training in this process, and judge what it says of test."""
    measuring.set_threads(job["threads"], ours=job["side"] == "ours")
    documents = read(job["corpus"], job["size"], job["seed"])
    clock, started = Clock(), time.perf_counter()
    labels, outside = SIDES[job["side"]](job, documents, clock)
    total = time.perf_counter() - started
    gold = texts_and_labels(documents, Split.TEST)[1]
    return {
        **judge(gold, labels, outside),
        "seconds": clock.wall,
        "cpu_seconds": clock.cpu,
        "total_seconds": total,
        "peak_mib": measuring.peak_mib(),
        **_told(job.get("report")),
    }


def judge(
    gold: Sequence[str], labels: Sequence[str], outside: Sequence[float] | None
) -> dict[str, float]:
    """Return accuracy and macro F1, and what is said of texts that are out of scope."""
    from sklearn.metrics import f1_score, roc_auc_score

    right = np.array(gold) == np.array(labels)
    found = {
        "accuracy": float(right.mean()),
        "macro_f1": float(f1_score(gold, labels, average="macro", zero_division=0)),
    }
    out = np.array(gold) == OUT
    if out.any():
        found["in_scope_accuracy"] = float(right[~out].mean())
        found["out_of_scope_recall"] = float(right[out].mean())
    if out.any() and outside is not None:
        found["auroc"] = float(roc_auc_score(out, outside))
    return found


def _told(report: dict | None) -> dict:
    """Return what our own report says of the training and of texts that are out of scope."""
    if report is None:
        return {}
    outside = (report["test"] or {}).get("out_of_scope") or {}
    told = {name: outside[name] for name in ("auroc",) if name in outside}
    return {**told, "train_seconds": report["train_seconds"], "best_epoch": report["best_epoch"]}


if __name__ == "__main__":
    measuring.answer(work)
