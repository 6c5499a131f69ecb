"""A model's process for real: one text that ends it takes no other with it; a catalogue answers."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from engine.serving.asking.questions import Answer, AnswerError, Question
from engine.serving.models import process
from engine.serving.models.process import DIED, DiedError, ModelProcess, Order
from engine.serving.models.switching import Kept, Switching
from tests.engine.serving import runs
from tests.workers import piped


class Mortal:
    """A process that a text ends, as one that needs too much memory does."""

    lanes, precision, told = 1, "float32", ""

    def __init__(self) -> None:
        self.alive = True
        self.asked: list[list[str]] = []

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        self.asked.append([each.text for each in questions])
        if any(each.text == "deadly" for each in questions):
            self.alive = False
            raise DiedError(DIED)
        return [Answer([(0, 1, each.text, 1.0)]) for each in questions]

    async def close(self) -> None:
        self.alive = False


def test_a_text_that_ends_the_process_takes_no_other_with_it(monkeypatch) -> None:
    started: list[Mortal] = []

    async def start(order: Order) -> Mortal:
        started.append(Mortal())
        return started[-1]

    monkeypatch.setattr(process, "start", start)

    async def test() -> None:
        kept = Kept(
            Order(Path("run")), runs.describe(), cast(ModelProcess, await start(Order(Path("run"))))
        )
        found = await kept.ask([Question(text) for text in ("a", "deadly", "b")])
        assert isinstance(found[1], AnswerError)
        assert [each.marks[0][2] for each in (found[0], found[2]) if isinstance(each, Answer)] == [
            *("a", "b")
        ]

    asyncio.run(test())
    # The deadly one was tried twice, and each time another process took over.
    assert len(started) == 3


def test_what_was_asked_of_a_process_that_is_killed_is_answered_by_the_next(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = runs.make(tmp_path / "run", bert)
    monkeypatch.setattr(process, "spawn", piped.serve)

    async def test() -> None:
        models = Switching()
        await models.load(Order(folder), runs.describe(5))
        asked = [Question(text) for text in runs.texts(8)]
        model, before = await models.answer(asked)
        served = models._served
        assert served and isinstance(served.model, Kept) and model.run == 5
        os.kill(served.model._process.pid, signal.SIGSTOP)
        waiting = asyncio.create_task(models.answer(asked))
        await asyncio.sleep(0.05)
        os.kill(served.model._process.pid, signal.SIGKILL)
        _, after = await waiting
        assert [[m[:3] for m in each.marks] for each in after] == [
            [m[:3] for m in each.marks] for each in before
        ]
        assert served.model.deaths == 1
        await models.close()
        assert not served.model._process.alive

    asyncio.run(test())
