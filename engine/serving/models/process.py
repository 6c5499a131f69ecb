"""A model's process as the service holds it: started, asked by several at once, ended."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.serving.asking.questions import Answer, AnswerError, Question
from engine.serving.models import wire
from storage.errors import ModelError

ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-m", "engine.serving.models.worker")
# To load a model, with what int8 costs to be measured the first time; to end by itself.
START_SECONDS, END_SECONDS = 900.0, 10.0
DIED = "The model's process ended before it answered, perhaps for want of memory: ask again."


class DiedError(AnswerError):
    """The process ended before it answered: another one may."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which model a process loads, and how."""

    folder: Path
    int8: bool = False
    catalogue: Path | None = None

    def to_json(self) -> str:
        """Return it as the process reads it."""
        catalogue = str(self.catalogue) if self.catalogue else None
        return json.dumps({"folder": str(self.folder), "int8": self.int8, "catalogue": catalogue})


class ModelProcess:
    """A process that is ready."""

    def __init__(self, process: asyncio.subprocess.Process, ready: dict[str, Any]) -> None:
        """Use ``start`` instead."""
        self._process = process
        self.lanes: int = ready["lanes"]
        self.precision = "int8" if ready["int8"] else "float32"
        self.told: str = ready["told"]
        self._numbers = itertools.count()
        self._asked: dict[int, asyncio.Future[list[Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return not self._reader.done()

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Answer questions, in their order; raises DiedError, AnswerError."""
        return wire.to_answers(await self._send("questions", questions))

    async def unlike(self, questions: Sequence[Question]) -> list[bool]:
        """Tell which texts are unlike all that the model learned from; raises as ``ask``."""
        return await self._send("unlike", questions)

    async def close(self) -> None:
        """End the process; what it was asked and has not answered raises DiedError."""
        if self._process.stdin:
            self._process.stdin.close()
        await _ended(self._process)
        await self._reader

    async def _send(self, what: str, questions: Sequence[Question]) -> list[Any]:
        if not self.alive:
            raise DiedError(DIED)
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin, "it was started with pipes"
        try:
            line = wire.pack({"id": number, what: wire.from_questions(questions)})
            self._process.stdin.write(line)
            await self._process.stdin.drain()
            return await answer
        except (BrokenPipeError, ConnectionResetError) as error:
            raise DiedError(DIED) from error
        finally:
            self._asked.pop(number, None)

    async def _read(self) -> None:
        assert self._process.stdout, "it was started with pipes"
        try:
            while line := await self._process.stdout.readline():
                self._hear(wire.unpack(line))
        finally:
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_exception(DiedError(DIED))

    def _hear(self, said: dict[str, Any]) -> None:
        answer = self._asked.get(said["id"])
        if answer is None or answer.done():
            # Whoever asked is gone.
            return
        if "error" in said:
            answer.set_exception(AnswerError(said["error"]))
        else:
            answer.set_result(said["answers"])


async def start(order: Order) -> ModelProcess:
    """Start a process and wait until it is ready; raises ModelError where it cannot be."""
    process = await spawn(order)
    assert process.stdout, "it was started with pipes"
    try:
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    ready = wire.unpack(line) if line else {"error": DIED}
    if "error" in ready:
        await _ended(process)
        raise ModelError(ready["error"])
    return ModelProcess(process, ready)


async def spawn(order: Order) -> asyncio.subprocess.Process:
    """Start a process with pipes."""
    return await asyncio.create_subprocess_exec(
        *COMMAND,
        order.to_json(),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=wire.LONGEST,
        # Ctrl+C is for the service; this one sees its input end.
        start_new_session=True,
    )


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait until a process that is asked nothing more has ended; kill one that hangs."""
    if process.stdin:
        process.stdin.close()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
