"""The model server: a process that keeps one run's model at hand and labels what it is given.

``python -m engine.inference.model_server`` reads requests from its standard input, one JSON
object a line, and answers each by one line::

    {"folder": "…/runs/3", "documents": [{"text": "…", "tokens": [[0, 3], …]}, …]}
    {"spans": [[[start, end, label, score], …], …]}   or   {"error": "What happened."}

It ends when its input ends, which is when the process that started it does, however that came
about, and after five minutes without a request. A worker module: torch lives here.
"""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from engine.system import environment
from storage.errors import WhetstoneError
from storage.types import Document

IDLE_SECONDS = 300.0


def serve(requests: IO[bytes], answers: IO[bytes], idle: float = IDLE_SECONDS) -> None:
    """Answer requests until there are no more, or none for ``idle`` seconds."""
    kept: dict[str, Any] = {}
    for line in _lines(requests, idle):
        request = json.loads(line)
        try:
            predictor = _predictor(kept, request["folder"])
            answer: dict[str, Any] = {"spans": label(predictor, request["documents"])}
        except WhetstoneError as error:
            answer = {"error": str(error)}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def label(predictor: Any, documents: list[Mapping[str, Any]]) -> list[list[tuple]]:
    """Return what the model marks in each document: start, end, label, score."""
    given = [Document(d["text"], tuple(map(tuple, d["tokens"]))) for d in documents]
    return [
        [(span.start, span.end, span.label, span.score) for span in document.spans]
        for chunk in predictor.stream(given)
        for document in chunk
    ]


def _predictor(kept: dict[str, Any], folder: str) -> Any:
    """Return the folder's model; the one that was kept makes room for another first."""
    # Here, not above: the environment is prepared before torch is loaded, and not for nothing.
    from engine.inference.pipeline import load

    if folder not in kept:
        kept.clear()
        kept[folder] = load(Path(folder))
    return kept[folder]


def _lines(requests: IO[bytes], idle: float) -> Iterator[bytes]:
    # Who asks waits for the answer, so no second request ever lies in the buffer.
    while select.select([requests], [], [], idle)[0] and (line := requests.readline()):
        yield line


def _own_output() -> IO[bytes]:
    """Keep standard output for answers; what a library prints goes where errors go."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


if __name__ == "__main__":
    answers = _own_output()
    environment.prepare(0, {})
    try:
        serve(sys.stdin.buffer, answers)
    except BrokenPipeError:
        # Nobody is left to answer to.
        os._exit(0)
