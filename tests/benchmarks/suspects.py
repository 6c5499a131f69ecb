"""How well are wrong labels found that were planted, beside cleanlab on the same probabilities?

Of a corpus's entities 5 % get a wrong label, 3 % lose a token at a border, 3 % are dropped
(`planting`). Models are trained on all folds but one and score that one, and again with other
folds, so that every token has probabilities from models that never saw it; for cleanlab their
mean. Four orders of the same corpus are judged:

- ours: `engine.tasks.spans.label_errors.suspects`, a row an entity or a place without one. It
  points at the tokens of what was given and of what is suggested.
- cleanlab: its ranking of tokens by self-confidence, the probability of the given tag, lowest
  first (`cleanlab.token_classification.rank.get_label_quality_scores` and `issues_from_scores`
  of version 2.9.0, whose order this is to the token; Wang and Mueller 2022, arXiv:2210.03920).
- cleanlab, an entity once: the same order, but of an entity only the first of its tokens. Who
  reads the list sees the whole entity; that cleanlab's list names it again costs nothing here.
- chance: our rows shuffled, a mean over seeds.

When a row is right is the same for all, see `planting.judge`. Errors that the corpus has by
itself count as false alarms, for all four.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from engine.configuration import bases, recipes
from engine.configuration.settings import Settings
from engine.encoding.examples import IGNORED
from engine.evaluation import folds
from engine.evaluation.suspects import Suspect
from engine.system import environment
from engine.tasks.spans.label_errors import suspects
from engine.tasks.spans.tagging.alignment import place
from storage.types import Document, Split
from tests.benchmarks.parts import measuring
from tests.benchmarks.parts.planting import FIRST, Judged, Planted, Row, judge, plant

GOAL = 1.3
SHUFFLES = 20


class Watcher:
    """Hears nothing and never stops a training."""

    def step(self, step: object) -> None:
        pass

    def epoch(self, epoch: object, best: bool) -> None:
        pass

    def enough(self) -> bool:
        return False

    def log(self, message: str) -> None:
        print(message)


def fit_settings(documents: Sequence[Document], chosen: argparse.Namespace) -> Settings:
    """Return what a label check chooses for as many documents as one training sees."""
    settings = recipes.of_folds(recipes.Data.of(documents, bases.shape(chosen.base)), chosen.folds)
    return replace(settings, epochs=chosen.epochs)


def score(
    documents: Sequence[Document], chosen: argparse.Namespace
) -> tuple[list[np.ndarray], dict]:
    """Return out-of-sample scores of all documents, and what they took."""
    import torch

    from engine.models import loading
    from engine.training.cross_validation import CrossValidation

    labels, settings = measuring.labels_of(documents), fit_settings(documents, chosen)
    started, cpu = time.perf_counter(), time.process_time()
    torch.manual_seed(settings.seed)
    device = loading.choose_device("cpu")
    loaded = loading.load_base(bases.fetch(chosen.base), labels, settings.dropout)
    validation = CrossValidation(loaded, documents, labels, settings, device)
    prepared = time.perf_counter() - started
    rounds = chosen.rounds or recipes.rounds_of(chosen.folds)
    found: list[list[np.ndarray]] = [[] for _ in documents]
    for number in range(rounds):
        dealt = np.array(folds.assign(documents, chosen.folds, chosen.seed + number))
        seeded = replace(settings, seed=settings.seed + number)
        for fold in range(chosen.folds):
            held = set(np.flatnonzero(dealt == fold).tolist())
            for position, rows in validation.score(held, Watcher(), settings=seeded).items():
                found[position].append(rows)
    return [np.stack(rows) for rows in found], {
        "rounds": rounds,
        "seconds": time.perf_counter() - started,
        "seconds_once": prepared,
        "cpu_seconds": time.process_time() - cpu,
        "epochs": settings.epochs,
        "frozen_layers": settings.frozen_layers,
    }


def tokens_of(document: Document, suspect: Suspect) -> Collection[int]:
    """Return the tokens that a suspect points at: given and suggested ones."""
    spans = [span for span in (suspect.given, suspect.suggested) if span]
    found = place(replace(document, spans=()), spans)
    ranges = [(item.first, item.last) for item in found.placed] + list(found.left_out)
    return {token for first, last in ranges for token in range(first, last)}


def by_cleanlab(documents: Sequence[Document], scores: Sequence[np.ndarray]) -> list[Row]:
    """Rank all tokens by the probability of the tag that they were given, lowest first."""
    from engine.tasks.spans.tagging.encoding import tag_names, tags_of

    tag_of = {name: tag for tag, name in enumerate(tag_names(measuring.labels_of(documents)))}
    chances = [np.exp(each).mean(axis=0) for each in scores]
    found = [
        (float(chances[number][token, tag]), number, token)
        for number, document in enumerate(documents)
        for token, tag in enumerate(tags_of(document, tag_of))
        if tag != IGNORED
    ]
    found.sort(key=lambda each: each[0])
    return [(number, (token,)) for _, number, token in found]


def once_an_entity(rows: Iterable[Row], documents: Sequence[Document]) -> Iterator[Row]:
    """Leave out the tokens of an entity of which one was there before."""
    entity = {
        (number, token): (number, item.first)
        for number, document in enumerate(documents)
        for item in place(document, document.spans).placed
        for token in range(item.first, item.last)
    }
    seen: set[tuple[int, int]] = set()
    for number, tokens in rows:
        known = [entity[number, token] for token in tokens if (number, token) in entity]
        if not seen & set(known):
            yield number, tokens
        seen.update(known)


def by_chance(rows: Sequence[Row], planted: Sequence[Planted]) -> Judged:
    """Return the mean of what shuffled rows find."""
    some = []
    for seed in range(SHUFFLES):
        order = np.random.default_rng(seed).permutation(len(rows)).tolist()
        some.append(judge([rows[at] for at in order], planted))
    return Judged(
        float(np.mean([each.average_precision for each in some])),
        {n: float(np.mean([each.precision[n] for each in some])) for n in FIRST},
        {},
    )


def run(chosen: argparse.Namespace) -> dict:
    """Plant, train, rank and judge."""
    measuring.set_threads(chosen.threads or environment.cores(), ours=True)
    files = [path.resolve() for path in chosen.files or measuring.find_corpus()[:1]]
    clean = measuring.read_corpus(files, chosen.limit)
    # Rankings name documents by position, as planting does.
    clean = [replace(document, split=Split.TRAIN, id=None) for document in clean]
    documents, planted = plant(clean, chosen.seed)
    scores, took = score(documents, chosen)
    started = time.perf_counter()
    ranked = suspects.rank(documents, scores, measuring.labels_of(documents))
    took["ranking_seconds"] = time.perf_counter() - started
    ours = [(each.document, tokens_of(documents[each.document], each)) for each in ranked]
    tokens = by_cleanlab(documents, scores)
    orders = {
        "ours": judge(ours, planted),
        "cleanlab": judge(tokens, planted),
        "cleanlab, an entity once": judge(once_an_entity(tokens, documents), planted),
        "chance": by_chance(ours, planted),
    }
    ratio = orders["ours"].average_precision / orders["cleanlab"].average_precision
    return {
        "files": [str(path) for path in files],
        "documents": len(documents),
        "words": measuring.count_words(documents),
        "planted": len(planted),
        "folds": chosen.folds,
        "seed": chosen.seed,
        **took,
        "orders": {name: asdict(judged) for name, judged in orders.items()},
        "first": [each.to_json() for each in ranked[: chosen.rows]],
        "goal": {"wanted": GOAL, "found": ratio, "reached": ratio >= GOAL},
        "machine": measuring.describe_machine(),
        "load_average": [os.getloadavg()[0]],
    }


def show(found: dict) -> None:
    """Print what was found as a table."""
    print(
        f"{found['documents']:,} documents of {found['words']:,} words, {found['planted']} errors "
        f"planted with seed {found['seed']}; {found['folds']} folds, "
        f"{found['rounds']} times, {found['epochs']} epochs"
    )
    print(
        f"scored in {found['seconds']:.0f} s ({found['cpu_seconds']:.0f} CPU seconds), "
        f"{found['seconds_once']:.0f} of them once for all folds; ranked in "
        f"{found['ranking_seconds']:.1f} s"
    )
    print(f"{'':<26}{'average precision':>18}" + "".join(f"{f'at {n}':>8}" for n in FIRST))
    for name, order in found["orders"].items():
        cells = "".join(f"{order['precision'][n]:>8.2f}" for n in FIRST)
        print(f"{name:<26}{order['average_precision']:>18.3f}{cells}  {order['found'] or ''}")
    goal = found["goal"]
    verdict = "reached" if goal["reached"] else "not reached"
    print(f"goal: {verdict}: {goal['found']:.2f} of cleanlab's (goal {goal['wanted']})")
    for row in found["first"]:
        print(f"  {row['score']:.3f} document {row['document']}, {row['start']}: {row['reason']}")
    measuring.show_machine(found["machine"], found["load_average"])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="CoNLL or JSONL, all to train on")
    parser.add_argument("--folds", type=int, default=recipes.FOLDS)
    parser.add_argument("--rounds", type=int, help="other folds each time; None: five trainings")
    parser.add_argument("--epochs", type=int, default=recipes.FOLD_EPOCHS)
    parser.add_argument("--seed", type=int, default=1, help="of what is planted, and of folds")
    parser.add_argument("--base", default="bundled")
    parser.add_argument("--limit", type=int, help="a seeded sample of so many documents")
    parser.add_argument("--rows", type=int, default=10, help="so many suspects are shown")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    found = run(chosen)
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
