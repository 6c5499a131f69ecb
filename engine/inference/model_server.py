"""The model server: a process that keeps one run's model, and one catalogue, at hand.

It labels what it is given, and finds in the catalogue what answers it.

``python -m engine.inference.model_server`` reads requests from its standard input, one JSON
object a line, and answers each by one line::

    {"folder": "…/runs/3", "documents": [{"text": "…", "tokens": [[0, 3], …]}, …]}
    {"spans": [[[start, end, label, score], …], …], "guesses": [likewise]}
    {"error": "What happened."}

    {"folder": "…/runs/3", "documents": […], "labels": [["refund", …], …]}
    {"pushes": [[{"label": "refund", "tokens": [0.3, …], "second": []}, …], …]}

    {"catalogue": "…/runs/4", "queries": ["…", …], "asked": {"top": 10, …}}
    {"answers": [{"query": "…", "good": 1, "answers": [{"id": "…", "text": "…", …}, …]}, …]}

It ends when its input ends, which is when the process that started it does, however that came
about, and after five minutes without a request. A worker module: torch lives here.
"""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from engine.system import environment
from storage.errors import WhetstoneError
from storage.types import Document, Span

IDLE_SECONDS = 300.0


def serve(requests: IO[bytes], answers: IO[bytes], idle: float = IDLE_SECONDS) -> None:
    """Answer requests until there are no more, or none for ``idle`` seconds."""
    kept: dict[str, Any] = {}
    for line in _lines(requests, idle):
        request = json.loads(line)
        try:
            answer = _answer(kept, request)
        except WhetstoneError as error:
            answer = {"error": str(error)}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _answer(kept: dict[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    if "catalogue" in request:
        found = _matcher(kept, request["catalogue"])
        return {"answers": match(found, request["queries"], request["asked"])}
    predictor = _predictor(kept, request["folder"])
    if "labels" in request:
        return {"pushes": explain(predictor, request["documents"], request["labels"])}
    return label(predictor, request["documents"])


def explain(
    predictor: Any, documents: list[Mapping[str, Any]], labels: list[list[str]]
) -> list[list[dict[str, Any]]]:
    """Return which words pushed towards each label (see ``engine.inference.attribution``)."""
    from engine.inference.attribution import attribute

    found = attribute(predictor, _documents(documents), labels)
    return [[asdict(each) for each in pushes] for pushes in found]


def match(matcher: Any, queries: list[str], asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what of a catalogue answers each text, as ``engine.inference.matcher`` tells it."""
    from engine.inference.matcher import Asked

    return [asdict(each) for each in matcher.stream(queries, Asked(**asked))]


def label(predictor: Any, documents: list[Mapping[str, Any]]) -> dict[str, list[list[tuple]]]:
    """Return what the model marks in each document, and would mark next: start, end, label, score.

    ``documents`` have text and tokens, and a second text where they are pairs.
    """
    marked, next_ones = [], []
    for chunk, scores in predictor.stream_scored(_documents(documents)):
        marked += [_rows(document.spans) for document in chunk]
        found = predictor.loaded.head.guesses(chunk, scores, predictor.labels)
        next_ones += list(map(_rows, found))
    return {"spans": marked, "guesses": next_ones}


def _documents(given: list[Mapping[str, Any]]) -> list[Document]:
    return [
        Document(d["text"], tuple(map(tuple, d["tokens"])), second_text=d.get("second_text"))
        for d in given
    ]


def _rows(marks: Iterable[Span]) -> list[tuple]:
    return [(mark.start, mark.end, mark.label, mark.score) for mark in marks]


def _predictor(kept: dict[str, Any], folder: str) -> Any:
    """Return the folder's model; the one that was kept makes room for another first."""
    # Here, not above: the environment is prepared before torch is loaded, and not for nothing.
    from engine.inference.pipeline import load

    return _kept(kept, "model", folder, load)


def _matcher(kept: dict[str, Any], folder: str) -> Any:
    """Return the folder's catalogue with its models, likewise."""
    from engine.inference.matcher import load

    return _kept(kept, "catalogue", folder, load)


def _kept(kept: dict[str, Any], what: str, folder: str, load: Callable[[Path], Any]) -> Any:
    known = kept.get(what)
    if known is None or known[0] != folder:
        kept.pop(what, None)
        known = kept[what] = folder, load(Path(folder))
    return known[1]


def _lines(requests: IO[bytes], idle: float) -> Iterator[bytes]:
    # Who asks waits for the answer, so no second request ever lies in the buffer.
    while select.select([requests], [], [], idle)[0] and (line := requests.readline()):
        yield line


def own_output() -> IO[bytes]:
    """Keep standard output for answers; what a library prints goes where errors go."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


if __name__ == "__main__":
    answers = own_output()
    environment.prepare(0, {})
    try:
        serve(sys.stdin.buffer, answers)
    except BrokenPipeError:
        # Nobody is left to answer to.
        os._exit(0)
