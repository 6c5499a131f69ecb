"""The words that a coach suggests beside what it learns, each in the name of whoever knows them.

Lists that are kept with the project come first: who gave one is trusted until what was finished
here says otherwise. Words of earlier projects are asked until the coach knows more than they do.
Whether a word holds is counted in what was finished here, so that each falls silent where people
pass it over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

from engine.coach import words
from engine.coach.learning import Learning
from engine.coach.state import Asked
from engine.coach.words import Belief, Words
from engine.corpus.dictionary import Dictionary, Entry
from storage.coaching import choices, coach_run, word_lists, work
from storage.coaching.word_lists import WordList
from storage.database.connection import Database
from storage.types import Document, RunKind, Span

EXAMPLES = 20
"""Learned documents from which on it knows more than a model that has seen none."""

TRUST = Belief(stood=3.0, marked=2.5)
"""What a list says is suggested at once, and no more once it was passed over two times."""

Known = list[tuple[int, Span]]
"""Spans in the order of their text, none over another one, each with the run whose it is."""


@dataclass(slots=True)
class _Source:
    """Words, and the run in whose name they are suggested."""

    words: Words
    run: Callable[[], int]


class Vocabulary:
    """Finds the words of one project's makers, and counts how they did."""

    def __init__(self, db: Database, project_id: int) -> None:
        self._db, self._project = db, project_id
        self._lists: tuple[Hashable, dict[str, _Source]] = (), {}
        self._earlier: tuple[frozenset[str], _Source] | None = None
        self._least, self._noted = 0.0, 0
        self.asked = Asked()

    def renew(self, learning: Learning) -> None:
        """Bring up to date who is asked, which labels there are, how sure one must be."""
        if learning.head.task.marks_whole:
            # A whole text stands in no list and no other project.
            return
        # What became of the learner's own suggestions says nothing of words.
        self._least = choices.of(self._db, self._project).threshold or 0.0
        self._renew_lists(learning)
        self._renew_earlier(learning)
        self.asked = Asked(tuple(self._lists[1]), self._known_earlier() is not None)

    @property
    def stamp(self) -> Hashable:
        """Return what is another one once other lists are asked, or more was finished."""
        return self._noted, word_lists.stamp(self._db, self._project)

    def _renew_lists(self, learning: Learning) -> None:
        now = word_lists.stamp(self._db, self._project), tuple(learning.names.items())
        if now == self._lists[0]:
            return
        found = {
            each.name: _Source(known, partial(int, each.run))
            for each, given in word_lists.asked(self._db, self._project)
            if len(known := _words_of(each, given))
        }
        self._count([source.words for source in found.values()], learning)
        self._lists = now, found

    def _renew_earlier(self, learning: Learning) -> None:
        names = frozenset(learning.names.values())
        if not is_new(learning):
            self._earlier = None
        elif self._earlier is None or self._earlier[0] != names:
            found = words.gather(self._db, self._project, names)
            self._earlier = names, _Source(found, self._run_of_earlier)
            self._count([found], learning)

    def _run_of_earlier(self) -> int:
        return coach_run.ensure(self._db, self._project, RunKind.WORDS)

    def note(self, documents: Iterable[Document]) -> None:
        """Count what documents say that were finished, and no more those that were taken up."""
        sources = self._sources()
        for document in documents:
            turn = Words.note if work.is_learned(document) else Words.forget
            for source in sources:
                self._noted += turn(source.words, document)

    def _count(self, new: Sequence[Words], learning: Learning) -> None:
        """Count what was finished before, by portions; also what a trained model knows already."""
        known = [words for words in new if len(words)]
        done = work.changes(self._db, self._project, None).ids if known else ()
        for portion in learning.portions(done):
            for document in filter(work.is_learned, portion.documents):
                for each in known:
                    each.note(document)

    def find(self, document: Document) -> Known:
        """Return what is known of a document; of spans that overlap the first source's stays."""
        found: Known = []
        for source in self._sources():
            if mine := apart(source.words.spans(document, self._least), [s for _, s in found]):
                run = source.run()
                found = sorted([*found, *((run, span) for span in mine)], key=itemgetter(1))
        return found

    def _sources(self) -> list[_Source]:
        earlier = self._known_earlier()
        return [*self._lists[1].values(), *([earlier] if earlier else [])]

    def _known_earlier(self) -> _Source | None:
        """Return the words of earlier projects, if they are asked and there are any."""
        return self._earlier[1] if self._earlier and len(self._earlier[1].words) else None


def is_new(learning: Learning) -> bool:
    """Tell whether it knows less than what was labelled elsewhere."""
    return len(learning.learner.learned) < EXAMPLES and not learning.origin.run


def apart(spans: Iterable[Span], taken: Sequence[Span]) -> tuple[Span, ...]:
    """Return the spans that overlap none of those taken: in their order, none over another."""
    ends = [span.end for span in taken]

    def is_free(span: Span) -> bool:
        at = bisect_right(ends, span.start)
        return at == len(taken) or span.end <= taken[at].start

    return tuple(filter(is_free, spans))


def _words_of(known: WordList, given: Iterable[tuple[str, str]]) -> Words:
    entries = (Entry(*each) for each in given)
    dictionary = Dictionary(entries, known.whole_words, known.match_case)
    return Words(dictionary, belief=TRUST, inside=not known.whole_words)
