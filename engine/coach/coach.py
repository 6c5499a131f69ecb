"""The coach of one project: learns what was finished, and suggests for what comes next."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine import tasks
from engine.coach import saved, start
from engine.coach.learner import Case, Learner
from engine.coach.reading import Reader
from engine.coach.saved import Standing
from engine.coach.start import Origin, Start
from engine.configuration import bases
from engine.tasks.uncertainty import Doubt
from storage import home
from storage.coaching import choices, coach_run, outcomes, thresholds, work
from storage.coaching.outcomes import Outcome
from storage.coaching.work import Changes, Moment
from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from storage.runs import runs, suggestions
from storage.runs.suggestions import Said, Suggestions
from storage.types import Document, DocumentScore, RunKind, Source, Span, Status

FOLDER = "coach"
"""Below the home: safe to delete."""
STATES, LEARNED = "states", "learned"
# In nats: how much more is found than would be right by itself, before the threshold (see
# ``engine.jobs.suggestions``).
LEAN = 1.0
SAMPLE = 24
"""Learned documents that tell how sure it may be."""
EXAMPLES = 20
"""Learned documents from which on it knows more than a model that has seen none."""
AT_ONCE = 16
SAVE_SECONDS = 20.0
OPEN = (Status.UNTOUCHED, Status.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Update:
    """What one update has brought: documents learned or unlearned, suggestions made for others.

    ``changed`` are the suggestions that are others now because of documents that had been learned
    before, None where there were no such.
    """

    documents: int = 0
    suggestions: int = 0
    seconds: float = 0.0
    changed: int | None = None


class Coach:
    """Holds what a project's coach knows. Only one process may have it (see ``worker``)."""

    def __init__(self, db: Database, project_id: int) -> None:
        """Load the encoder and what was learned before; raises NotFoundError, ModelError."""
        self.db, self.project = db, projects.get_project(db, project_id)
        self.run = coach_run.ensure(db, project_id)
        self.head = tasks.get(self.project.task).head()
        self.folder = home.folder() / FOLDER
        for each in (self.folder, self.folder / STATES, self.folder / LEARNED):
            each.mkdir(mode=0o700, exist_ok=True)
        self._saved_at = time.monotonic()
        self._suggested: dict[int, tuple[Span, ...]] = {}
        self._told: dict[int, tuple[Hashable, ...]] = {}
        self._begin(start.find(db, self.project))

    def _begin(self, origin: Origin) -> None:
        """Begin with a model, or with none."""
        self._told.clear()
        self.origin, self.start = origin, self._load(origin)
        base = self._base()
        self.reader = Reader(self.head.task, self.folder / STATES / name_of(base), base)
        paired = "second_text" in self.head.task.columns
        self.learner = Learner(self.head, self.reader.width(paired))
        made_of = f"{name_of(base)} {origin.run} {origin.entry} {self.head.task.name}"
        self._made_of = hashlib.sha256(made_of.encode()).hexdigest()
        found = saved.read(self._file, self.learner, self._made_of)
        self.standing = found or Standing()
        place = self.standing.entry, self.standing.document, self.standing.name
        self._seen = Moment(*place) if found else None
        self._saved = self.standing

    def _load(self, origin: Origin) -> Start | None:
        if not origin.run:
            return None
        folder = home.run_folder(runs.get_run(self.db, origin.run).folder)
        return start.load(folder, self.folder / STATES / folder.name)

    def _base(self) -> Path:
        """Return the encoder's folder: the base of the model to begin with, if it is here."""
        run = runs.get_run(self.db, self.origin.run) if self.origin.run else None
        wanted = bases.at_hand(run.settings.get("base", bases.BUNDLED)) if run else None
        return wanted or bases.fetch(bases.BUNDLED)

    @property
    def entry(self) -> int:
        """The newest entry of the journal that it has looked at."""
        return self._seen.entry if self._seen else 0

    @property
    def _file(self) -> Path:
        identity = settings.identity(self.db)
        return self.folder / LEARNED / f"{identity}-{self.project.id}.safetensors"

    @property
    def name(self) -> str:
        """What it learns with, in a few words."""
        beside = f", on from run {self.origin.run}" if self.origin.run else ""
        return f"ridge regression on {self.reader.base}{beside}"

    def update(self, ahead: Sequence[int]) -> Update:
        """Learn what has changed and suggest for the documents that come next."""
        began = time.perf_counter()
        if (origin := start.find(self.db, self.project)) != self.origin:
            self.close()
            self._begin(origin)
        changes = self._changes()
        mended = any(each.id in self.learner.learned for each in changes.documents)
        learned = self._learn(changes)
        if learned or not self.learner.ready:
            self._draw(changes.now, learned)
        made = self.suggest([*self._behind(), *ahead] if mended else ahead)
        self._save()
        seconds = time.perf_counter() - began
        return Update(learned, made.suggestions, seconds, made.changed if mended else None)

    def _changes(self) -> Changes:
        after = self.origin.entry or 0
        found = work.changes(self.db, self.project.id, self._seen, after)
        if found.anew:
            # A backup was restored: what was learned since is none of this project's.
            self.learner = Learner(self.head, self.learner.ridge.width)
            self._suggested.clear()
            self._told.clear()
        self._seen = found.now
        return found

    def _learn(self, changes: Changes) -> int:
        """Learn what is finished, unlearn what no longer is; return how many documents."""
        known = self.learner.learned
        wanted = [d for d in changes.documents if work.is_learned(d) or d.id in known]
        # A model to begin with may know labels of which there is no example yet.
        self.learner.meet([*changes.now.names] if self.origin.run else _met(changes))
        finished = [d for d in wanted if work.is_learned(d)]
        self._record([d for d in finished if d.id not in known])
        for case in self._cases(wanted, changes.now):
            self._suggested.pop(case.document.id or 0, None)
            if work.is_learned(case.document):
                self.learner.learn(case, changes.now.names)
            else:
                self.learner.unlearn(case)
        return len(wanted)

    def _draw(self, now: Moment, learned: int) -> None:
        """Draw the conclusions from what was learned, where there is something to tell of."""
        if not self.learner.columns:
            return
        ids = sorted(self.learner.learned, key=_draw)[:SAMPLE]
        documents = work.documents(self.db, self.project.id, ids)
        self.learner.solve(list(self._cases(documents, now)))
        revision = self.standing.revision + bool(learned)
        self.standing = Standing(now.entry, now.document, now.name, revision)

    def _record(self, finished: Sequence[Document]) -> None:
        """Keep what became of suggestions for documents that are finished now."""
        found = suggestions.of_documents(self.db, [d.id for d in finished if d.id])
        told = [_outcome(d, found[d.id]) for d in finished if d.id in found]
        outcomes.put(self.db, told)

    def suggest(self, ids: Iterable[int]) -> Update:
        """Suggest for some documents as far as they are to do; store what is new."""
        total = changed = 0
        now = self.standing.revision, self._threshold(), (self._seen or Moment()).labels
        wanted = [id for id in dict.fromkeys(ids) if self._told.get(id) != now]
        for documents in self._to_do(wanted):
            said = self._say(documents, now[1])
            fresh = [each for each in said if self._is_news(each)]
            changed += sum(self._differs(each) for each in fresh)
            suggestions.put(self.db, self.run, fresh, self.standing.revision, self._instead_of)
            self._suggested |= {each.score.document: each.spans for each in said}
            total += sum(len(each.spans) for each in said)
        self._told |= dict.fromkeys(wanted, now)
        return Update(len(self._suggested), total, 0.0, changed)

    @property
    def _instead_of(self) -> Collection[str] | None:
        """Whose word it may replace: at first none that a model knows which needs no examples."""
        few = len(self.learner.learned) < EXAMPLES and not self.origin.run
        return (RunKind.COACH, RunKind.TRAINING) if few else None

    def _to_do(self, ids: Sequence[int]) -> Iterator[list[Document]]:
        for at in range(0, len(ids) if self.learner.ready else 0, AT_ONCE):
            chunk = work.documents(self.db, self.project.id, ids[at : at + AT_ONCE])
            yield [document for document in chunk if document.status in OPEN]

    def _say(self, documents: Sequence[Document], least: float) -> list[Said]:
        """Return what it would label in documents, without what it is not sure enough of."""
        names = (self._seen or Moment()).names
        bare = [replace(document, spans=()) for document in documents]
        scores = self.learner.scores(list(self._cases(bare, self._seen or Moment())))
        labels = self.learner.labels(names)
        decoded = self.head.decode(bare, scores, labels, LEAN)
        known = set(names.values())
        said = [
            tuple(s for s in spans if (s.score or 0) >= least and s.label in known)
            for spans in decoded
        ]
        marked = [replace(d, spans=spans) for d, spans in zip(bare, said, strict=True)]
        guesses = self.head.guesses(marked, scores, labels)
        return [
            Said(_score(d, self.head.doubt(s)), spans, guessed)
            for d, s, spans, guessed in zip(bare, scores, said, guesses, strict=True)
        ]

    def _threshold(self) -> float:
        chosen = choices.of(self.db, self.project.id).threshold
        if chosen is not None:
            return chosen
        newest = outcomes.newest(self.db, self.project.id, thresholds.LOOKED_AT, self.run)
        return thresholds.chosen(newest)

    def _cases(self, documents: Sequence[Document], now: Moment) -> Iterator[Case]:
        for at in range(0, len(documents), AT_ONCE):
            chunk = documents[at : at + AT_ONCE]
            before: Sequence[np.ndarray | None] = [None] * len(chunk)
            if self.start:
                before = self.start.before(chunk, self.learner, now.names)
            read = zip(chunk, self.reader.rows(chunk), before, strict=True)
            yield from (Case(*each) for each in read)

    def read(self, ids: Sequence[int]) -> int:
        """Let the encoder read some documents that it has not read; return how many."""
        documents = work.documents(self.db, self.project.id, ids)
        lacking = [d for d in documents if self._lacks(d)][:AT_ONCE]
        self.reader.rows(lacking)
        if self.start:
            self.start.before(lacking, self.learner, (self._seen or Moment()).names)
        return len(lacking)

    def _lacks(self, document: Document) -> bool:
        return self.reader.lacks(document) or bool(self.start and self.start.lacks(document))

    def _behind(self) -> list[int]:
        return list(self._suggested)

    def _is_news(self, said: Said) -> bool:
        known = self._suggested.get(said.score.document)
        return known is None or _scored(known) != _scored(said.spans)

    def _differs(self, said: Said) -> int:
        """Count the suggestions for a document that came or went."""
        known = self._suggested.get(said.score.document)
        return 0 if known is None else len(set(known) ^ set(said.spans))

    def _save(self, at_once: bool = False) -> None:
        if self.standing == self._saved:
            return
        if at_once or time.monotonic() - self._saved_at > SAVE_SECONDS:
            saved.write(self._file, self.learner, self.standing, self._made_of)
            self._saved, self._saved_at = self.standing, time.monotonic()

    def close(self) -> None:
        """Keep what was learned."""
        self._save(at_once=True)
        self.reader.states.close()


def name_of(base: Path) -> str:
    """Return a name for a model's folder that another one has not, after its place."""
    weights = sorted(base.glob("*.safetensors"))
    told = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in weights]
    return hashlib.sha256(f"{base} {told}".encode()).hexdigest()[:24]


def _met(changes: Changes) -> list[int]:
    """Return the labels that finished documents have, in the order of their ids."""
    ids = {name: id for id, name in changes.now.labels}
    return sorted({ids[s.label] for d in changes.finished for s in d.spans if s.label in ids})


def _draw(id: int) -> bytes:
    """Draw a number for a document: the sample is the same, in whatever order it was learned."""
    return hashlib.blake2b(b"%d" % id, digest_size=8).digest()


def _score(document: Document, doubt: Doubt | None) -> DocumentScore:
    assert document.id is not None, "a stored document has its id"
    if doubt is None:
        return DocumentScore(document.id, None, None, None, None)
    return DocumentScore(document.id, doubt.entropy, doubt.confidence, doubt.margin, None)


def _outcome(document: Document, said: Suggestions) -> Outcome:
    marks = set(document.spans)
    scores = tuple((span.score or 0.0, span in marks) for span in said.spans)
    people = {span for span in marks if span.source in (Source.PERSON, Source.MODEL)}
    added = len(people - set(said.spans))
    assert document.id is not None, "a stored document has its id"
    return Outcome(document.id, said.run, said.revision, scores, added)


def _scored(spans: Sequence[Span]) -> list[tuple[Span, float]]:
    return [(span, round(span.score or 0.0, 2)) for span in spans]
