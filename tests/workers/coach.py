"""A coach that is there at once: it suggests words that it has seen labelled, and those of lists.

``python -m tests.workers.coach DESCRIPTOR`` stands in for ``engine.coach.forkserver`` where a test
is about what the pages make of a coach. It learns finished documents from the journal and says
what the real one says, after ``COACH_SECONDS``.
"""

import os
import re
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from engine.coach.forkserver import fork_for_ever
from engine.coach.state import STOP, Asked, CoachState, Phase
from storage.coaching import coach_run, word_lists
from storage.corpus import projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import suggestions
from storage.runs.suggestions import Said
from storage.tasks import marks_whole
from storage.types import Document, DocumentScore, Source, Span, Status

SECONDS = "COACH_SECONDS"
LOOK_SECONDS = 0.02


class StandIn:
    """One project's."""

    def __init__(self, project: int, connection: Connection) -> None:
        self.db = Database.open()
        self.project, self.connection = project, connection
        self.whole = marks_whole(projects.get_project(self.db, project).task)
        self.run = coach_run.ensure(self.db, project)
        self.ahead: tuple[int, ...] = ()
        self.entry = -1
        self.known: dict[int, Document] = {}
        self.lists = word_lists.asked(self.db, project)
        self.state = CoachState(phase=Phase.READING)

    def serve(self) -> None:
        """Learn and suggest until the pipe closes, or says so."""
        while True:
            if self.connection.poll(LOOK_SECONDS):
                said = self.connection.recv()
                if said == STOP:
                    return
                self.ahead = said.documents
                self.suggest()
            newest = annotations.stamp(self.db, self.project)[0]
            if newest != self.entry:
                time.sleep(float(os.environ.get(SECONDS, "0")))
                self.learn(newest)

    def learn(self, newest: int) -> None:
        found = annotations.current(self.db, self.project, statuses=[Status.DONE])
        done = {each.id or 0: each for each in found}
        mended = any(id in done and done[id].spans != old.spans for id, old in self.known.items())
        self.entry, self.known = newest, done
        changed = self.suggest()
        self.state = CoachState(
            phase=Phase.WAITING,
            entry=newest,
            documents=len(done),
            revision=self.state.revision + 1,
            mended=self.state.mended + mended,
            changed=changed if mended else self.state.changed,
            asked=Asked(tuple(each.name for each, _ in self.lists)),
        )
        self.connection.send(self.state)

    def suggest(self) -> int:
        """Say what comes next; return how much of it is something else than before."""
        before = suggestions.of_documents(self.db, self.ahead)
        texts = annotations.of_documents(self.db, self.ahead)
        said = [self.of(each) for each in texts]
        suggestions.put(self.db, self.run, said, self.state.revision + 1)
        after = suggestions.of_documents(self.db, self.ahead)
        return sum(before.get(id) is None or before[id].spans != after[id].spans for id in after)

    def of(self, document: Document) -> Said:
        score = DocumentScore(document.id or 0, 0.5, 0.5, 0.5, None)
        if self.whole:
            spans = [span for known in self.known.values() for span in known.spans][-1:]
            return Said(score, tuple(made(0, 0, span.label) for span in spans))
        return Said(score, tuple(sorted(self.found(document.text))))

    def found(self, text: str) -> set[Span]:
        words = {
            (known.text[span.start : span.end], span.label)
            for known in self.known.values()
            for span in known.spans
        }
        words |= {each for _, given in self.lists for each in given}
        return {
            made(place.start(), place.end(), label)
            for word, label in words
            for place in re.finditer(re.escape(word), text)
        }


def made(start: int, end: int, label: str) -> Span:
    return Span(start, end, label, source=Source.MODEL, score=0.9)


def begin(project: int, descriptor: int) -> None:
    """Stand in for one project's coach until nobody needs it."""
    with suppress(EOFError, OSError):
        StandIn(project, Connection(descriptor)).serve()


if __name__ == "__main__":
    fork_for_ever(Connection(int(sys.argv[1])), begin)
