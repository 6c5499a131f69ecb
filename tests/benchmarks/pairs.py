"""Question to intent: which of 77 descriptions is each question of BANKING77 about?

    python -m tests.benchmarks.pairs [--json] [--questions N] [--rows 1000 100000 1000000]

The descriptions (`intents.json`, one sentence each) were written for this benchmark from the
names of the intents, before any figure was seen. Train is a seeded sample of BANKING77's train
questions, a tenth of them dev, each with the description that fits and three that do not: two of
the nearest by the bundled encoder, one drawn. All figures are on held-out questions of its test
file. Recall@1 is the share of questions whose own intent comes first of the 77:

- bm25: `bm25s` with its defaults.
- bi-encoder before: the bundled encoder as it comes. After: what the run's `retriever/` holds.
- with cross-encoder: the first ten of the same bi-encoder, ordered by the run's model. Before
  training its head is random, so that its order says nothing; after, by the expected grade.

Then queries a second over catalogues of different sizes: one question at a time is embedded and
its nearest hundred are found (`engine.retrieval.index`, exact below 50,000 rows); with the
cross-encoder these hundred are ordered besides. Rows beyond the questions that there are stand
near them, by noise: what they say does not matter to the time it takes.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.configuration import bases, recipes
from engine.configuration.settings import Settings
from engine.encoding.tokens import tokenize
from engine.runs import snapshot, spec
from engine.runs.spec import RunSpec
from engine.system import environment
from storage.types import Document, Span, Split, Status, Task
from tests.benchmarks.parts import measuring

SEED, FIRST, NEAREST = 13, 10, 100
LABELS = "match", "no match"
BANKING = measuring.DATA / "banking77"
Question = tuple[str, str]


def read(name: str) -> list[Question]:
    """Read the questions of a file with their intents."""
    with open(BANKING / name, encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def described() -> dict[str, str]:
    """Return the description of each intent."""
    path = Path(__file__).with_name("intents.json")
    return json.loads(path.read_text(encoding="utf-8"))


def sample(questions: list[Question], count: int, seed: int) -> list[Question]:
    """Return a seeded sample in a seeded order; 0 takes all."""
    return random.Random(seed).sample(questions, min(count or len(questions), len(questions)))


def pairs_of(
    questions: Sequence[Question], near: np.ndarray, intents: dict[str, str], negatives: int
) -> list[Document]:
    """Return each question beside its intent and some others: all but one of them near."""
    choose, names = random.Random(SEED), list(intents)
    dev = len(questions) // 10
    found: list[Document] = []
    for number, (text, own) in enumerate(questions):
        wrong = [names[place] for place in near[number] if names[place] != own]
        others = wrong[: max(negatives - 1, 0)]
        left = [name for name in names if name != own and name not in others]
        others += choose.sample(left, negatives - len(others))
        split = Split.DEV if number < dev else Split.TRAIN
        for name in (own, *others):
            mark = (Span(0, 0, LABELS[name != own]),)
            values: dict[str, Any] = {"status": Status.DONE, "id": len(found) + 1, "split": split}
            second = intents[name]
            found.append(Document(text, tokenize(text), mark, second_text=second, **values))
    return found


def first_of(scores: np.ndarray, own: Sequence[int]) -> float:
    """Return the share of rows whose own column has the highest score."""
    return float((scores.argmax(axis=1) == np.array(own)).mean())


def with_bm25(texts: Sequence[str], asked: Sequence[str]) -> np.ndarray:
    """Return the scores of bm25s: (questions, texts)."""
    import bm25s

    index = bm25s.BM25()
    index.index(bm25s.tokenize(list(texts), show_progress=False), show_progress=False)
    words = bm25s.tokenize(list(asked), return_ids=False, show_progress=False)
    return np.stack([index.get_scores(each) for each in words])


def reorder(found: np.ndarray, weigh: Callable[[list[tuple[int, int]]], np.ndarray]) -> np.ndarray:
    """Return scores by which the first ten of each row come in another order."""
    first = np.argsort(-found, axis=1, kind="stable")[:, :FIRST]
    asked = [(row, int(column)) for row, columns in enumerate(first) for column in columns]
    scores = np.full(found.shape, -np.inf)
    for (row, column), score in zip(asked, weigh(asked), strict=True):
        scores[row, column] = score
    return scores


class Judge:
    """A cross-encoder: how well a second text fits a first one."""

    def __init__(self, predictor: Any) -> None:
        self._predictor = predictor

    def weigh(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """Return the expected grade of each pair: (pairs,)."""
        from engine.tasks.pairs.relevance import relevance

        asked = [Document(one, tokenize(one), second_text=other) for one, other in pairs]
        scores = [each[0] for _, rows in self._predictor.stream_scored(asked) for each in rows]
        return relevance(np.exp(np.stack(scores)), self._predictor.labels)


def untrained(settings: Settings) -> Judge:
    """Return a cross-encoder whose head nobody trained."""
    import torch

    from engine.inference.pipeline import Predictor
    from engine.models import loading

    torch.manual_seed(SEED)
    loaded = loading.load_base(bases.fetch(bases.BUNDLED), LABELS, task=Task.PAIRS)
    return Judge(Predictor(loaded, LABELS, settings.max_length, 0, torch.device("cpu")))


def fit(folder: Path, documents: Sequence[Document], settings: Settings) -> dict:
    """Do a whole run in a folder, as its worker would; return its report."""
    from engine.jobs import training
    from engine.runs.events import Events
    from engine.training.callbacks import Watch

    folder.mkdir()
    snapshot.write(folder, documents)
    asked = RunSpec(1, 1, "pairs", LABELS, bases.BUNDLED, settings, Task.PAIRS)
    spec.write(folder, asked)
    watch = Watch(Events(folder, 1), threading.Event(), settings.epochs)
    return training.fit(folder, asked, watch)


def matching(chosen: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Train, and measure recall@1 of all on held-out questions."""
    from engine.inference import pipeline, retriever

    intents = described()
    names, texts = list(intents), list(intents.values())
    questions = sample(read("train.csv"), chosen.questions, SEED)
    held_out = sample(read("test.csv"), chosen.test, SEED)
    asked, own = [text for text, _ in held_out], [names.index(name) for _, name in held_out]
    bundled = retriever.load(None)
    near = np.argsort(-(bundled.embed([q for q, _ in questions]) @ bundled.embed(texts).T), axis=1)
    documents = pairs_of(questions, near, intents, chosen.negatives)
    train = [document for document in documents if document.split is Split.TRAIN]
    settings = recipes.choose(chosen.recipe, recipes.Data.of(train, bases.shape(bases.BUNDLED)))
    settings = replace(settings, threads=chosen.threads)
    if chosen.epochs:
        settings = replace(settings, epochs=chosen.epochs)
    if chosen.retriever_epochs is not None:
        settings = replace(settings, retriever_epochs=chosen.retriever_epochs)

    def measure(found: np.ndarray, judge: Judge) -> dict[str, float]:
        ordered = reorder(found, lambda rows: judge.weigh([(asked[r], texts[c]) for r, c in rows]))
        return {"bi_encoder": first_of(found, own), "with_cross_encoder": first_of(ordered, own)}

    before = measure(bundled.embed(asked) @ bundled.embed(texts).T, untrained(settings))
    started = time.perf_counter()
    report = fit(folder, documents, settings)
    seconds = time.perf_counter() - started
    trained = retriever.load(retriever.find(folder))
    predictor = pipeline.load(folder)
    after = measure(trained.embed(asked) @ trained.embed(texts).T, Judge(predictor))
    bm25 = first_of(with_bm25(texts, asked), own)
    return {
        "questions": {"train": len(questions), "pairs": len(documents), "held_out": len(asked)},
        "recall@1": {"bm25": bm25, "before": before, "after": after},
        "ratio": {
            "to_bm25": after["with_cross_encoder"] / bm25,
            "to_untrained": after["with_cross_encoder"] / before["bi_encoder"],
        },
        "seconds": {
            "all": seconds,
            "cross_encoder": report["train_seconds"],
            "bi_encoder": report["retriever"]["train_seconds"],
        },
        "settings": {"epochs": settings.epochs, "retriever_epochs": settings.retriever_epochs},
    }


def speed(chosen: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Measure queries a second over catalogues of different sizes."""
    from engine.inference import pipeline, retriever
    from engine.retrieval import index

    there = retriever.find(folder)
    encoder = retriever.load(there)
    judge = Judge(pipeline.load(folder)) if there else untrained(Settings())
    texts = [text for text, _ in read("train.csv")][: max(chosen.rows)]
    texts = texts[: chosen.texts]
    asked = [text for text, _ in sample(read("test.csv"), chosen.queries, SEED)]
    known = encoder.embed(texts)
    found = []
    for rows in chosen.rows:
        vectors = spread(known, rows)
        started = time.perf_counter()
        built, told = index.build(vectors)
        seconds = time.perf_counter() - started

        def find(text: str, built: Any = built) -> np.ndarray:
            return built.search(encoder.embed([text]), NEAREST)[1][0]

        def order(text: str, find: Callable[[str], np.ndarray] = find) -> None:
            near = [texts[row % len(texts)] for row in find(text).tolist()]
            judge.weigh([(text, each) for each in near])

        found.append(
            {
                **told.to_json(),
                "build_seconds": seconds,
                "queries_a_second": {
                    "bi_encoder": rate(find, asked),
                    "with_cross_encoder": rate(order, asked[: max(2, len(asked) // 10)]),
                },
            }
        )
    return found


def spread(known: np.ndarray, rows: int) -> np.ndarray:
    """Return so many vectors of length 1: the known ones, and others near them."""
    draw = np.random.default_rng(SEED)
    found = np.empty((rows, known.shape[1]), dtype=np.float32)
    for start in range(0, rows, 50_000):
        places = np.arange(start, min(start + 50_000, rows))
        noise = draw.standard_normal((len(places), known.shape[1]), dtype=np.float32)
        noise *= (places >= len(known))[:, None] * 0.5 / np.sqrt(known.shape[1])
        near = known[places % len(known)] + noise
        found[places] = near / np.linalg.norm(near, axis=1, keepdims=True)
    return found


def rate(answer: Callable[[str], object], asked: Sequence[str]) -> float:
    """Return how many questions are answered in a second, one after the other."""
    answer(asked[0])
    started = time.perf_counter()
    for text in asked:
        answer(text)
    return len(asked) / (time.perf_counter() - started)


def say(found: dict[str, Any]) -> None:
    """Print what was found as people read it."""
    if "recall@1" in found:
        sizes, recall = found["questions"], found["recall@1"]
        print(
            f"{sizes['train']:,} questions, {sizes['pairs']:,} pairs; recall@1 of 77 intents over "
            f"{sizes['held_out']:,} held-out questions"
        )
        print(f"{'':22}{'before':>8}{'after':>8}")
        print(f"{'BM25':22}{recall['bm25']:8.3f}{'':>8}")
        for name in ("bi_encoder", "with_cross_encoder"):
            values = recall["before"][name], recall["after"][name]
            print(f"{name.replace('_', ' '):22}{values[0]:8.3f}{values[1]:8.3f}")
        ratio = found["ratio"]
        print(f"{ratio['to_bm25']:.2f} × BM25, {ratio['to_untrained']:.2f} × the untrained encoder")
        print(f"trained in {found['seconds']['all']:.0f} s")
    for row in found.get("speed", ()):
        rates = row["queries_a_second"]
        print(
            f"{row['rows']:>9,} rows ({row['kind']}, recall {row['recall']:.3f}): "
            f"{rates['bi_encoder']:.1f} queries a second, {rates['with_cross_encoder']:.2f} with "
            f"the cross-encoder; built in {row['build_seconds']:.0f} s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--questions", type=int, default=1000, help="to train on; 0: all")
    parser.add_argument("--test", type=int, default=770, help="held-out questions; 0: all")
    parser.add_argument("--negatives", type=int, default=3, help="wrong intents a question")
    parser.add_argument("--recipe", default="quick")
    parser.add_argument("--epochs", type=int, help="else the recipe's")
    parser.add_argument("--retriever-epochs", type=int, dest="retriever_epochs")
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000, 100_000])
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--texts", type=int, default=3_000, help="distinct texts of a catalogue")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--only", choices=("matching", "speed"))
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    environment.prepare(chosen.threads, {})
    import torch

    torch.set_num_threads(chosen.threads or len(os.sched_getaffinity(0)))
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where) / "run"
        if chosen.only != "speed":
            found |= matching(chosen, folder)
        if chosen.only != "matching" and chosen.rows:
            found["speed"] = speed(chosen, folder)
    print(json.dumps(found)) if chosen.json else say(found)


if __name__ == "__main__":
    main()
