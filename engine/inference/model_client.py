"""Ask a model without loading it here: the server is started when asked and kept for the next.

The web process must stay small and never imports torch; the first answer takes the seconds
that loading takes, every other a fraction of one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.encoding.tokens import tokenize
from storage.errors import ModelError
from storage.types import Document, Source, Span

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "engine.inference.model_server")
PATIENCE_SECONDS = 180.0
DIED = "The model's process ended before it answered, perhaps for want of memory: try it again."


@dataclass(frozen=True, slots=True)
class Pushes:
    """What each token did for a label: above 0 for it, below 0 against it.

    ``second`` are the tokens of a second text, as ``engine.encoding.tokens.tokenize`` cuts it.
    Only the proportions of the numbers mean something (see ``engine.inference.attribution``).
    """

    label: str
    tokens: tuple[float, ...]
    second: tuple[float, ...] = ()


class ModelServer:
    """One server process for all threads of this one; they take turns."""

    def __init__(
        self, command: Sequence[str] = COMMAND, patience: float = PATIENCE_SECONDS
    ) -> None:
        self.process: subprocess.Popen | None = None
        self._command, self._patience = command, patience
        self._turn = threading.Lock()

    def label(self, folder: Path, documents: Sequence[Document]) -> list[Document]:
        """Return the documents with tokens and the spans that the model of a run predicts.

        Raises ModelError where the run has no complete model, or its process fails.
        """
        return [document for document, _ in self.guess(folder, documents)]

    def guess(
        self, folder: Path, documents: Sequence[Document]
    ) -> list[tuple[Document, tuple[Span, ...]]]:
        """Return what ``label`` does, and beside each document what the model would say next.

        Only where a mark stands for the whole document there is something to say next.
        """
        documents = _with_tokens(documents)
        answer = self._answer({"folder": str(folder), "documents": _told(documents)})
        found = zip(documents, answer["spans"], answer["guesses"], strict=True)
        return [(replace(d, spans=_spans(rows)), _spans(more)) for d, rows, more in found]

    def explain(
        self, folder: Path, documents: Sequence[Document], labels: Sequence[Sequence[str]]
    ) -> list[tuple[Document, list[Pushes]]]:
        """Return the documents with tokens, and which of these pushed towards their labels.

        ``labels`` names for each document those that are asked for: what the model predicts,
        what people gave. A label that the model does not know has no ``Pushes``; no label has
        any where the model answers for each word. Raises ModelError.
        """
        documents = _with_tokens(documents)
        wanted = {"documents": _told(documents), "labels": [list(names) for names in labels]}
        answer = self._answer({"folder": str(folder), **wanted})
        found = zip(documents, answer["pushes"], strict=True)
        return [(document, [_pushes(each) for each in rows]) for document, rows in found]

    def match(self, catalogue: Path, queries: Sequence[str], **asked: Any) -> list[dict[str, Any]]:
        """Return what of a catalogue answers each text, the best first.

        ``asked`` are fields of ``engine.inference.matcher.Asked``; what comes back are its
        ``Answers`` as objects of JSON. Raises ModelError where a model is not complete, the
        catalogue's folder is damaged, or the process fails.
        """
        request = {"catalogue": str(catalogue), "queries": list(queries), "asked": asked}
        return self._answer(request)["answers"]

    def warm_catalogue(self, catalogue: Path) -> None:
        """Let the server load a catalogue in the meantime; the next question waits for it."""
        self._meanwhile(lambda: self.match(catalogue, []))

    def warm(self, folder: Path) -> None:
        """Let the server load a model in the meantime; the next question waits for it."""
        self._meanwhile(lambda: self.label(folder, []))

    def _meanwhile(self, ask: Callable[[], object]) -> None:
        if not self._turn.locked():
            threading.Thread(target=self._load, args=(ask,), daemon=True).start()

    def _load(self, ask: Callable[[], object]) -> None:
        try:
            ask()
        except ModelError:
            # Nobody asked anything yet: who asks is told the same.
            return

    def stop(self) -> None:
        """End the server, also in the middle of an answer."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        with self._turn:
            answer = json.loads(self._ask(json.dumps(request).encode() + b"\n"))
        if "error" in answer:
            raise ModelError(answer["error"])
        return answer

    def _ask(self, request: bytes) -> bytes:
        # A server that was kept may just have gone for want of questions; a new one has not.
        kept = self.process
        if kept and kept.poll() is None and (answer := self._exchange(kept, request)):
            return answer
        self.stop()
        self.process = spawn(self._command)
        if answer := self._exchange(self.process, request):
            return answer
        raise ModelError(DIED)

    def _exchange(self, process: subprocess.Popen, request: bytes) -> bytes:
        """Send a request and return the answer, empty where the process ended instead."""
        # Killing ends both the writing and the reading, whichever hangs.
        watchdog = threading.Timer(self._patience, process.kill)
        watchdog.start()
        try:
            assert process.stdin and process.stdout, "it was started with pipes"
            process.stdin.write(request)
            process.stdin.flush()
            line = process.stdout.readline()
            return line if line.endswith(b"\n") else b""
        except BrokenPipeError:
            return b""
        finally:
            watchdog.cancel()


def spawn(command: Sequence[str]) -> subprocess.Popen:
    """Start a server with pipes."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl+C is for the web process; this one sees its input end.
        start_new_session=True,
    )


def _spans(rows: Sequence[Sequence[Any]]) -> tuple[Span, ...]:
    return tuple(
        Span(start, end, label, source=Source.MODEL, score=score)
        for start, end, label, score in rows
    )


def _pushes(found: Mapping[str, Any]) -> Pushes:
    return Pushes(found["label"], tuple(found["tokens"]), tuple(found["second"]))


def _with_tokens(documents: Sequence[Document]) -> list[Document]:
    return [replace(d, tokens=d.tokens or tokenize(d.text)) for d in documents]


def _told(documents: Sequence[Document]) -> list[dict[str, Any]]:
    return [{"text": d.text, "tokens": d.tokens, "second_text": d.second_text} for d in documents]
