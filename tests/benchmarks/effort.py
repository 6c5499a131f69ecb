"""How many key presses and clicks an entity takes, from scratch and with a model's suggestions.

    python -m tests.benchmarks.effort [--sentences N] [--recipe NAME] [--limit N] [--json]

Sentences with at least one entity are drawn, with a seed, from the corpus's dev and test. A
model is trained by the command line on the rest of the corpus and looks at them. Then a skilled
user labels them twice in the real app in a real Chromium: in a project without a model, and in
the one with suggestions. What that user does is the cheapest way through each sentence
(``planning``): they see at a glance what is right and wrong. Where suggestions are, their habit
is to select words first and to label them then, so that no label stays taken up.

One action is a key press or a chord (Shift+Y), a click, or a drag (press, move, release); a
double-click would be two. Enter, which marks a sentence done and opens the next, comes once a
sentence whatever is in it, and is counted beside the others. Reading costs nothing here, so the
figures are about the hand and not about time. At the end the stored spans of every document
must be the corpus's, else the benchmark fails.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from storage import home
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import suggestions
from storage.types import Document, Project, Span, Split, Status
from tests.benchmarks.parts import measuring
from tests.benchmarks.parts.moves import Action, crosses
from tests.benchmarks.parts.planning import plan
from tests.browser.server import ROOT, AppServer, find_chromium
from tests.browser.tagging import Tagger

SCRATCH, HELPED = "From scratch", "With suggestions"
GOALS = {SCRATCH: 2.5, HELPED: 1.2}
# The tagger's own: how sure a suggestion must be for Shift+Y.
THRESHOLD = 0.8
SEED = 13


@dataclass(frozen=True)
class Corpus:
    """The sentences to label, with the spans that they should get, and what the model learns."""

    chosen: list[Document]
    rest: list[Document]


def divide(files: Sequence[Path], count: int, limit: int | None) -> Corpus:
    """Draw the sentences from dev and test; the rest, or a sample of it, is to learn from."""
    everything = measuring.read_corpus(files, None)
    pool = [d for d in everything if d.split is not Split.TRAIN and d.spans and not overlap(d)]
    chosen = random.Random(SEED).sample(pool, min(count, len(pool)))
    drawn = {document.text for document in chosen}
    rest = [document for document in everything if document.text not in drawn]
    random.Random(SEED).shuffle(rest)
    train = [replace(d, split=Split.TRAIN, status=Status.DONE, id=None) for d in rest[:limit]]
    named = enumerate(chosen, start=1)
    return Corpus([replace(d, name=f"sentence {n}", id=None) for n, d in named], train)


def overlap(document: Document) -> bool:
    spans = document.spans
    return any(crosses(a, b) for i, a in enumerate(spans) for b in spans[:i])


def store(db: Database, corpus: Corpus) -> None:
    """Make the two projects; the sentences come in unlabelled."""
    bare = [replace(d, spans=(), status=Status.UNTOUCHED) for d in corpus.chosen]
    labels = measuring.labels_of([*corpus.chosen, *corpus.rest])
    for name, learned in ((SCRATCH, []), (HELPED, corpus.rest)):
        documents.create_with_documents(
            db, name, [*learned, *bare], home.user_name(), labels=labels
        )


def run_engine(place: Path, *arguments: str) -> dict:
    """Run a command of the engine in the benchmark's home and return what it answered."""
    done = subprocess.run(
        [sys.executable, "-m", "engine", *arguments, "--json"],
        cwd=ROOT,
        env={**os.environ, "WHETSTONE_HOME": str(place)},
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        sys.exit(f"python -m engine {' '.join(arguments)} failed; see above.")
    return json.loads(done.stdout)


class User:
    """A hand on the tagger that counts what it does."""

    def __init__(self, tagger: Tagger) -> None:
        self.tagger = tagger
        self.done: Counter[str] = Counter()

    def do(self, document: Document, action: Action) -> None:
        """Press the key, or click on or drag over the place."""
        self.done[action.kind] += 1
        if action.kind == "key":
            return self.tagger.press(action.key)
        start, end = action.place
        quote = document.text[start:end]
        touch = self.tagger.drag if action.kind == "drag" else self.tagger.click
        return touch(quote, nth=earlier(document.text, quote, start))


def earlier(text: str, quote: str, start: int) -> int:
    """Return how many times a quote stands in a text before a place."""
    return sum(text.startswith(quote, at) for at in range(start))


def label_all(
    page, server: AppServer, db: Database, project: Project, wanted: Sequence[Document]
) -> dict:
    """Label the project's untouched sentences one after the other; return what that took."""
    ids = sentence_ids(db, project, wanted)
    keys = {label.name: label.key for label in project.labels}
    page.goto(f"{server.url}/tag?project={project.id}&queue=todo&document={ids[0]}")
    user, sticky, enters = User(Tagger(page).wait()), None, 0
    helped = any(suggested(db, id)[0] for id in ids)
    for number, (document, id) in enumerate(zip(wanted, ids, strict=True), start=1):
        user.tagger.expect_document(document.name)
        said, guesses = suggested(db, id)
        rest = THRESHOLD, keys, sticky
        found = plan(document, said, *rest, text_first=helped, guesses=guesses)
        for action in found.actions:
            user.do(document, action)
        sticky = found.sticky
        user.tagger.press("Enter")
        enters += 1
        print(f"\r{project.name}: {number} of {len(ids)}", end="", file=sys.stderr)
    user.tagger.expect_delivered()
    print(file=sys.stderr)
    check(db, ids, wanted)
    return {**{kind: user.done[kind] for kind in ("key", "click", "drag")}, "enter": enters}


def sentence_ids(db: Database, project: Project, wanted: Sequence[Document]) -> list[int]:
    """Return the ids of the sentences, which came in last."""
    return list(documents.list_ids(db, project.id))[-len(wanted) :]


def suggested(db: Database, document: int) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return what is suggested in a document, and which labels other words would have."""
    found = suggestions.of_document(db, document)
    return (found.spans, found.guesses) if found else ((), ())


def check(db: Database, ids: Sequence[int], wanted: Sequence[Document]) -> None:
    """End with an error where a stored document is not as it should be."""
    for id, document in zip(ids, wanted, strict=True):
        opened = annotations.open_annotation(db, id, home.user_name())
        if opened.spans != tuple(sorted(document.spans)) or opened.status is not Status.DONE:
            sys.exit(f"{document.name} was stored as {opened.spans}, {opened.status}.")


def agreement(db: Database, project: Project, wanted: Sequence[Document]) -> dict:
    """Return how many suggestions there are for the sentences, and how many are right."""
    found = [{*suggested(db, id)} for id in sentence_ids(db, project, wanted)]
    right = sum(len(a & {*d.spans}) for a, d in zip(found, wanted, strict=True))
    return {"suggestions": sum(map(len, found)), "right": right}


def run(arguments: argparse.Namespace) -> dict:
    """Train, suggest, and label all sentences twice."""
    corpus = divide(measuring.find_corpus(), arguments.sentences, arguments.limit)
    loads = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WHETSTONE_HOME"] = folder
        with closing(Database.open()) as db:
            store(db, corpus)
            named = ("--project", HELPED)
            report = run_engine(Path(folder), "train", *named, "--recipe", arguments.recipe)
            run_engine(Path(folder), "suggest", *named)
            loads.append(os.getloadavg()[0])
            found = replay(Path(folder), db, corpus)
            about = agreement(db, projects.find_project(db, HELPED), corpus.chosen)
    entities = sum(len(document.spans) for document in corpus.chosen)
    f1 = report["dev"] and report["dev"]["headline"]["value"]
    for row in found.values():
        actions = row["key"] + row["click"] + row["drag"]
        row |= {"per_entity": actions / entities}
        row |= {"per_entity_with_enter": (actions + row["enter"]) / entities}
    return {
        "sentences": len(corpus.chosen),
        "entities": entities,
        "learned_from": len(corpus.rest),
        "recipe": arguments.recipe,
        "dev_f1": f1,
        **about,
        "threshold": THRESHOLD,
        "effort": found,
        "goals": GOALS,
        "machine": measuring.describe_machine(),
        "load_average": [*loads, os.getloadavg()[0]],
    }


def replay(folder: Path, db: Database, corpus: Corpus) -> dict[str, dict]:
    """Label the sentences of both projects in the real app."""
    server = AppServer(ROOT / "app.py", folder)
    server.start()
    try:
        with sync_playwright() as playwright, playwright.chromium.launch(**find_chromium()) as one:
            page = one.new_page(viewport={"width": 1280, "height": 800})
            return {
                name: label_all(page, server, db, projects.find_project(db, name), corpus.chosen)
                for name in (SCRATCH, HELPED)
            }
    finally:
        server.kill()


def show(found: dict) -> None:
    print(
        f"{found['sentences']} sentences with {found['entities']} entities; the model learned "
        f"from {found['learned_from']:,} others ({found['recipe']})"
    )
    print(
        f"{found['suggestions']} suggestions, {found['right']} of them right: precision "
        f"{found['right'] / max(1, found['suggestions']):.2f}, recall "
        f"{found['right'] / found['entities']:.2f}; Shift+Y from {found['threshold']} on"
    )
    print(f"{'':<26}{SCRATCH:>18}{HELPED:>18}")
    rows = [
        ("keys", "key", ",.0f"),
        ("clicks", "click", ",.0f"),
        ("drags", "drag", ",.0f"),
        ("Enter, once a sentence", "enter", ",.0f"),
        ("actions per entity", "per_entity", ".2f"),
        ("… with Enter", "per_entity_with_enter", ".2f"),
    ]
    for title, key, form in rows:
        values = (format(found["effort"][name][key], form) for name in (SCRATCH, HELPED))
        print(f"{title:<26}" + "".join(f"{value:>18}" for value in values))
    for name, goal in found["goals"].items():
        per_entity = found["effort"][name]["per_entity"]
        verdict = "reached" if per_entity <= goal else "not reached"
        print(f"goal, {name.lower()}: at most {goal} actions per entity: {verdict}")
    print("every stored document has exactly the corpus's spans")
    measuring.show_machine(found["machine"], found["load_average"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=50)
    parser.add_argument("--recipe", default="balanced")
    parser.add_argument("--limit", type=int, help="learn from a sample of the rest")
    parser.add_argument("--json", action="store_true")
    found = run(parser.parse_args())
    print(json.dumps(found)) if "--json" in sys.argv else show(found)


if __name__ == "__main__":
    main()
