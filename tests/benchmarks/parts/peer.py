"""The peer: ``transformers.Trainer``, set up as its token-classification example run_ner.py.

Its defaults: 3 epochs, learning rate 5e-5 falling to 0 without warm-up, batches of 8 padded
to their longest sentence, the first piece of a word labelled, AdamW, fp32 on CPU; bf16 on CUDA.
The weights of the last epoch and argmax are what it ends with. Another learning rate can be
given, as 5e-5 is small for a narrow encoder.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
import transformers

from engine.configuration import bases
from engine.tasks.spans.metrics import scoring
from engine.tasks.spans.tagging import schemes
from engine.tasks.spans.tagging.encoding import tag_names
from storage.types import Document, Span, Split
from tests.benchmarks.parts.measuring import count_words, labels_of
from tests.benchmarks.parts.sides import Observed, count_weights, is_point, make_clock, peak_on_card

BATCH, IGNORED = 8, -100


def train(job: dict, documents: list[Document]) -> dict:
    """Train as run_ner.py does with its defaults, but for the learning rate where one is given."""
    started = time.perf_counter()
    folder, labels = bases.fetch(job["base"]), tag_names(labels_of(documents))
    transformers.set_seed(job["seed"])
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, add_prefix_space=True)
    model = transformers.AutoModelForTokenClassification.from_pretrained(
        folder, num_labels=len(labels), id2label=dict(enumerate(labels))
    )
    length = min(tokenizer.model_max_length, model.config.max_position_embeddings)
    parts = {split: Part([d for d in documents if d.split is split]) for split in Split}
    for part in parts.values():
        part.encode(tokenizer, labels, length)
    learned = parts[Split.TRAIN]
    seen = Observed(make_clock(), weights=count_weights(model))
    seen.words = count_words(learned.documents) * job["epochs"]
    seen.pieces = sum(len(row["input_ids"]) for row in learned.rows) * job["epochs"]
    with tempfile.TemporaryDirectory() as output:
        trainer = transformers.Trainer(
            model=model,
            args=arguments(output, job),
            train_dataset=learned.rows,
            data_collator=transformers.DataCollatorForTokenClassification(tokenizer),
        )
        # It prints to stdout.
        trainer.remove_callback(transformers.PrinterCallback)

        def judge(split: Split) -> float | None:
            return parts[split].judge(trainer, labels)

        trainer.add_callback(glances(seen, lambda: judge(Split.DEV), job["points"]))
        with seen.clock.running():
            trainer.train()
        trainer.save_model(output)
        test = judge(Split.TEST)
    total = time.perf_counter() - started
    scores = {"dev": seen.points[-1][2], "test": test}
    return {"total_seconds": total, **seen.to_json(), **scores, **peak_on_card()}


def glances(seen: Observed, evaluate: Callable[[], float], points: int) -> object:
    """Return a callback of the Trainer that evaluates dev where ours does."""

    class Callback(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, **_) -> None:
            per_epoch = state.max_steps // round(args.num_train_epochs)
            if is_point(state.global_step, per_epoch, points):
                seen.judge(evaluate)

        def on_epoch_end(self, args, state, control, **_) -> None:
            seen.judge(evaluate)

    return Callback()


def arguments(output: str, job: dict) -> transformers.TrainingArguments:
    return transformers.TrainingArguments(
        output,
        num_train_epochs=job["epochs"],
        learning_rate=job["rate"],
        per_device_train_batch_size=job.get("batch", BATCH),
        seed=job["seed"],
        bf16=torch.cuda.is_available(),
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


class Part:
    """The documents of a split, as run_ner.py's tokenize_and_align_labels encodes them.

    First pieces are labelled, and there are no windows: what is too long is cut off.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.rows: list[dict[str, Any]] = []
        self._heads: list[list[tuple[int, int]]] = []
        """For each document its words that are seen, with the places of their first pieces."""

    def encode(self, tokenizer, labels: list[str], length: int) -> None:
        """Fill the rows."""
        for document in self.documents:
            words = [document.text[start:end] for start, end in document.tokens]
            row = tokenizer(words, is_split_into_words=True, truncation=True, max_length=length)
            tags, aligned = scoring.spans_to_tags(document, document.spans), []
            places: dict[int, int] = {}
            for place, word in enumerate(row.word_ids()):
                first = word is not None and places.setdefault(word, place) == place
                aligned.append(labels.index(tags[word]) if first else IGNORED)
            self.rows.append({**row, "labels": aligned})
            self._heads.append(list(places.items()))

    def judge(self, trainer, labels: list[str]) -> float | None:
        """Return the entity F1 of argmax tags, mended as seqeval and conlleval do."""
        if not self.rows:
            return None
        best, predicted = trainer.predict(self.rows).predictions.argmax(-1), []
        for document, heads, row in zip(self.documents, self._heads, best, strict=True):
            # Words without a prediction, as they were cut off or have no piece, count as O.
            tags = ["O"] * len(document.tokens)
            for word, place in heads:
                tags[word] = labels[row[place]]
            found = [
                Span(document.tokens[start][0], document.tokens[end - 1][1], label)
                for start, end, label in schemes.decode(tags)
            ]
            predicted.append(found)
        return scoring.micro(scoring.match_documents(self.documents, predicted))["f1"]
