"""The process of a served model: ``python -m engine.serving.models.worker '{"folder": …}'``.

It says when it is ready, or why it cannot be, and then answers lines from its standard input by
lines, not always in their order::

    {"ready": true, "int8": false, "lanes": 2}
    {"id": 7, "questions": [["A text", null, 0], …]}
    {"id": 7, "answers": [[[[0, 3, "person", 0.98]], null, 0.1, []], …]}
    {"id": 8, "unlike": [["A text", null, 0]]}
    {"id": 8, "answers": [true]}
    {"id": 9, "error": "What happened."}

As many threads as there are cores answer side by side, each by itself: threads that share a
product wait for each other. It ends when its input ends, which is when the service does.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from engine.inference.model_server import own_output
from engine.serving.models import wire
from engine.system import environment
from storage.errors import WhetstoneError

if TYPE_CHECKING:
    from engine.serving.models.answering import Answerer


class Lanes:
    """Threads that answer what is given to them."""

    def __init__(self, answerer: Answerer, answers: IO[bytes], count: int) -> None:
        self._answerer, self._answers = answerer, answers
        self._waiting: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._turn = threading.Lock()
        self.give = self._waiting.put
        for _ in range(count):
            threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        from engine.serving.models.answering import compute_alone

        compute_alone()
        while True:
            self.say(self._answer(self._waiting.get()))

    def say(self, message: Mapping[str, Any]) -> None:
        """Write a line."""
        with self._turn:
            tell(self._answers, message)

    def _answer(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            if "unlike" in asked:
                found: list = self._answerer.unlike(wire.to_questions(asked["unlike"]))
            else:
                answers = self._answerer.answer(wire.to_questions(asked["questions"]))
                found = wire.from_answers(answers)
        except WhetstoneError as error:
            return {"id": asked["id"], "error": str(error)}
        except Exception as error:
            # A thread that ends would leave everybody waiting; the trace is in the log.
            logging.exception("A batch could not be answered")
            said = f"The model could not answer ({type(error).__name__})."
            return {"id": asked["id"], "error": said}
        return {"id": asked["id"], "answers": found}


def tell(answers: IO[bytes], message: Mapping[str, Any]) -> None:
    """Write a line; where the service is gone nobody is left to be told."""
    with suppress(BrokenPipeError):
        answers.write(wire.pack(message))
        answers.flush()


def serve(order: Mapping[str, Any], requests: IO[bytes], answers: IO[bytes]) -> None:
    """Load the model and answer until there are no more requests."""
    from engine.serving.models import answering

    try:
        catalogue = Path(order["catalogue"]) if order.get("catalogue") else None
        found = answering.load(Path(order["folder"]), int8=order["int8"], catalogue=catalogue)
        answering.compute_alone()
        found.warm()
    except WhetstoneError as error:
        return tell(answers, {"error": str(error)})
    lanes = Lanes(found, answers, count := _lanes(found))
    lanes.say({"ready": True, "int8": found.rounded, "told": found.told, "lanes": count})
    for line in requests:
        lanes.give(wire.unpack(line))


def _lanes(found: Answerer) -> int:
    # A GPU computes one batch at a time; a second one is cut and decoded meanwhile.
    return environment.cores() if found.predictor.device.type == "cpu" else 2


if __name__ == "__main__":
    own = own_output()
    logging.basicConfig(format="%(asctime)s %(message)s")
    environment.prepare(1, {})
    serve(json.loads(sys.argv[1]), sys.stdin.buffer, own)
    # Threads may be in the middle of an answer that nobody waits for any more.
    os._exit(0)
