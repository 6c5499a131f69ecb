"""Questions that wait together go through the model together.

A lane of the model that is free takes what waits at once, so that a single client never waits for
company; while all lanes are busy questions gather, and the more there is to do the larger the
batches are. A batch is as large as the model reads within the budget, by the speed it had lately:
so nobody waits long behind a large one. Lists take turns, a question of each, so that a text alone
is not kept behind a hundred of somebody else's.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from engine.serving.asking.questions import Answer, AnswerError, FullError, Outcome, Question

Ask = Callable[[Sequence[Question]], Awaitable[list[Outcome]]]
# What a question costs besides its text, in code points; what is not known yet, in seconds.
OWN, SPEED = 16, 1e-4
# How much the last batch counts for how fast the model is.
SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much may wait, and how long a batch may take."""

    budget: float = 0.1
    """Seconds that a batch should take at most."""
    most: int = 64
    """Questions in a batch."""
    little: int = 2_000
    """Code points that are worth a batch, however long that takes: fewer at a time are slower."""
    room: int = 2_000
    """Questions that may wait: whoever comes then is asked to come again."""
    gather: float = 0.004
    """Seconds that a lane waits for more while others compute, if little waits."""


@dataclass(slots=True, eq=False)
class _List:
    """The questions of one request, and what is known of their answers."""

    questions: Sequence[Question]
    answers: list[Answer | None]
    done: asyncio.Future[None]
    asked: int = 0
    answered: int = 0


@dataclass(slots=True)
class Batcher:
    """Puts questions together for a model that answers ``lanes`` lists at a time."""

    ask: Ask
    lanes: int
    limits: Waiting = field(default_factory=Waiting)
    heard: Callable[[int, float], None] = lambda size, seconds: None
    """Is told of every batch how many questions it had and how long it took."""
    waiting: int = 0
    """Questions that no lane has taken yet."""
    pending: int = 0
    """Questions that are not answered yet."""
    _lists: deque[_List] = field(default_factory=deque)
    _busy: int = 0
    _timer: asyncio.Handle | None = None
    _speed: float = SPEED
    """Seconds for a code point, lately."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Answer questions in their order; raises FullError, or what ``ask`` raises."""
        if self.waiting + len(questions) > self.limits.room:
            raise FullError("Too many texts wait already: ask again later.", self.delay())
        if not questions:
            return []
        answers: list[Answer | None] = [None] * len(questions)
        waiting = _List(questions, answers, asyncio.get_running_loop().create_future())
        self._lists.append(waiting)
        self.waiting += len(questions)
        self.pending += len(questions)
        self._wake(0.0)
        try:
            await waiting.done
        finally:
            self._leave(waiting)
        return [answer for answer in answers if answer is not None]

    def delay(self) -> float:
        """Return the seconds after which what waits now should be answered."""
        size = sum(q.size + OWN for each in self._lists for q in each.questions[each.asked :])
        return max(1.0, math.ceil(size * self._speed / self.lanes))

    async def idle(self) -> None:
        """Wait until everything is answered, and the model reads nothing any more."""
        while self.pending or self._busy:
            self._idle.clear()
            await self._idle.wait()

    def _leave(self, waiting: _List) -> None:
        """Forget a list: it is answered, or whoever asked is gone."""
        if waiting in self._lists:
            self._lists.remove(waiting)
            self.waiting -= len(waiting.questions) - waiting.asked
        self.pending -= len(waiting.questions)
        self._look_idle()

    def _look_idle(self) -> None:
        if not self.pending and not self._busy:
            self._idle.set()

    def _wake(self, seconds: float) -> None:
        """Look for a free lane soon: after all that has arrived by now was read."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            later = loop.call_later(seconds, self._feed) if seconds else loop.call_soon(self._feed)
            self._timer = later

    def _feed(self) -> None:
        self._timer = None
        while self._lists and self._busy < self.lanes:
            batch = self._take()
            self._busy += 1
            task = asyncio.create_task(self._run(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _take(self) -> list[tuple[_List, int]]:
        """Take one question of each list in turn, as many as the model reads within the budget."""
        batch: list[tuple[_List, int]] = []
        left = max(self.limits.budget / self._speed, self.limits.little)
        while self._lists and len(batch) < self.limits.most:
            first = self._lists[0]
            left -= first.questions[first.asked].size + OWN
            if batch and left < 0:
                break
            batch.append((first, first.asked))
            first.asked += 1
            self._lists.popleft()
            if first.asked < len(first.questions):
                self._lists.append(first)
        self.waiting -= len(batch)
        return batch

    async def _run(self, batch: Sequence[tuple[_List, int]]) -> None:
        loop = asyncio.get_running_loop()
        questions = [waiting.questions[at] for waiting, at in batch]
        started = loop.time()
        try:
            answers = await self.ask(questions)
        except Exception as error:
            # Whatever it was, whoever asked is told.
            for waiting, _ in batch:
                _fail(waiting, error)
        else:
            self._learn(questions, loop.time() - started)
            for (waiting, at), answer in zip(batch, answers, strict=True):
                _give(waiting, at, answer)
        finally:
            self._busy -= 1
            self._look_idle()
            # Those who are answered ask again at once, many of them: a short wait brings them.
            few = self._busy and self.waiting < self.limits.most // 8
            self._wake(self.limits.gather if few else 0.0)

    def _learn(self, questions: Sequence[Question], seconds: float) -> None:
        speed = seconds / sum(each.size + OWN for each in questions)
        self._speed += SHARE * (speed - self._speed)
        self.heard(len(questions), seconds)


def _give(waiting: _List, at: int, answer: Outcome) -> None:
    if isinstance(answer, AnswerError):
        return _fail(waiting, answer)
    waiting.answers[at] = answer
    waiting.answered += 1
    if waiting.answered == len(waiting.questions) and not waiting.done.done():
        waiting.done.set_result(None)


def _fail(waiting: _List, error: Exception) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)
