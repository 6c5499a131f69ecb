"""A model in this very process: for whoever has one process a model anyway, as Ray Serve does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from engine.serving.asking.questions import Answer, AnswerError, Description, Outcome, Question
from engine.serving.models.process import Order
from engine.system import environment
from storage.errors import WhetstoneError


class Local:
    """Satisfies ``switching.Replaceable``. Importing this loads no torch; making one does."""

    def __init__(self, order: Order, description: Description, lanes: int = 0) -> None:
        """Load the model; raises ModelError. ``lanes``: threads that answer, 0 for all cores."""
        from engine.serving.models import answering

        self.lanes = lanes or environment.cores()
        self._answerer = answering.load(order.folder, int8=order.int8, catalogue=order.catalogue)
        precision = "int8" if self._answerer.rounded else "float32"
        self.description = replace(description, precision=precision)
        self._threads = ThreadPoolExecutor(self.lanes, initializer=answering.compute_alone)

    async def ask(self, questions: Sequence[Question]) -> list[Outcome]:
        """Answer questions, in their order; raises AnswerError."""
        found: list[Answer] = await self._do(self._answerer.answer, questions)
        return [*found]

    async def unlike(self, questions: Sequence[Question]) -> list[bool]:
        """Tell which texts are unlike all that the model learned from; raises AnswerError."""
        return await self._do(self._answerer.unlike, questions)

    async def warm(self) -> None:
        """Let it answer something, so that who asks first waits no longer than others."""
        await self._do(self._answerer.warm)

    async def close(self) -> None:
        """End its threads, which nobody gives anything any more."""
        self._threads.shutdown(wait=False)

    async def _do(self, work: Callable[..., Any], *given: Any) -> Any:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, work, *given)
        except WhetstoneError as error:
            raise AnswerError(str(error)) from error


async def keep_here(order: Order, description: Description, lanes: int = 0) -> Local:
    """Load a model into this process while others go on answering; raises as ``Local``."""
    model = await asyncio.to_thread(Local, order, description, lanes)
    await model.warm()
    return model
