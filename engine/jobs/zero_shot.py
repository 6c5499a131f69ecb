"""Suggestions of a model that has seen none of a project's labels, for documents that are to do.

What a run asks an endpoint is kept in the home as it comes, so a killed run begins again and goes
on where it stopped; so does the next one. It ends with what it has where the budget is spent or
the server is gone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from engine.jobs import kinds
from engine.runs import files, snapshot, suggested
from engine.runs.spec import RunSpec
from engine.training import reporting
from engine.training.callbacks import Watch
from engine.zero_shot import cache, keys, prompts
from engine.zero_shot.asking import Asking, Said
from engine.zero_shot.cache import Cache
from engine.zero_shot.endpoint import Endpoint
from engine.zero_shot.ledger import Amounts, Ledger
from engine.zero_shot.model import GLINER, ZeroShotModel
from engine.zero_shot.prompts import Brief
from storage.errors import TrainingError
from storage.types import Document, DocumentScore, Status

# Documents whose suggestions go to the disk at once.
GROUP = 200


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Ask about every frozen document, write what is suggested, return the closing sentence.

    Raises TrainingError where the model answered nothing at all, ModelError where a folder holds
    none that can be read, and Cancelled.
    """
    started = time.perf_counter()
    reporting.discard(folder)
    model = ZeroShotModel(**asked.options[kinds.ZERO_SHOT])
    notes = Notes(watch, snapshot.count(folder))
    watch.enter("loading", device=model.host or "this computer")
    with _streaming(folder, asked, model, watch) as (stream, ledger):
        permit()
        with suggested.writing(folder) as add:
            for group in notes.groups(stream):
                add((d.document.id or 0, d.spans or (), ()) for d in group)
            permit()
        spent = ledger.spent
    if notes.problem and not notes.answered:
        raise TrainingError(notes.problem)
    watch.enter("saving", seconds_left=None)
    permit()
    suggested.write_scores(folder, notes.scores)
    report = {
        **reporting.heading(asked),
        "model": model.title,
        "host": model.host,
        **notes.told(),
        **spent._asdict(),
        "total_seconds": time.perf_counter() - started,
    }
    reporting.write(folder, report)
    return closing_sentence(report)


@contextmanager
def _streaming(
    folder: Path, asked: RunSpec, model: ZeroShotModel, watch: Watch
) -> Iterator[tuple[Iterator[Said], Ledger]]:
    """Yield what is said of each document, and what that costs."""
    documents = (d for d in snapshot.stream(folder) if d.status is not Status.DONE)
    brief = read_brief(folder)
    home, run = Path(asked.home), cache.name_of(asked.database, asked.run)
    most = Amounts(model.documents, model.requests, model.tokens)
    if model.kind == GLINER:
        from engine.zero_shot import gliner

        device = asked.settings.device
        yield gliner.stream(Path(model.folder), brief, documents, device, watch.pause), Ledger(most)
        return
    with closing(Cache(home / cache.FILE)) as kept:
        ledger = Ledger(most, kept.spent(run), lambda spent: kept.note_spent(run, spent))
        endpoint = Endpoint(model, keys.key_for(home, model), ledger)
        asking = Asking(brief, model.identity, endpoint, ledger, kept)
        yield asking.stream(documents, model.at_once, watch.pause), ledger
        if kept.trouble:
            watch.log(f"Answers could not be kept for the next time ({kept.trouble}).")


def read_brief(folder: Path) -> Brief:
    """Return what the project wants to know; raise RunFolderError where that cannot be read."""
    path = folder / prompts.FILE
    told = files.read_object(path)
    with files.reading(path):
        done = (d for d in snapshot.stream(folder, tokens=False) if d.status is Status.DONE)
        return prompts.from_json(told, done)


class Notes:
    """What is counted while answers come in."""

    def __init__(self, watch: Watch, total: int) -> None:
        self._watch, self._total = watch, total
        self._read = self._words = self._known = self._suggestions = 0
        self._started = time.perf_counter()
        self._dropped: Counter[str] = Counter()
        self.scores: list[DocumentScore] = []
        self.problem = ""

    @property
    def answered(self) -> int:
        return len(self.scores)

    def groups(self, stream: Iterable[Said]) -> Iterator[list[Said]]:
        """Yield those that were answered, some at a time."""
        group: list[Said] = []
        for said in stream:
            self._take(said)
            if said.spans is not None:
                group.append(said)
            if len(group) == GROUP:
                yield group
                group = []
        yield group

    def _take(self, said: Said) -> None:
        self._read += 1
        self._words += _words(said.document)
        self._dropped += said.dropped
        self.problem = said.problem
        if said.spans is not None:
            self._known += said.known
            self._suggestions += len(said.spans)
            self.scores.append(DocumentScore(said.document.id or 0, None, None, None, None))
        elif said.problem:
            self._watch.log(f"{said.document.name or 'A document'}: {said.problem}")
        seconds = time.perf_counter() - self._started
        self._watch.reading(self._read, self._total, self._words, seconds)

    def told(self) -> dict[str, Any]:
        return {
            "suggested": self.answered,
            "known": self._known,
            "unanswered": self._read - self.answered,
            "suggestions": self._suggestions,
            "dropped": dict(self._dropped),
            "problem": self.problem,
        }


def _words(document: Document) -> int:
    return len(document.tokens) or len(document.text.split())


def closing_sentence(report: dict[str, Any]) -> str:
    """Say what came of it, what was dropped and what it cost."""
    parts = [f"{report['suggestions']:,} suggestions in {report['suggested']:,} documents."]
    if report["dropped"]:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in report["dropped"].items())
        parts.append(f"Dropped: {reasons}.")
    if report["requests"]:
        parts.append(f"{report['requests']:,} requests, about {report['tokens']:,} tokens.")
    return " ".join([*parts, report["problem"]]).strip()
