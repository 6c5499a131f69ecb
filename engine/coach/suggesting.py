"""What a coach suggests for documents that are to do, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from engine.coach import words
from engine.coach.learning import Learning
from engine.coach.words import Words
from engine.tasks.uncertainty import Doubt
from storage.coaching import choices, coach_run, outcomes, thresholds, work
from storage.coaching.outcomes import Outcome
from storage.coaching.work import Portion
from storage.database.connection import Database
from storage.runs import suggestions
from storage.runs.suggestions import Said, Suggestions
from storage.types import Document, DocumentScore, RunKind, Source, Span, Status

# In nats: how much more is found than would be right by itself, before the threshold (see
# ``engine.jobs.suggestions``).
LEAN = 2.0
EXAMPLES = 20
"""Learned documents from which on it knows more than a model that has seen none."""
OPEN = (Status.UNTOUCHED, Status.IN_PROGRESS)
AS_GOOD = (RunKind.COACH, RunKind.WORDS)
"""Whose word those of earlier projects may replace, while the coach has learned little."""


@dataclass(frozen=True, slots=True)
class Made:
    """How many suggestions were made for some documents, and how many of them are others now."""

    suggestions: int = 0
    changed: int = 0

    def __add__(self, other: Made) -> Made:
        return Made(self.suggestions + other.suggestions, self.changed + other.changed)


class Suggesting:
    """Says what a learner says in the name of a run, and knows what it has said."""

    def __init__(self, db: Database, project_id: int, run: int) -> None:
        """``run`` is the coach's, in whose name it suggests."""
        self._db, self._project, self._run = db, project_id, run
        self._suggested: dict[int, tuple[Span, ...]] = {}
        self._told: dict[int, tuple[Hashable, ...]] = {}
        self._words: tuple[Hashable, Words] | None = None

    @property
    def behind(self) -> list[int]:
        """The documents for which it has suggested something, or looked in vain."""
        return list(self._suggested)

    def renew(self) -> None:
        """Say everything again when it is asked the next time: the learner is another one."""
        self._told.clear()

    def forget(self, documents: Iterable[Document]) -> None:
        """Forget what was said of documents that were finished, or taken up again."""
        for document in documents:
            self._suggested.pop(document.id or 0, None)

    def record(self, finished: Sequence[Document]) -> None:
        """Keep what became of suggestions for documents that are finished now."""
        found = suggestions.of_documents(self._db, [d.id for d in finished if d.id])
        told = [_outcome(d, found[d.id]) for d in finished if d.id in found]
        outcomes.put(self._db, told)

    def suggest(self, ids: Iterable[int], learning: Learning) -> Made:
        """Suggest for some documents as far as they are to do; store what is new."""
        made = Made()
        revision, least = learning.standing.revision, self._threshold()
        now = revision, least, tuple(learning.names.items())
        wanted = [id for id in dict.fromkeys(ids) if self._told.get(id) != now]
        known = self._known_words(learning) if wanted and _is_new(learning) else None
        for portion in learning.portions(wanted) if learning.learner.ready or known else ():
            if known:
                told, portion = self._suggest_known(portion, known, least)
                made += told
            if learning.learner.ready:
                said = _say(portion, learning, least)
                made += self._put(self._run, said, revision, _instead_of(learning))
        self._told |= dict.fromkeys(wanted, now)
        return made

    def _suggest_known(self, portion: Portion, known: Words, least: float) -> tuple[Made, Portion]:
        """Suggest what earlier projects marked; return the documents that hold nothing of it."""
        found, others = _find(portion, known, least)
        if not found:
            return Made(), others
        run = coach_run.ensure(self._db, self._project, RunKind.WORDS)
        return self._put(run, found, None, AS_GOOD), others

    def _put(
        self, run: int, said: list[Said], revision: int | None, over: Collection[str] | None
    ) -> Made:
        """Store in a run's name what is new of what is said."""
        fresh = [each for each in said if self._is_news(each)]
        changed = sum(self._differs(each) for each in fresh)
        suggestions.put(self._db, run, fresh, revision, over)
        self._suggested |= {each.score.document: each.spans for each in said}
        return Made(sum(len(each.spans) for each in said), changed)

    def _known_words(self, learning: Learning) -> Words | None:
        """Return the words of earlier projects, held against what was finished here."""
        if learning.head.task.marks_whole:
            # A whole text stands in no other project.
            return None
        names = frozenset(learning.names.values())
        if self._words is None or self._words[0] != names:
            self._words = names, words.gather(self._db, self._project, names)
        found = self._words[1]
        if not len(found):
            return None
        own = work.documents(self._db, self._project, list(learning.learner.learned))
        found.hold_against(own)
        return found

    def _threshold(self) -> float:
        chosen = choices.of(self._db, self._project).threshold
        if chosen is not None:
            return chosen
        newest = outcomes.newest(self._db, self._project, thresholds.LOOKED_AT, self._run)
        return thresholds.chosen(newest)

    def _is_news(self, said: Said) -> bool:
        known = self._suggested.get(said.score.document)
        return known is None or _scored(known) != _scored(said.spans)

    def _differs(self, said: Said) -> int:
        """Count the suggestions for a document that came or went."""
        known = self._suggested.get(said.score.document)
        return 0 if known is None else len(set(known) ^ set(said.spans))


def _instead_of(learning: Learning) -> Collection[str] | None:
    """Whose word it may replace: at first none that a model knows which needs no examples."""
    # The words of earlier projects have been asked, and had nothing to say.
    return (RunKind.COACH, RunKind.TRAINING, RunKind.WORDS) if _is_new(learning) else None


def _is_new(learning: Learning) -> bool:
    """Tell whether it knows less than what was labelled elsewhere."""
    return len(learning.learner.learned) < EXAMPLES and not learning.origin.run


def _find(portion: Portion, known: Words, least: float) -> tuple[list[Said], Portion]:
    """Return what words of earlier projects are in documents to do, and the other documents."""
    found, others = [], []
    for document in portion.documents:
        spans = known.spans(document, least) if document.status in OPEN else ()
        if spans:
            found.append(Said(_score(document, None), spans))
        else:
            others.append(document)
    return found, Portion(tuple(others), portion.names)


def _say(portion: Portion, learning: Learning, least: float) -> list[Said]:
    """Return what it would label in documents to do, without what it is not sure enough of."""
    bare = [replace(each, spans=()) for each in portion.documents if each.status in OPEN]
    scores = learning.learner.scores(learning.cases(bare, portion.names))
    labels, head = learning.learner.labels(portion.names), learning.head
    known = set(portion.names.values())
    said = [
        tuple(s for s in spans if (s.score or 0) >= least and s.label in known)
        for spans in head.decode(bare, scores, labels, LEAN)
    ]
    marked = [replace(d, spans=spans) for d, spans in zip(bare, said, strict=True)]
    guesses = head.guesses(marked, scores, labels)
    return [
        Said(_score(d, head.doubt(s)), spans, guessed)
        for d, s, spans, guessed in zip(bare, scores, said, guesses, strict=True)
    ]


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
