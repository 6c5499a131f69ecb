"""What a coach suggests for documents that are to do, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from engine.coach.learning import Learning
from engine.coach.state import Asked
from engine.coach.vocabulary import Known, Vocabulary, apart, is_new
from engine.system import priority
from engine.system.priority import Calls
from engine.tasks.uncertainty import Doubt
from storage.coaching import choices, outcomes, thresholds
from storage.coaching.outcomes import Outcome
from storage.coaching.work import Portion
from storage.database.connection import Database
from storage.runs import suggestions
from storage.runs.suggestions import Said, Suggestions
from storage.types import Document, DocumentScore, RunKind, Source, Status

# In nats: how much more is found than would be right by itself, before the threshold (see
# ``engine.jobs.suggestions``).
LEAN = 2.0
OPEN = (Status.UNTOUCHED, Status.IN_PROGRESS)
WORDS = (RunKind.COACH, RunKind.WORDS, RunKind.WORD_LIST)
"""Whose word may be replaced where there are words and nothing is learned."""


@dataclass(frozen=True, slots=True)
class Made:
    """How many suggestions were made for some documents, and how many of them are others now."""

    suggestions: int = 0
    changed: int = 0

    def __add__(self, other: Made) -> Made:
        return Made(self.suggestions + other.suggestions, self.changed + other.changed)


class Suggesting:
    """Says what a learner says in the name of a run, and knows what it has said."""

    def __init__(
        self, db: Database, project_id: int, run: int, writes: Calls = priority.call
    ) -> None:
        """``run`` is the coach's, in whose name it suggests; ``writes`` as for ``Coach``."""
        self._db, self._project, self._run = db, project_id, run
        self._writes = writes
        self._suggested: dict[int, Said] = {}
        self._told: dict[int, tuple[Hashable, ...]] = {}
        self._vocabulary = Vocabulary(db, project_id)

    @property
    def behind(self) -> list[int]:
        """The documents for which it has suggested something, or looked in vain."""
        return list(self._suggested)

    @property
    def asked(self) -> Asked:
        """Whose words are suggested beside what is learned."""
        return self._vocabulary.asked

    def renew(self) -> None:
        """Say everything again when it is asked the next time: the learner is another one."""
        self._told.clear()

    def forget(self, documents: Iterable[Document]) -> None:
        """Forget what was said of documents that were finished, or taken up again."""
        for document in documents:
            self._suggested.pop(document.id or 0, None)

    def note(self, documents: Iterable[Document]) -> None:
        """Count how words did in documents as they are now."""
        self._vocabulary.note(documents)

    def record(self, finished: Sequence[Document]) -> None:
        """Keep what became of suggestions for documents that are finished now."""
        found = suggestions.of_documents(self._db, [d.id for d in finished if d.id])
        told = [each for d in finished if d.id in found for each in _outcomes(d, found[d.id])]
        self._writes(outcomes.put, self._db, told)

    def suggest(self, ids: Iterable[int], learning: Learning) -> Made:
        """Suggest for some documents as far as they are to do; store what is new."""
        made = Made()
        revision, least = learning.standing.revision, self._threshold(learning)
        now = revision, least, tuple(learning.names.items()), self._vocabulary.stamp
        wanted = [id for id in dict.fromkeys(ids) if self._told.get(id) != now]
        self._vocabulary.renew(learning)
        # What was suggested goes also where nobody is asked any more.
        speaks = learning.learner.ready or self.asked or self._suggested
        for portion in learning.portions(wanted) if speaks else ():
            made += self._put(self._say(portion, learning, least), learning)
        self._told |= dict.fromkeys(wanted, now)
        return made

    def _say(self, portion: Portion, learning: Learning, least: float) -> list[Said]:
        """Return what is known of documents to do, and what is learned wherever that says nothing.

        Nothing of those of which nothing is known while nothing is learned, nor of those whose own
        labels are learned: taken up again, they are unlearned first.
        """
        own = learning.learner.learned
        to_do = (d for d in portion.documents if d.status in OPEN and d.id not in own)
        bare = [replace(each, spans=()) for each in to_do]
        known = [self._vocabulary.find(document) for document in bare]
        if learning.learner.ready:
            said = _learned(bare, portion, learning, least)
            return [self._beside(*each) for each in zip(known, said, strict=True)]
        # Where something was known before, that nothing is known now is said, too.
        return [
            self._beside(found, Said(_score(document, None)))
            for document, found in zip(bare, known, strict=True)
            if found or document.id in self._suggested
        ]

    def _beside(self, known: Known, said: Said) -> Said:
        """Put words to what is said; of what overlaps, these stay."""
        if not known:
            return said
        learned = apart(said.spans, [span for _, span in known])
        together = sorted([*known, *((self._run, span) for span in learned)], key=itemgetter(1))
        spans, by = tuple(span for _, span in together), tuple(run for run, _ in together)
        return replace(said, spans=spans, by=by)

    def _put(self, said: list[Said], learning: Learning) -> Made:
        """Store what is new of what is said, and words that went with a list that is back."""
        gone = self._taken_back(said)
        fresh = [each for each in said if self._is_news(each) or each.score.document in gone]
        changed = sum(self._differs(each) for each in fresh)
        if learning.learner.ready:
            revision, over = learning.standing.revision, _instead_of(learning)
            self._writes(suggestions.put, self._db, self._run, fresh, revision, over)
        else:
            self._put_words(fresh)
        self._suggested |= {each.score.document: each for each in said}
        return Made(sum(len(each.spans) for each in said), changed)

    def _taken_back(self, said: list[Said]) -> set[int]:
        """Return the documents that hold words to be said which are suggested no more."""
        wanted = {s.score.document: {*zip(s.by, s.spans, strict=True)} for s in said if s.by}
        found = suggestions.of_documents(self._db, wanted)
        for id, stored in found.items():
            there = ((run, span) for run, spans in stored.makers.items() for span in spans)
            wanted[id].difference_update(there)
        return {id for id, missing in wanted.items() if missing}

    def _put_words(self, fresh: list[Said]) -> None:
        """Store words in the name of the maker of the first in each document.

        Where there are none any more nobody has looked: a model that needs no examples may.
        """
        by_run: dict[int, list[Said]] = {}
        for each in fresh:
            if each.by:
                by_run.setdefault(each.by[0], []).append(each)
        bare = [each.score.document for each in fresh if not each.by]
        self._writes(suggestions.take_back, self._db, self._project, bare, WORDS)
        for run, some in by_run.items():
            self._writes(suggestions.put, self._db, run, some, None, WORDS)

    def _threshold(self, learning: Learning) -> float:
        chosen = choices.of(self._db, self._project).threshold
        if chosen is not None:
            return chosen
        newest = outcomes.newest(self._db, self._project, thresholds.LOOKED_AT, self._run)
        least = thresholds.chosen(newest)
        begins = not learning.origin.run and len(learning.learner.learned) < thresholds.BEGINNING
        return max(least, thresholds.FIRST) if begins else least

    def _is_news(self, said: Said) -> bool:
        known = self._suggested.get(said.score.document)
        return known is None or _shown(known) != _shown(said)

    def _differs(self, said: Said) -> int:
        """Count the suggestions for a document that came or went."""
        known = self._suggested.get(said.score.document)
        return 0 if known is None else len(set(known.spans) ^ set(said.spans))


def _instead_of(learning: Learning) -> Collection[str] | None:
    """Whose word it may replace: at first none that a model knows which needs no examples."""
    return (*WORDS, RunKind.TRAINING) if is_new(learning) else None


def _learned(
    bare: Sequence[Document], portion: Portion, learning: Learning, least: float
) -> list[Said]:
    """Return what it would label in documents, without what it is not sure enough of."""
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


def _outcomes(document: Document, said: Suggestions) -> list[Outcome]:
    """Return what became of each maker's suggestions; what nobody suggested is the first one's."""
    marks = set(document.spans)
    people = {span for span in marks if span.source in (Source.PERSON, Source.MODEL)}
    added = len(people - set(said.spans))
    assert document.id is not None, "a stored document has its id"
    made = []
    for run, spans in said.makers.items():
        scores = tuple((span.score or 0.0, span in marks) for span in spans)
        own = (said.revision, scores, added) if run == said.run else (None, scores, 0)
        made.append(Outcome(document.id, run, *own))
    return made


def _shown(said: Said) -> tuple[Hashable, ...]:
    by = said.by or (0,) * len(said.spans)
    told = zip(said.spans, by, strict=True)
    marks = ((span, round(span.score or 0.0, 2), run) for span, run in told)
    return said.score.entropy is None, said.guesses, *marks
