"""An endpoint asked about documents, several at a time: what it says of each, held to the text."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from engine.zero_shot import answers, holding, prompts
from engine.zero_shot.cache import Cache, key_of
from engine.zero_shot.endpoint import Endpoint, UnansweredError
from engine.zero_shot.holding import Held
from engine.zero_shot.ledger import Ledger, SpentError
from engine.zero_shot.prompts import Brief
from storage.types import Document, Span

# Documents in a row without an answer, after which no more are asked about.
PATIENCE = 3
# Seconds between two looks at whether somebody cancelled.
GLANCE = 0.1
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says of a document; ``spans`` is None where it gave no answer."""

    document: Document
    spans: tuple[Span, ...] | None
    dropped: Counter[str] = field(default_factory=Counter)
    known: bool = False
    """It was asked before, and not again."""
    problem: str = ""
    """Why there is no answer, in one sentence."""
    final: bool = False
    """No further document would have one."""


class Asking:
    """One brief, one endpoint."""

    def __init__(
        self, brief: Brief, identity: str, endpoint: Endpoint, ledger: Ledger, cache: Cache
    ) -> None:
        self._brief, self._identity = brief, identity
        self._endpoint, self._ledger, self._cache = endpoint, ledger, cache
        self._schema = prompts.schema(brief)

    def stream(
        self, documents: Iterable[Document], at_once: int, pause: Callable[[], None]
    ) -> Iterator[Said]:
        """Yield what is said of each document, in their order, until nothing more is to be had.

        ``pause`` is called often and may raise: then nobody waits for what is on its way.
        """
        silent = 0
        for said in ahead(self.of, documents, at_once, pause):
            silent = 0 if said.spans is not None else silent + 1
            yield said
            if said.final or silent >= PATIENCE:
                return

    def of(self, document: Document) -> Said:
        """Ask about one document, piece by piece where words of a long one are looked for."""
        spans: list[Span] = []
        dropped: Counter[str] = Counter()
        known = True
        cut = prompts.pieces(document.text)
        for offset, piece in cut[:1] if self._brief.whole else cut:
            try:
                held, before = self._of_text(piece, document.second_text, first=known)
            except UnansweredError as error:
                return Said(document, None, problem=str(error), final=error.lasting)
            except SpentError as error:
                return Said(document, None, problem=str(error), final=True)
            if held is None:
                return Said(document, None, Counter({holding.BROKEN: 1}), before, UNREADABLE)
            known = known and before
            dropped += held.dropped
            spans += [_moved(span, offset) for span in held.spans]
        return Said(document, tuple(spans), dropped, known)

    def _of_text(self, text: str, second: str | None, first: bool) -> tuple[Held | None, bool]:
        """Return what is said of a text, and whether that was known; None if it is unreadable.

        ``first`` tells that its document has cost nothing so far.
        """
        brief = self._brief
        if not text.strip() and not (second or "").strip():
            return Held(), True
        second = second[: prompts.PIECE] if second else second
        messages = prompts.messages(brief, text, second)
        key = key_of(self._identity, messages, self._schema)
        answered = self._cache.get(key)
        known = answered is not None
        if answered is None:
            if first:
                self._ledger.begin_document()
            answered = self._endpoint.ask(messages, self._schema).text
        answer = answers.read(answered, brief.whole)
        if answer is None:
            return None, known
        if not known:
            self._cache.put(key, answered)
        if brief.whole:
            held = holding.hold_whole(answer.claims, brief.names, brief.several)
        else:
            held = holding.hold_spans(text, answer.claims, brief.names, brief.overlaps)
        return Held(held.spans, held.dropped + Counter({holding.BROKEN: answer.broken})), known


UNREADABLE = "The model's answer held no JSON that could be read."


def _moved(span: Span, by: int) -> Span:
    if span.whole or not by:
        return span
    return Span(span.start + by, span.end + by, span.label, "", span.source, span.score)


def ahead(
    call: Callable[[T], R], items: Iterable[T], at_once: int, pause: Callable[[], None]
) -> Iterator[R]:
    """Yield what is returned for each item, in order, while the next ones are under way.

    A thread each, that nobody waits for where the generator is left: the process may end around
    them.
    """
    left = iter(items)
    under_way = deque(_begun(call, item) for item in islice(left, at_once))
    while under_way:
        first = under_way[0]
        while not first.done():
            pause()
            _wait(first)
        under_way.popleft()
        yield first.result()
        # Not before who reads has taken it in, and may want no more.
        under_way.extend(_begun(call, item) for item in islice(left, 1))


def _wait(future: Future) -> None:
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    done.wait(GLANCE)


def _begun(call: Callable[[T], R], item: T) -> Future[R]:
    future: Future[R] = Future()

    def fulfil() -> None:
        try:
            future.set_result(call(item))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=fulfil, name="asking", daemon=True).start()
    return future
