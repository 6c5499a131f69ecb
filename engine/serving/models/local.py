"""A model in this very process: for whoever has one process a model anyway, as Ray Serve does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from engine.serving.asking.questions import Answer, AnswerError, Description, Outcome, Question
from engine.serving.models.process import Order
from engine.system import environment
from storage.errors import WhetstoneError


class Local:
    """Satisfies ``questions.Model``. Importing this does not load torch; making one does."""

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
        loop = asyncio.get_running_loop()
        try:
            found: list[Answer] = await loop.run_in_executor(
                self._threads, self._answerer.answer, questions
            )
        except WhetstoneError as error:
            raise AnswerError(str(error)) from error
        return [*found]
