"""The cheapest way through a sentence: what a skilled user of the tagger would do.

A person sees the sentence, the labels that it should get and the model's suggestions, and
takes the way with the fewest actions. An action is a key press, a chord, a click or a drag
(press, move, release); a double-click would be two, and so is never cheaper than a drag.
``plan`` finds that way by a search (A*) over a small model of the tagger (``moves``).

Suggestions that nobody decided about may stay: they are no labels. Walking (Tab, n) is left
out, because a click gets to the same place with one action from anywhere.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

from storage.types import Document, Span
from tests.benchmarks.parts.moves import Action, Mark, State, Tagger, crosses, place

# States to look at: as many to compare equal ways, and until one way is found at all.
FEW, MOST = 2_000, 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, and the label that is taken up afterwards."""

    actions: tuple[Action, ...]
    sticky: str | None


def plan(
    document: Document,
    suggestions: Sequence[Span],
    threshold: float,
    keys: Mapping[str, str],
    sticky: str | None = None,
    *,
    text_first: bool = False,
    guesses: Sequence[Span] = (),
) -> Plan:
    """Return the fewest actions that give an unlabelled document the spans that it has.

    ``keys`` are the labels' digits, ``guesses`` the labels that a model holds for likeliest where
    it suggests nothing. ``text_first`` is the habit of leaving no label taken up
    where that costs nothing, so that the next text opens with its suggestion selected. Raises
    ValueError where spans overlap, OverflowError where there are too many ways to look at.
    """
    spans = sorted(document.spans)
    if any(crosses(one, other) for one, other in pairwise(spans)):
        raise ValueError("The plan is for labels that do not overlap.")
    tagger = Tagger(document, suggestions, threshold, keys, guesses)
    first = tagger.ghosts[0] if tagger.ghosts and sticky is None else None
    return Search(tagger, text_first).run(State(frozenset(), sticky=sticky, chosen=first))


class Search:
    """Looks for the cheapest way through one sentence."""

    def __init__(self, tagger: Tagger, text_first: bool) -> None:
        self._tagger, self._text_first = tagger, text_first

    def run(self, start: State) -> Plan:
        """Return the cheapest way: of equal ones that with the fewest reaches for the mouse.

        Where there are too many equal ones to compare, one of those with the fewest actions.
        """
        return self._search(start, FEW, False) or self._search(start, MOST, True) or _give_up()

    def _search(self, start: State, most: int, hasty: bool) -> Plan | None:
        """Search the states in the order of their cost so far and the least that must follow.

        Of equal ones those with fewer reaches for the mouse come first, then those that follow
        the habit; in haste those that are nearest to the end. None where ``most`` do not do.
        """
        number = count()
        waiting: list[tuple[Any, ...]]
        waiting = [(self.least(start), 0, 0, 0, next(number), start, ())]
        known: set[State] = set()
        while waiting:
            _, _, _, _, _, state, actions = heapq.heappop(waiting)
            if state.spans == self._tagger.goal:
                return Plan(actions, state.sticky)
            if state in known:
                continue
            known.add(state)
            if len(known) > most:
                return None
            for action, after in self._tagger.steps(state):
                if after not in known:
                    way = (*actions, action)
                    cost = len(way) + self.least(after)
                    reaches = sum(each.kind != "key" for each in way) + self.reaches(after)
                    up = self._text_first and after.sticky is not None
                    # The longest of equal ones is nearest to its end.
                    near = -len(way)
                    order = (near, reaches, up) if hasty else (reaches, up, near)
                    rank = (cost, *order, next(number))
                    heapq.heappush(waiting, (*rank, after, way))
        raise AssertionError("Dragging alone leads there.")

    def least(self, state: State) -> int:
        """Return how many actions must follow at least."""
        missing, wrong = self._tagger.goal - state.spans, state.spans - self._tagger.goal
        if not missing and not wrong:
            return 0
        shown = self._tagger.shown(state)
        # What lies apart helps nothing that is missing: it must go.
        apart = {span for span in wrong if self._tagger.met(span).isdisjoint(missing)}
        at_once = missing & self._tagger.sure
        each = len(missing - at_once) + min(len(at_once), 1 + self._spoilt(state, shown, missing))
        bare = self._bare(state, shown, missing, wrong)
        return max(len(wrong - apart), each) + len(apart) + len(bare - {state.sticky})

    def _spoilt(self, state: State, shown: Sequence[Mark], missing: frozenset[Mark]) -> int:
        """Count what Shift+Y would accept that helps nothing: each takes one action more."""
        wrong = [ghost for ghost in shown if ghost in self._tagger.sure - self._tagger.goal]
        apart = [ghost for ghost in wrong if self._tagger.met(ghost).isdisjoint(missing)]
        return sum(self._tagger.free(state, ghost) for ghost in apart)

    def _bare(
        self, state: State, shown: Sequence[Mark], missing: frozenset[Mark], wrong: frozenset[Mark]
    ) -> set[str]:
        """Return the labels that must be taken up, or given by a digit of their own.

        These are the labels of spans where nothing lies that has the label or the place.
        """
        # Of words that are selected already the digit is all that is missing.
        words = state.chosen and not state.chosen.label and place(state.chosen)
        far = missing.difference(*map(self._tagger.offered, [*shown, *wrong]))
        return {
            span.label
            for span in far
            if place(span) != words and self._tagger.likeliest[span] != span.label
        }

    def reaches(self, state: State) -> int:
        """Return for how many of the following actions the mouse is needed at least."""
        others = [*self._tagger.shown(state), *state.spans, *filter(None, [state.chosen])]
        return len((self._tagger.goal - state.spans).difference(*map(self._tagger.met, others)))


def _give_up() -> Plan:
    raise OverflowError("There are too many ways.")
