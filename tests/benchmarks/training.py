"""Our training against ``transformers.Trainer``, set up as its token-classification example.

    python -m tests.benchmarks.training [TRAIN.conll DEV.conll TEST.conll] [--rounds N] [--json]

Both fine-tune the same base model on the same sentences for the same number of epochs, in
one call and alternating, with the same scorer. The Trainer has the defaults of run_ner.py:
learning rate 5e-5, batches of 8, padded to their longest sentence, the first piece of a word
labelled, no warm-up, the last epoch's weights, argmax. Ours has what the app suggests for
this much data. Words per second are training words × epochs ÷ time from the first batch to
the last step; evaluation does not count. Files tell their split by their names, else by order.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from engine import recipes
from engine.environment import cores
from engine.spec import RunSpec  # noqa: E402
from engine.worker import set_threads  # noqa: E402

set_threads(0)

import torch  # noqa: E402
import transformers  # noqa: E402

from engine import bases, fitting, importing, schemes, scoring, snapshot, spec  # noqa: E402
from engine.events import Events  # noqa: E402
from engine.examples import tag_names  # noqa: E402
from engine.watching import Watch  # noqa: E402
from storage.types import Document, Span, Split  # noqa: E402

DATA = ROOT.parent / "shared" / "data"
CORPORA = (
    [f"crossner/politics/{split}.txt" for split in ("train", "dev", "test")],
    ["wnut17/wnut17train.conll", "wnut17/emerging.dev.conll", "wnut17/emerging.test.annotated"],
)
PEER_RATE, PEER_BATCH, IGNORED = 5e-5, 8, -100


def find_files() -> list[Path]:
    """Return the first corpus that is here."""
    for names in CORPORA:
        files = [DATA / name for name in names]
        if all(file.is_file() for file in files):
            return files
    sys.exit("There is no corpus in ../shared/data; name CoNLL files: TRAIN DEV TEST.")


def read_files(files: Sequence[Path], limit: int | None) -> list[Document]:
    """Read CoNLL files into documents with splits and ids."""
    plans = [importing.plan([file], format="conll") for file in files]
    for plan in plans:
        plan.check()
    splits = [plan.files[0].split for plan in plans]
    if len(set(splits)) < len(splits):
        splits = list(Split)
    documents = [
        replace(document, split=split)
        for plan, split in zip(plans, splits, strict=False)
        for document in plan.documents_to_add
    ]
    documents = snapshot.sample(documents, limit, seed=13)
    return [replace(document, id=number) for number, document in enumerate(documents, start=1)]


def train_ours(documents: list[Document], base: str, epochs: int, seed: int) -> dict:
    """Train as a run does, in a folder of its own."""
    torch.set_num_threads(cores())
    train = [document for document in documents if document.split is Split.TRAIN]
    words = sum(len(document.tokens) for document in train)
    settings = recipes.choose(recipes.DEFAULT, recipes.Data(len(train), words, bases.width(base)))
    settings = replace(settings, epochs=epochs, seed=seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        snapshot.write(folder, documents)
        asked = RunSpec(1, 1, "benchmark", labels_of(documents), base, settings)
        spec.write(folder, asked)
        watch = Watch(Events(folder), threading.Event(), epochs)
        report = fitting.fit(folder, asked, watch)
    figures = {s: report[s]["entity"]["micro"]["f1"] if report[s] else None for s in SCORED}
    return {"words_per_second": report["words_per_second"], **figures}


SCORED = ("dev", "test")


def labels_of(documents: Sequence[Document]) -> tuple[str, ...]:
    return tuple(sorted({span.label for document in documents for span in document.spans}))


def train_peer(documents: list[Document], base: str, epochs: int, seed: int) -> dict:
    """Train as run_ner.py does with its defaults."""
    folder, labels = bases.fetch(base), tag_names(labels_of(documents))
    transformers.set_seed(seed)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, add_prefix_space=True)
    model = transformers.AutoModelForTokenClassification.from_pretrained(
        folder, num_labels=len(labels), id2label=dict(enumerate(labels))
    )
    length = min(tokenizer.model_max_length, model.config.max_position_embeddings)
    parts = {
        split: [encode(d, tokenizer, labels, length) for d in documents if d.split is split]
        for split in Split
    }
    with tempfile.TemporaryDirectory() as output:
        trainer = transformers.Trainer(
            model=model,
            args=peer_arguments(output, epochs, seed),
            train_dataset=parts[Split.TRAIN],
            data_collator=transformers.DataCollatorForTokenClassification(tokenizer),
        )
        # It prints to stdout, which belongs to --json.
        trainer.remove_callback(transformers.PrinterCallback)
        seconds = trainer.train().metrics["train_runtime"]
        words = sum(len(d.tokens) for d in documents if d.split is Split.TRAIN)
        figures = {
            split: judge_peer(trainer, [d for d in documents if d.split == split], part, labels)
            for split, part in parts.items()
            if split in SCORED
        }
    return {"words_per_second": words * epochs / seconds, **{s: figures[s] for s in SCORED}}


def peer_arguments(output: str, epochs: int, seed: int) -> transformers.TrainingArguments:
    return transformers.TrainingArguments(
        output,
        num_train_epochs=epochs,
        learning_rate=PEER_RATE,
        per_device_train_batch_size=PEER_BATCH,
        seed=seed,
        bf16=torch.cuda.is_available(),
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


def encode(document: Document, tokenizer, labels: list[str], length: int) -> dict:
    """Encode as run_ner.py's tokenize_and_align_labels: first pieces labelled, no windows."""
    words = [document.text[start:end] for start, end in document.tokens]
    found = tokenizer(words, is_split_into_words=True, truncation=True, max_length=length)
    tags = scoring.spans_to_tags(document, document.spans)
    before, aligned = None, []
    for word in found.word_ids():
        asked = word is not None and word != before
        aligned.append(labels.index(tags[word]) if asked else IGNORED)
        before = word
    return {**found, "labels": aligned}


def judge_peer(trainer, documents: list[Document], part: list[dict], labels: list[str]):
    """Return the entity F1 of argmax predictions, mended as seqeval and conlleval do."""
    if not part:
        return None
    best = trainer.predict(part).predictions.argmax(-1)
    predicted = []
    for document, example, row in zip(documents, part, best, strict=True):
        asked = [tag != IGNORED for tag in example["labels"]]
        tags = [labels[row[place]] for place, ask in enumerate(asked) if ask]
        # Words cut off by truncation have no prediction, which counts as O.
        spans = schemes.decode(tags)
        predicted.append(
            [Span(document.tokens[a][0], document.tokens[b - 1][1], x) for a, b, x in spans]
        )
    pairs = scoring.pair_documents(documents, predicted)
    return scoring.micro(pairs)["f1"]


def run(arguments: argparse.Namespace) -> dict:
    """Train both in turn, as often as asked, and compare the means."""
    documents = read_files(arguments.files or find_files(), arguments.limit)
    found: dict[str, list[dict]] = {"ours": [], "trainer": []}
    loads = [os.getloadavg()[0]]
    for number in range(arguments.rounds):
        turns = [("ours", train_ours), ("trainer", train_peer)]
        for name, train in turns if number % 2 == 0 else turns[::-1]:
            started = time.perf_counter()
            result = train(documents, arguments.base, arguments.epochs, 13 + number)
            found[name].append({**result, "seconds": time.perf_counter() - started})
            loads.append(os.getloadavg()[0])
    means = {name: mean(results) for name, results in found.items()}
    ours, peer = means["ours"], means["trainer"]
    train = [document for document in documents if document.split is Split.TRAIN]
    return {
        "base": arguments.base,
        "epochs": arguments.epochs,
        "rounds": arguments.rounds,
        "train_documents": len(train),
        "train_words": sum(len(document.tokens) for document in train),
        "device": "cuda" if torch.cuda.is_available() else f"cpu, {cores()} threads",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "load_average": loads,
        **means,
        "ratio": {key: ratio(ours[key], peer[key]) for key in ("words_per_second", *SCORED)},
    }


def mean(results: list[dict]) -> dict:
    """Average over the rounds; an absent split stays None."""
    keys = results[0]
    return {
        key: None if results[0][key] is None else statistics.mean(r[key] for r in results)
        for key in keys
    }


def ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def show(found: dict) -> None:
    """Print the comparison as a table."""
    print(
        f"{found['train_documents']:,} sentences, {found['train_words']:,} words, "
        f"{found['epochs']} epochs, {found['rounds']} rounds, base {found['base']}, "
        f"{found['device']}"
    )
    print(f"{'':<22}{'Whetstone':>12}{'Trainer':>12}{'ratio':>8}")
    titles = {"words_per_second": "words per second", "dev": "dev F1", "test": "test F1"}
    for key, title in titles.items():
        cells = (found["ours"][key], found["trainer"][key], found["ratio"][key])
        digits = 0 if key == "words_per_second" else 3
        shown = ["-" if cell is None else f"{cell:,.{digits}f}" for cell in cells[:2]]
        last = "-" if cells[2] is None else f"{cells[2]:.2f}"
        print(f"{title:<22}{shown[0]:>12}{shown[1]:>12}{last:>8}")
    print("load average", " ".join(f"{load:.1f}" for load in found["load_average"]))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="CoNLL: TRAIN DEV TEST")
    parser.add_argument("--base", default="bundled")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--limit", type=int, help="train on a seeded sample")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    found = run(chosen)
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
