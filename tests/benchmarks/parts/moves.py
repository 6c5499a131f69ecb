"""A small model of the tagger: what may be done to a sentence, and what it leads to.

* a text opens with its first suggestion selected, unless a label is taken up;
* a digit takes up a label for the next drags, or labels what is selected; Escape puts it down;
* a drag labels with the label that is taken up, or relabels the span that lies there;
* without one a drag gives the label of the suggestion that it touches, or of several that
  agree and fill half of it, and takes their place; elsewhere the label that a model holds for
  likeliest, or it selects the words for the digit that follows;
* y accepts, x rejects the selected suggestion, else the next one, and selects the one behind;
* Shift+Y accepts every suggestion that reaches the threshold and stands free;
* a click selects any span or suggestion, Escape nothing, Backspace deletes;
* [ ] { } move a border of what is selected by a word.

What helps nobody is left out: to accept what is wrong, to reject what is in nobody's way, to
change what is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Protocol

from storage.types import Document, Span

Place = tuple[int, int]
BORDERS = (("[", 0, -1), ("]", 0, 1), ("{", 1, -1), ("}", 1, 1))


@dataclass(frozen=True, slots=True)
class Action:
    """A key that is pressed, or a place in the text that is clicked on or dragged over."""

    kind: str
    """key, click or drag."""
    key: str = ""
    place: Place | None = None


class Placed(Protocol):
    """What lies between two code points of a text."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Mark(NamedTuple):
    """A span or a suggestion; without a label it is words. Many are made and compared."""

    start: int
    end: int
    label: str


class State(NamedTuple):
    """The tagger's document as it stands."""

    spans: frozenset[Mark]
    rejected: frozenset[Mark] = frozenset()
    sticky: str | None = None
    chosen: Mark | None = None
    """The selected span or suggestion, or words: these have no label."""
    here: int = 0
    """From where on the next suggestion is looked for, with nothing selected."""


class Tagger:
    """The tagger as a person knows it, with one sentence before them."""

    def __init__(
        self,
        document: Document,
        suggestions: Sequence[Span],
        threshold: float,
        keys: Mapping[str, str],
        guesses: Sequence[Span] = (),
    ) -> None:
        self.goal = frozenset(map(mark, document.spans))
        self.tokens = document.tokens
        self.ghosts = sorted(map(mark, suggestions))
        self.sure = {mark(ghost) for ghost in suggestions if (ghost.score or 0) >= threshold}
        self.keys = keys
        self.likeliest = {span: self._likeliest(span, guesses) for span in self.goal}
        self.met, self.offered = cache(self._met), cache(self._offered)

    def _likeliest(self, span: Mark, guesses: Sequence[Span]) -> str:
        """Return the label that a drag gives where no suggestion lies, or nothing."""
        chances: defaultdict[str, float] = defaultdict(float)
        for guess in guesses:
            shared = min(guess.end, span.end) - max(guess.start, span.start)
            chances[guess.label] += max(0, shared) * (guess.score or 0.0)
        return max(filter(chances.get, chances), key=chances.__getitem__, default="")

    def _met(self, other: Mark) -> frozenset[Mark]:
        """Return the spans to be that share a character with what lies there."""
        return frozenset(span for span in self.goal if crosses(span, other))

    def _offered(self, other: Mark) -> frozenset[Mark]:
        """Return those of them that need no label of their own: it has theirs, or their place."""
        same = (s for s in self._met(other) if s.label == other.label or place(s) == place(other))
        return frozenset(same)

    def steps(self, state: State) -> Iterator[tuple[Action, State]]:
        """Yield every action that may help, and what it leads to."""
        yield from self._drags(state)
        yield from self._judgements(state)
        yield from self._clicks(state)
        if state.chosen is None:
            missing = {span.label for span in self.goal - state.spans}
            for label in sorted(missing - {state.sticky}):
                yield press(self.keys[label]), state._replace(sticky=label)
            if state.sticky is not None:
                yield press("Escape"), state._replace(sticky=None)
        elif not state.chosen.label:
            yield from self._naming(state, state.chosen)
        else:
            yield from self._mending(state, state.chosen)

    def shown(self, state: State) -> list[Mark]:
        """Return the suggestions that nobody has decided about."""
        return [g for g in self.ghosts if g not in state.rejected and g not in state.spans]

    def _drags(self, state: State) -> Iterator[tuple[Action, State]]:
        for span in sorted(self.goal - state.spans):
            if state.sticky is None:
                yield from self._touching(state, span)
            if span.label != state.sticky:
                continue
            there = [other for other in sorted(state.spans) if crosses(span, other)]
            action = Action("drag", place=(span.start, span.end))
            if not there:
                spans = state.spans | {span}
                yield action, state._replace(spans=spans, chosen=None, here=span.end)
            elif [place(other) for other in there] == [place(span)]:
                spans = (state.spans - {*there}) | {span}
                yield action, state._replace(spans=spans, chosen=span)

    def _touching(self, state: State, span: Mark) -> Iterator[tuple[Action, State]]:
        """Drag without a label: suggestions that lie there and agree give theirs."""
        if any(crosses(span, other) for other in state.spans):
            return
        ghosts = [ghost for ghost in self.shown(state) if crosses(span, ghost)]
        labels = {ghost.label for ghost in ghosts}
        meant = len(labels) == 1 and (len(ghosts) == 1 or fill(ghosts, span))
        given = self.likeliest[span] if not ghosts else labels.pop() if meant else ""
        named = Mark(span.start, span.end, given)
        after = state._replace(chosen=named, here=0)
        if named.label:
            rejected = state.rejected | ({*ghosts} - {named})
            after = after._replace(spans=state.spans | {named}, rejected=rejected)
        yield Action("drag", place=place(span)), after

    def _naming(self, state: State, words: Mark) -> Iterator[tuple[Action, State]]:
        """Give the selected words the label that they should get."""
        for span in sorted(self.goal):
            if place(span) == place(words):
                named = state._replace(spans=state.spans | {span}, chosen=span)
                yield press(self.keys[span.label]), named

    def _judgements(self, state: State) -> Iterator[tuple[Action, State]]:
        shown = self.shown(state)
        here = state.here if state.chosen is None else state.chosen.start
        after = (ghost for ghost in shown if ghost.end > here)
        subject = state.chosen if state.chosen in shown else next(after, None)
        if subject is not None:
            if subject in self.goal and self.free(state, subject):
                accepted = state._replace(spans=state.spans | {subject})
                yield press("y"), self._behind(accepted, subject)
            if self._hinders(state, subject):
                rejected = state._replace(rejected=state.rejected | {subject})
                yield press("x"), self._behind(rejected, subject)
        free = {ghost for ghost in shown if ghost in self.sure and self.free(state, ghost)}
        if free & self.goal:
            after_all = state._replace(spans=state.spans | free)
            if state.chosen in free:
                after_all = after_all._replace(chosen=None, here=state.chosen.end)
            yield press("Shift+Y"), after_all

    def _hinders(self, state: State, ghost: Mark) -> bool:
        """Tell whether a wrong suggestion is in the way: of Shift+Y, a drag, or the one behind."""
        if ghost in self.goal:
            return False
        missing = self.goal - state.spans
        behind = self._behind(state, ghost).chosen
        near = ghost, *filter(None, [behind])
        return ghost in self.sure or not all(self.met(each).isdisjoint(missing) for each in near)

    def _behind(self, state: State, ghost: Mark) -> State:
        """Select the suggestion behind the one that was just decided about."""
        behind = [other for other in self.shown(state) if other.start > ghost.start]
        if behind:
            return state._replace(chosen=behind[0], here=0)
        return state._replace(chosen=None, here=ghost.end)

    def _clicks(self, state: State) -> Iterator[tuple[Action, State]]:
        missing = self.goal - state.spans
        near = (ghost for ghost in self.shown(state) if not self.met(ghost).isdisjoint(missing))
        for span in [*near, *sorted(state.spans - self.goal)]:
            if span != state.chosen:
                action = Action("click", place=(span.start, span.end))
                yield action, state._replace(chosen=span, here=0)

    def _mending(self, state: State, chosen: Mark) -> Iterator[tuple[Action, State]]:
        """Do something to the selected span; a suggestion becomes a span by that."""
        put_down = state._replace(chosen=None, here=chosen.end)
        yield press("Escape"), put_down
        if chosen in state.spans & self.goal:
            return
        kept = state.spans - {chosen}
        if chosen in state.spans:
            yield press("Backspace"), put_down._replace(spans=kept)
        for key, changed in self._changes(chosen):
            if changed not in kept and not any(crosses(changed, other) for other in kept):
                mended = state._replace(spans=kept | {changed}, chosen=changed)
                if chosen not in state.spans:
                    mended = mended._replace(rejected=state.rejected | {chosen})
                yield press(key), mended

    def _changes(self, span: Mark) -> Iterator[tuple[str, Mark]]:
        wanted = self.met(span)
        for label in sorted({gold.label for gold in wanted} - {span.label}):
            yield self.keys[label], Mark(span.start, span.end, label)
        inside = [n for n, token in enumerate(self.tokens) if crosses(Mark(*token, ""), span)]
        for key, end, by in BORDERS if wanted and inside else ():
            number = inside[-end] + by
            if 0 <= number < len(self.tokens):
                borders = [span.start, span.end]
                borders[end] = self.tokens[number][end]
                if borders[0] < borders[1]:
                    yield key, Mark(borders[0], borders[1], span.label)

    def free(self, state: State, ghost: Mark) -> bool:
        return not any(crosses(other, ghost) for other in state.spans)


def mark(span: Span) -> Mark:
    return Mark(span.start, span.end, span.label)


def press(key: str) -> Action:
    """Return the pressing of a key."""
    return Action("key", key)


def place(span: Placed) -> Place:
    return span.start, span.end


def fill(ghosts: Sequence[Mark], span: Mark) -> bool:
    """Tell whether suggestions make up at least half of a span."""
    within = (min(g.end, span.end) - max(g.start, span.start) for g in ghosts)
    return 2 * sum(within) >= span.end - span.start


def crosses(one: Placed, other: Placed) -> bool:
    """Tell whether two spans share a character."""
    return one.start < other.end and other.start < one.end
