"""The cheapest way through a sentence: what a skilled user of the tagger would do.

A person sees the sentence, the labels that it should get and the model's suggestions, and
takes the way with the fewest actions. An action is a key press, a chord, a click or a drag
(press, move, release); a double-click would be two, and so is never cheaper than a drag.
``plan`` finds that way by a search (A*) over a small model of the tagger:

* a text opens with its first suggestion selected, unless a label is taken up;
* a digit takes up a label for the next drags, or labels what is selected; Escape puts it down;
* a drag labels with the label that is taken up, or relabels the span that lies there;
* without one a drag gives the label of the suggestion that it touches, or of several that
  agree and fill half of it, and takes their place; elsewhere it selects the words for the
  digit that follows;
* y accepts, x rejects the selected suggestion, else the next one, and selects the one behind;
* Shift+Y accepts every suggestion that reaches the threshold and stands free;
* a click selects any span or suggestion, Escape nothing, Backspace deletes;
* [ ] { } move a border of what is selected by a word.

Suggestions that nobody decided about may stay: they are no labels. Walking (Tab, n) is left
out, because a click gets to the same place with one action from anywhere.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise
from typing import Any

from storage.types import Document, Span

Place = tuple[int, int]
# States after which a search gives up: a sentence with very many suggestions has no end of ways.
MOST = 100_000
BORDERS = (("[", 0, -1), ("]", 0, 1), ("{", 1, -1), ("}", 1, 1))


@dataclass(frozen=True, slots=True)
class Action:
    """A key that is pressed, or a place in the text that is clicked on or dragged over."""

    kind: str
    """key, click or drag."""
    key: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, and the label that is taken up afterwards."""

    actions: tuple[Action, ...]
    sticky: str | None


@dataclass(frozen=True, slots=True)
class State:
    """The tagger's document as it stands."""

    spans: frozenset[Span]
    rejected: frozenset[Span] = frozenset()
    sticky: str | None = None
    chosen: Span | None = None
    """The selected span or suggestion, or words: these have no label."""
    here: int = 0
    """From where on the next suggestion is looked for, with nothing selected."""


def plan(
    document: Document,
    suggestions: Sequence[Span],
    threshold: float,
    keys: Mapping[str, str],
    sticky: str | None = None,
    *,
    text_first: bool = False,
) -> Plan:
    """Return the fewest actions that give an unlabelled document the spans that it has.

    ``keys`` are the labels' digits. ``text_first`` is the habit of leaving no label taken up
    where that costs nothing, so that the next text opens with its suggestion selected. Raises
    ValueError where spans overlap, OverflowError where there are too many ways to look at.
    """
    spans = sorted(document.spans)
    if any(crosses(one, other) for one, other in pairwise(spans)):
        raise ValueError("The plan is for labels that do not overlap.")
    search = Search(document, suggestions, threshold, keys, text_first)
    first = search.ghosts[0] if search.ghosts and sticky is None else None
    return search.run(State(frozenset(), sticky=sticky, chosen=first))


class Search:
    """The tagger as a person knows it, with one sentence before them."""

    def __init__(
        self,
        document: Document,
        suggestions: Sequence[Span],
        threshold: float,
        keys: Mapping[str, str],
        text_first: bool,
    ) -> None:
        self.goal = frozenset(document.spans)
        self.tokens = document.tokens
        self.ghosts = sorted(suggestions)
        self.sure = {ghost for ghost in suggestions if (ghost.score or 0) >= threshold}
        self.keys = keys
        self.text_first = text_first

    def run(self, start: State) -> Plan:
        """Search the states in the order of their cost so far and the least that must follow.

        Of equal ones those with fewer reaches for the mouse come first, then those that follow
        the habit.
        """
        number = count()
        waiting: list[tuple[Any, ...]]
        waiting = [(self.least(start), 0, False, next(number), start, ())]
        known: set[State] = set()
        while waiting:
            _, reaches, _, _, state, actions = heapq.heappop(waiting)
            if state.spans == self.goal:
                return Plan(actions, state.sticky)
            if state in known:
                continue
            known.add(state)
            if len(known) > MOST:
                raise OverflowError("There are too many ways.")
            for action, after in self.steps(state):
                if after not in known:
                    cost = len(actions) + 1 + self.least(after)
                    further = reaches + (action.kind != "key")
                    up = self.text_first and after.sticky is not None
                    rank = (cost, further, up, next(number))
                    heapq.heappush(waiting, (*rank, after, (*actions, action)))
        raise AssertionError("Dragging alone leads there.")

    def least(self, state: State) -> int:
        """Return how many actions must follow at least."""
        missing, wrong = self.goal - state.spans, state.spans - self.goal
        if not missing and not wrong:
            return 0
        at_once = missing & self.sure
        each = len(missing - at_once) + bool(at_once)
        others = [*self.ghosts, *wrong]
        # Of words that are selected already the digit is all that is missing.
        words = state.chosen and not state.chosen.label and place(state.chosen)
        far = [s for s in missing if place(s) != words and not any(crosses(s, o) for o in others)]
        bare = {span.label for span in far}
        return max(len(wrong), each) + len(bare - {state.sticky})

    def steps(self, state: State) -> Iterator[tuple[Action, State]]:
        """Yield every action that may help, and what it leads to."""
        yield from self._drags(state)
        yield from self._judgements(state)
        yield from self._clicks(state)
        if state.chosen is None:
            missing = {span.label for span in self.goal - state.spans}
            for label in sorted(missing - {state.sticky}):
                yield press(self.keys[label]), replace(state, sticky=label)
            if state.sticky is not None:
                yield press("Escape"), replace(state, sticky=None)
        elif not state.chosen.label:
            yield from self._naming(state, state.chosen)
        else:
            yield from self._mending(state, state.chosen)

    def shown(self, state: State) -> list[Span]:
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
                yield action, replace(state, spans=spans, chosen=None, here=span.end)
            elif [place(other) for other in there] == [place(span)]:
                spans = (state.spans - {*there}) | {span}
                yield action, replace(state, spans=spans, chosen=span)

    def _touching(self, state: State, span: Span) -> Iterator[tuple[Action, State]]:
        """Drag without a label: suggestions that lie there and agree give theirs."""
        if any(crosses(span, other) for other in state.spans):
            return
        ghosts = [ghost for ghost in self.shown(state) if crosses(span, ghost)]
        labels = {ghost.label for ghost in ghosts}
        meant = len(labels) == 1 and (len(ghosts) == 1 or fill(ghosts, span))
        named = Span(span.start, span.end, labels.pop() if meant else "")
        after = replace(state, chosen=named, here=0)
        if named.label:
            rejected = state.rejected | ({*ghosts} - {named})
            after = replace(after, spans=state.spans | {named}, rejected=rejected)
        yield Action("drag", place=place(span)), after

    def _naming(self, state: State, words: Span) -> Iterator[tuple[Action, State]]:
        """Give the selected words the label that they should get."""
        for span in sorted(self.goal):
            if place(span) == place(words):
                named = replace(state, spans=state.spans | {span}, chosen=span)
                yield press(self.keys[span.label]), named

    def _judgements(self, state: State) -> Iterator[tuple[Action, State]]:
        shown = self.shown(state)
        here = state.here if state.chosen is None else state.chosen.start
        after = (ghost for ghost in shown if ghost.end > here)
        subject = state.chosen if state.chosen in shown else next(after, None)
        if subject is not None:
            if self._near(subject) and self._free(state, subject):
                accepted = replace(state, spans=state.spans | {subject})
                yield press("y"), self._behind(accepted, subject)
            rejected = replace(state, rejected=state.rejected | {subject})
            yield press("x"), self._behind(rejected, subject)
        free = {ghost for ghost in shown if ghost in self.sure and self._free(state, ghost)}
        if free:
            after_all = replace(state, spans=state.spans | free)
            if state.chosen in free:
                after_all = replace(after_all, chosen=None, here=state.chosen.end)
            yield press("Shift+Y"), after_all

    def _behind(self, state: State, ghost: Span) -> State:
        """Select the suggestion behind the one that was just decided about."""
        behind = [other for other in self.shown(state) if other.start > ghost.start]
        if behind:
            return replace(state, chosen=behind[0], here=0)
        return replace(state, chosen=None, here=ghost.end)

    def _clicks(self, state: State) -> Iterator[tuple[Action, State]]:
        for span in [*self.shown(state), *sorted(state.spans - self.goal)]:
            if span != state.chosen and (span in state.spans or self._near(span)):
                action = Action("click", place=(span.start, span.end))
                yield action, replace(state, chosen=span, here=0)

    def _mending(self, state: State, chosen: Span) -> Iterator[tuple[Action, State]]:
        """Do something to the selected span; a suggestion becomes a span by that."""
        put_down = replace(state, chosen=None, here=chosen.end)
        yield press("Escape"), put_down
        kept = state.spans - {chosen}
        if chosen in state.spans:
            yield press("Backspace"), replace(put_down, spans=kept)
        for key, changed in self._changes(chosen):
            if changed not in kept and not any(crosses(changed, other) for other in kept):
                mended = replace(state, spans=kept | {changed}, chosen=changed)
                if chosen not in state.spans:
                    mended = replace(mended, rejected=state.rejected | {chosen})
                yield press(key), mended

    def _changes(self, span: Span) -> Iterator[tuple[str, Span]]:
        wanted = [gold for gold in sorted(self.goal) if crosses(gold, span)]
        for label in sorted({gold.label for gold in wanted} - {span.label}):
            yield self.keys[label], Span(span.start, span.end, label)
        inside = [n for n, token in enumerate(self.tokens) if crosses(Span(*token, ""), span)]
        for key, end, by in BORDERS if wanted and inside else ():
            number = inside[-end] + by
            if 0 <= number < len(self.tokens):
                borders = [span.start, span.end]
                borders[end] = self.tokens[number][end]
                if borders[0] < borders[1]:
                    yield key, Span(borders[0], borders[1], span.label)

    def _near(self, ghost: Span) -> bool:
        """Tell whether something is to be labelled where a suggestion is."""
        return any(crosses(gold, ghost) for gold in self.goal)

    def _free(self, state: State, ghost: Span) -> bool:
        return not any(crosses(other, ghost) for other in state.spans)


def press(key: str) -> Action:
    """Return the pressing of a key."""
    return Action("key", key)


def place(span: Span) -> Place:
    return span.start, span.end


def fill(ghosts: Sequence[Span], span: Span) -> bool:
    """Tell whether suggestions make up at least half of a span."""
    within = (min(g.end, span.end) - max(g.start, span.start) for g in ghosts)
    return 2 * sum(within) >= span.end - span.start


def crosses(one: Span, other: Span) -> bool:
    """Tell whether two spans share a character."""
    return one.start < other.end and other.start < one.end
