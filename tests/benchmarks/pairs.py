"""Question to intent: which of 77 descriptions is each question of BANKING77 about?

    python -m tests.benchmarks.pairs [--json] [--questions N] [--rows 1000 100000 1000000]

The descriptions (`intents.json`, one sentence each) were written for this benchmark from the
names of the intents, before any figure was seen. Train is a seeded sample of BANKING77's train
questions, a tenth of them dev, each with the description that fits and three that do not: two of
the nearest by the bundled encoder, one drawn. All figures are on held-out questions of its test
file. Recall@1 is the share of questions whose own intent comes first of the 77:

- bm25: `bm25s` with its defaults.
- bi-encoder before: the bundled encoder as it comes. After: what the run's `retriever/` holds.
- cross-encoder alone: the first ten of the same bi-encoder, ordered by the run's model. Before
  training its head is random, so that its order says nothing; after, by the expected grade.
- with cross-encoder: the same ten as Match orders them, by both. How much each counts was chosen
  on dev when the run was trained; before, the bi-encoder's order stands.

Then queries a second over catalogues of different sizes: one question at a time is embedded and
its nearest hundred are found (`engine.retrieval.index`, exact below 50,000 rows); with the
cross-encoder these hundred are ordered besides. Rows beyond the questions that there are stand
near them, by noise: what they say does not matter to the time it takes.
"""

from __future__ import annotations

# What imports torch is imported later: how many threads it uses is settled before.
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
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.configuration import bases, recipes
from engine.configuration.settings import Settings
from engine.encoding.tokens import tokenize
from engine.retrieval.blending import blend
from engine.runs import snapshot, spec
from engine.runs.spec import RunSpec
from engine.system import environment
from storage.types import Document, Span, Split, Status, Task
from tests.benchmarks.parts import measuring

if TYPE_CHECKING:
    from engine.inference.matcher import Ranker

SEED, FIRST, NEAREST = 13, 10, 100
LABELS = "match", "no match"
NAMES = "bi_encoder", "cross_encoder_alone", "with_cross_encoder"
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


def orders(
    found: np.ndarray, ranker: Ranker, asked: Sequence[str], texts: Sequence[str], weight: float
) -> dict[str, np.ndarray]:
    """Return scores by which the first ten of each row come first, in other orders, by name."""
    first = np.argsort(-found, axis=1, kind="stable")[:, :FIRST]
    rows, columns = np.repeat(np.arange(len(found)), first.shape[1]), first.ravel()
    places = zip(rows.tolist(), columns.tolist(), strict=True)
    own = weigh(ranker, [(asked[row], texts[column]) for row, column in places])
    both = blend(own, found[rows, columns].astype(np.float64), ranker.highest, weight)
    scores = np.full((2, *found.shape), -np.inf)
    scores[:, rows, columns] = own, both
    return dict(zip(NAMES, (found, *scores), strict=True))


def untrained(settings: Settings) -> Ranker:
    """Return a cross-encoder whose head nobody trained."""
    import torch

    from engine.inference.matcher import Ranker
    from engine.inference.pipeline import Predictor
    from engine.models import loading

    torch.manual_seed(SEED)
    loaded = loading.load_base(bases.fetch(bases.BUNDLED), LABELS, task=Task.PAIRS)
    return Ranker(Predictor(loaded, LABELS, settings.max_length, 0, torch.device("cpu")))


def weigh(ranker: Ranker, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Return how well each second text fits its first one: (pairs,)."""
    asked = (Document(one, tokenize(one), second_text=other) for one, other in pairs)
    return ranker.scores(asked)


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
    from engine.inference import matcher, retriever

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
    given = {name: getattr(chosen, name) for name in ("threads", "epochs", "retriever_epochs")}
    settings = replace(settings, **{n: value for n, value in given.items() if value is not None})

    def measure(found: np.ndarray, ranker: Ranker, weight: float) -> dict[str, float]:
        ordered = orders(found, ranker, asked, texts, weight).items()
        return {name: first_of(scores, own) for name, scores in ordered}

    before = measure(bundled.embed(asked) @ bundled.embed(texts).T, untrained(settings), 1.0)
    started = time.perf_counter()
    report = fit(folder, documents, settings)
    seconds = time.perf_counter() - started
    trained, ranker = matcher.models(str(folder))
    weight = report["dev"]["ranking"]["likeness_weight"]
    after = measure(trained.embed(asked) @ trained.embed(texts).T, ranker, weight)
    bm25 = first_of(with_bm25(texts, asked), own)
    return {
        "questions": {"train": len(questions), "pairs": len(documents), "held_out": len(asked)},
        "recall@1": {"bm25": bm25, "before": before, "after": after},
        "likeness_weight": weight,
        "seconds": {
            "all": seconds,
            "cross_encoder": report["train_seconds"],
            "bi_encoder": report["retriever"]["train_seconds"],
        },
        "settings": {"epochs": settings.epochs, "retriever_epochs": settings.retriever_epochs},
    }


def speed(chosen: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Measure queries a second over catalogues of different sizes."""
    from engine.inference import matcher
    from engine.retrieval import index

    encoder, ranker = matcher.models(str(folder) if folder.exists() else "")
    ranker = ranker or untrained(Settings())
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
            weigh(ranker, [(text, each) for each in near])

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
        for name in NAMES:
            values = recall["before"][name], recall["after"][name]
            print(f"{name.replace('_', ' '):22}{values[0]:8.3f}{values[1]:8.3f}")
        weight, seconds = found["likeness_weight"], found["seconds"]["all"]
        print(f"the bi-encoder counts {weight:.0%} beside the other; trained in {seconds:.0f} s")
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
