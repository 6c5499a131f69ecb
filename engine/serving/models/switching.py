"""Which model answers: one at a time, kept alive, replaced without a question lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from engine.serving.asking.batching import Batcher, Waiting
from engine.serving.asking.questions import (
    Answer,
    AnswerError,
    Check,
    Description,
    FullError,
    Model,
    Outcome,
    Question,
)
from engine.serving.models import process
from engine.serving.models.process import DiedError, ModelProcess, Order
from storage.errors import ModelError

log = logging.getLogger("whetstone.serving")
# How long a question waits for a model that is being loaded.
LOADING_SECONDS = 60.0
# When to ask again where that was in vain.
AGAIN_SECONDS = 5.0
NO_MODEL = "The model is not loaded yet: ask again in some seconds."

Heard = Callable[[int, float], None]


class Replaceable(Model, Protocol):
    """A model that can be let go."""

    async def unlike(self, questions: Sequence[Question]) -> list[bool]:
        """Tell which texts are unlike all that the model learned from; raises AnswerError."""

    async def close(self) -> None:
        """Free what it takes, once it is asked nothing more."""


Begin = Callable[[Order, Description], Awaitable[Replaceable]]
"""Loads a model, in whatever process; raises ModelError."""


@dataclass(frozen=True, slots=True)
class Served:
    """A model with what gathers questions for it."""

    model: Model
    batcher: Batcher

    @classmethod
    def of(cls, model: Model, limits: Waiting, heard: Heard = lambda size, seconds: None) -> Served:
        """Gather questions for a model."""
        return cls(model, Batcher(model.ask, model.lanes, limits, heard))

    async def answer(
        self, questions: Sequence[Question], check: Check = lambda model: None
    ) -> tuple[Description, list[Answer]]:
        """Answer questions, once ``check`` has let them pass; raises FullError, AnswerError."""
        check(self.model.description)
        answers = await self.batcher.answer(questions)
        return self.model.description, answers


class Fixed:
    """Satisfies ``questions.Models`` with one model for ever: for whoever has it in its process."""

    def __init__(self, model: Model, limits: Waiting = Waiting()) -> None:
        self._served = Served.of(model, limits)
        self.answer = self._served.answer

    def state(self) -> Mapping[str, Any]:
        """Say which model answers."""
        return {"state": "ready", "model": self._served.model.description}

    def waiting(self) -> int:
        """Return how many questions wait."""
        return self._served.batcher.waiting


class Kept:
    """A model in a process of its own, started again where it died. Satisfies ``Model``."""

    def __init__(self, order: Order, description: Description, first: ModelProcess) -> None:
        self._order, self._process = order, first
        self._turn, self._suspect = asyncio.Lock(), asyncio.Lock()
        self.lanes = first.lanes
        self.description = replace(description, precision=first.precision)
        self.deaths = 0

    async def ask(self, questions: Sequence[Question]) -> list[Outcome]:
        """Answer questions; what a process did not live to answer is asked once more, alone.

        So a text that kills it takes no other with it. Raises AnswerError.
        """
        try:
            return [*await (await self._alive()).ask(questions)]
        except DiedError:
            return [await self._ask_again(question) for question in questions]

    async def _ask_again(self, question: Question) -> Outcome:
        async with self._suspect:
            try:
                return (await (await self._alive()).ask([question]))[0]
            except AnswerError as error:
                return error

    async def unlike(self, questions: Sequence[Question]) -> list[bool]:
        """Tell which texts are unlike all that the model learned from; raises AnswerError."""
        return await (await self._alive()).unlike(questions)

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._process.close()

    async def _alive(self) -> ModelProcess:
        async with self._turn:
            if not self._process.alive:
                self.deaths += 1
                log.warning("The model's process has ended; it is started again.")
                self._process = await self._started()
            return self._process

    async def _started(self) -> ModelProcess:
        try:
            return await process.start(self._order)
        except ModelError as error:
            raise AnswerError(f"The model cannot be loaded again: {error}") from error


async def keep(order: Order, description: Description) -> Kept:
    """Start a model in a process of its own; raises ModelError."""
    return Kept(order, description, await process.start(order))


class Switching:
    """Satisfies ``questions.Models`` with the model that was loaded last."""

    def __init__(
        self,
        limits: Waiting = Waiting(),
        heard: Heard = lambda size, seconds: None,
        begin: Begin = keep,
    ) -> None:
        self._limits, self._heard, self._begin = limits, heard, begin
        self._served: Served | None = None
        self._model: Replaceable | None = None
        self._there = asyncio.Event()
        self._leaving: set[asyncio.Task[None]] = set()
        self._hoping = 0
        self.trouble = ""
        """Why the newest model could not be loaded, in one sentence."""

    async def load(self, order: Order, description: Description) -> None:
        """Start a model, and let it answer from then on; raises ModelError.

        The one before finishes what it was given.
        """
        model = await self._begin(order, description)
        before, leaving = self._served, self._model
        self._served, self._model = Served.of(model, self._limits, self._heard), model
        self._there.set()
        self.trouble = ""
        log.info("Run %s answers (%s).", description.run, model.description.precision)
        if before and leaving:
            task = asyncio.create_task(_finish(before, leaving))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def answer(
        self, questions: Sequence[Question], check: Check = lambda model: None
    ) -> tuple[Description, list[Answer]]:
        """Answer questions; raises FullError, AnswerError."""
        served = self._served or await self._first(len(questions))
        return await served.answer(questions, check)

    async def unlike(self, questions: Sequence[Question]) -> list[bool]:
        """Tell which texts are unlike all that the model learned from; raises AnswerError."""
        if self._model is None:
            raise AnswerError(NO_MODEL)
        return await self._model.unlike(questions)

    async def _first(self, questions: int) -> Served:
        """Wait for the first model; no more wait than may wait for it later."""
        if self._hoping + questions > self._limits.room:
            raise FullError(NO_MODEL, AGAIN_SECONDS)
        self._hoping += questions
        try:
            async with asyncio.timeout(LOADING_SECONDS):
                await self._there.wait()
        except TimeoutError as error:
            raise FullError(self.trouble or NO_MODEL, AGAIN_SECONDS) from error
        finally:
            self._hoping -= questions
        assert self._served, "it is there"
        return self._served

    def state(self) -> Mapping[str, Any]:
        """Say which model answers, and what is wrong with the newest one."""
        model = self._served.model.description if self._served else None
        trouble = {"trouble": self.trouble} if self.trouble else {}
        return {"state": "ready" if model else "loading", "model": model, **trouble}

    def waiting(self) -> int:
        """Return how many questions wait."""
        return self._hoping + (self._served.batcher.waiting if self._served else 0)

    async def close(self) -> None:
        """Let all models go after they have answered what they were given."""
        if self._served and self._model:
            self._leaving.add(asyncio.create_task(_finish(self._served, self._model)))
        await asyncio.gather(*self._leaving)


async def _finish(served: Served, model: Replaceable) -> None:
    await served.batcher.idle()
    await model.close()
