"""Keeps what is asked, where a project wants that: after the answer, some at a time.

What a text is like is asked of the model when nobody waits for it. Where more comes than can be
kept, the rest is forgotten: an answer never waits for what is kept.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.serving.asking.questions import Answer, AnswerError, Description, Question
from engine.serving.models.switching import Switching
from storage.database.connection import Database
from storage.errors import StorageError
from storage.serving import kept
from storage.serving.kept import Kept
from storage.types import Source, Span

log = logging.getLogger("whetstone.serving")
# Texts that wait to be kept, that are kept in one transaction, and that the model looks at at once.
ROOM, PORTION, LOOKED_AT = 5_000, 200, 16
KEEP_SECONDS, BUSY_SECONDS, EXPIRE_SECONDS = 2.0, 0.25, 3_600.0


@dataclass(frozen=True, slots=True)
class _Heard:
    run_id: int
    question: Question
    answer: Answer
    at: str


class Keeper:
    """Hears all answers of a project's service, and keeps them while the project wants it."""

    def __init__(self, db: Database, project_id: int, models: Switching) -> None:
        self._db, self._project, self._models = db, project_id, models
        self._waiting: deque[_Heard] = deque()
        self._days = 0
        self._expired = -EXPIRE_SECONDS

    def refresh(self) -> None:
        """See whether the project wants anything kept; forget what was kept for long enough."""
        self._days = kept.days(self._db, self._project)
        if time.monotonic() - self._expired > EXPIRE_SECONDS:
            self._expired = time.monotonic()
            kept.expire(self._db)

    def hear(
        self, model: Description, asked: Sequence[Question], answers: Sequence[Answer]
    ) -> None:
        """Take down what was asked, if it is to be kept; returns at once."""
        if not self._days:
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        for question, answer in zip(asked, answers, strict=True):
            # What is looked for in a catalogue is no text that could be labelled.
            if not question.top and len(self._waiting) < ROOM:
                self._waiting.append(_Heard(model.run_id, question, answer, at))

    async def run(self) -> None:
        """Keep what is heard until cancelled."""
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            try:
                while some := self._take():
                    await self._look_and_keep(some)
            except StorageError as error:
                log.warning("What was asked could not be kept. %s", error)

    async def _look_and_keep(self, some: Sequence[_Heard]) -> None:
        try:
            unlike = [each for part in _parted(some) for each in await self._unlike(part)]
        except asyncio.CancelledError:
            self._waiting.extendleft(reversed(some))
            raise
        # A thread that writes goes on to the end, whoever waits for it.
        await asyncio.to_thread(self._keep, some, unlike)

    async def finish(self) -> None:
        """Keep what is left, at the end: without looking at it again."""
        try:
            while some := self._take():
                await asyncio.to_thread(self._keep, some, [False] * len(some))
        except StorageError as error:
            log.warning("What was asked last could not be kept. %s", error)

    def _take(self) -> list[_Heard]:
        if not self._days:
            self._waiting.clear()
        count = min(PORTION, len(self._waiting))
        return [self._waiting.popleft() for _ in range(count)]

    async def _unlike(self, some: Sequence[_Heard]) -> list[bool]:
        while self._models.waiting():
            await asyncio.sleep(BUSY_SECONDS)
        try:
            return await self._models.unlike([each.question for each in some])
        except AnswerError:
            # The texts are worth keeping without it.
            return [False] * len(some)

    def _keep(self, some: Sequence[_Heard], unlike: Sequence[bool]) -> None:
        by_run: dict[int, list[Kept]] = {}
        for heard, strange in zip(some, unlike, strict=True):
            by_run.setdefault(heard.run_id, []).append(_kept(heard, strange))
        for run_id, rows in by_run.items():
            kept.add(self._db, self._project, run_id, rows)


def _parted(some: Sequence[_Heard]) -> list[Sequence[_Heard]]:
    return [some[at : at + LOOKED_AT] for at in range(0, len(some), LOOKED_AT)]


def _kept(heard: _Heard, unlike: bool) -> Kept:
    spans = [Span(*mark[:3], source=Source.MODEL, score=mark[3]) for mark in heard.answer.marks]
    question, doubt = heard.question, heard.answer.doubt or 0.0
    return Kept(question.text, question.second_text, spans, doubt, unlike, heard.at)
