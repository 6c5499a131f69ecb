"""Questions that wait together go together, nobody is lost, and no more wait than may."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from engine.serving.asking.batching import Batcher, Waiting
from engine.serving.asking.questions import Answer, AnswerError, FullError, Question


class Model:
    """A model that answers when it is let, each text by a mark of its own."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.go = asyncio.Event()

    async def ask(self, questions: Sequence[Question]) -> list:
        """Answer with a mark that names the text; a text "bad" fails alone, "broken" all."""
        self.batches.append([each.text for each in questions])
        await self.go.wait()
        if any(each.text == "broken" for each in questions):
            raise AnswerError("broken")
        return [
            AnswerError("bad") if q.text == "bad" else Answer([(0, 1, q.text, 1.0)])
            for q in questions
        ]


def asked(*texts: str) -> list[Question]:
    return [Question(text) for text in texts]


def labels(answers: Sequence[Answer]) -> list[str]:
    return [answer.marks[0][2] for answer in answers]


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def run(test) -> None:
    asyncio.run(test())


def test_what_comes_at_once_goes_at_once_and_what_comes_later_together() -> None:
    async def test() -> None:
        model = Model()
        batcher = Batcher(model.ask, 1)
        first = asyncio.gather(*(batcher.answer(asked(text)) for text in "ab"))
        await turns()
        later = asyncio.gather(*(batcher.answer(asked(text)) for text in "cde"))
        await turns()
        assert model.batches == [["a", "b"]]
        assert (batcher.waiting, batcher.pending) == (3, 5)
        model.go.set()
        assert [labels(each) for each in await first] == [["a"], ["b"]]
        assert [labels(each) for each in await later] == [["c"], ["d"], ["e"]]
        assert model.batches == [["a", "b"], ["c", "d", "e"]]
        assert (batcher.waiting, batcher.pending) == (0, 0)

    run(test)


def test_a_text_alone_is_not_kept_behind_a_hundred_of_another() -> None:
    async def test() -> None:
        model = Model()
        batcher = Batcher(model.ask, 1, Waiting(most=4))
        many = [f"m{n}" for n in range(100)]
        whole = asyncio.create_task(batcher.answer(asked(*many)))
        await turns()
        alone = asyncio.create_task(batcher.answer(asked("alone")))
        await turns()
        model.go.set()
        assert labels(await alone) == ["alone"]
        assert not whole.done()
        assert labels(await whole) == many
        assert model.batches[1] == ["m4", "alone", "m5", "m6"]

    run(test)


def test_a_batch_is_no_larger_than_is_read_within_the_budget() -> None:
    async def test() -> None:
        model = Model()
        model.go.set()
        batcher = Batcher(model.ask, 1, Waiting(budget=0.01, little=1), _speed=1e-4)
        found = await batcher.answer(asked(*["x" * 34] * 5, "y" * 500, "z"))
        assert len(found) == 7
        # A hundred code points, of which each question has sixteen of its own; one always goes.
        assert [len(batch) for batch in model.batches][0] == 2
        assert ["y" * 500] in model.batches or any(len(b) == 1 for b in model.batches)

    run(test)


def test_who_finds_too_much_waiting_is_told_when_to_come_again() -> None:
    async def test() -> None:
        model = Model()
        batcher = Batcher(model.ask, 1, Waiting(room=3))
        first = asyncio.create_task(batcher.answer(asked("a")))
        await turns()
        rest = asyncio.create_task(batcher.answer(asked("b", "c")))
        await turns()
        with pytest.raises(FullError) as refused:
            await batcher.answer(asked("d", "e"))
        assert refused.value.seconds >= 1
        model.go.set()
        assert labels(await first) + labels(await rest) == ["a", "b", "c"]
        assert labels(await batcher.answer(asked("d", "e"))) == ["d", "e"]

    run(test)


def test_what_fails_alone_takes_no_other_with_it() -> None:
    async def test() -> None:
        model = Model()
        model.go.set()
        batcher = Batcher(model.ask, 1)
        texts = ["a", "bad", "b"]
        found = await asyncio.gather(
            *(batcher.answer(asked(text)) for text in texts), return_exceptions=True
        )
        first, second, third = found
        assert isinstance(second, AnswerError)
        assert isinstance(first, list) and isinstance(third, list)
        assert labels(first) == ["a"] and labels(third) == ["b"]
        with pytest.raises(AnswerError, match="broken"):
            await batcher.answer(asked("broken"))
        assert batcher.pending == 0

    run(test)


def test_whoever_leaves_is_not_answered() -> None:
    async def test() -> None:
        model = Model()
        batcher = Batcher(model.ask, 1, Waiting(most=1))
        first = asyncio.create_task(batcher.answer(asked("a")))
        gone = asyncio.create_task(batcher.answer(asked("gone")))
        await turns()
        gone.cancel()
        await turns()
        model.go.set()
        await first
        await batcher.idle()
        assert model.batches == [["a"]]
        assert batcher.waiting == 0

    run(test)


def test_it_is_idle_once_the_model_has_read_also_what_nobody_waits_for() -> None:
    async def test() -> None:
        model = Model()
        batcher = Batcher(model.ask, 1)
        gone = asyncio.create_task(batcher.answer(asked("gone")))
        await turns()
        gone.cancel()
        idle = asyncio.create_task(batcher.idle())
        await turns()
        assert model.batches == [["gone"]] and not idle.done()
        model.go.set()
        await idle

    run(test)
