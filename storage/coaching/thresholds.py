"""From when on a suggestion is worth making: found from what became of those that were made.

A mark that was not suggested takes a person up to two actions, one that was takes one or less. A
wrong one is passed by without any: Enter finishes the document, and what nobody has accepted is no
label. It costs a glance, so one that is right in one of six places still pays.
"""

from __future__ import annotations

from collections.abc import Sequence

from storage.coaching.outcomes import Outcome

WORTH = 0.15
BEGINNING = 10
"""So many learned documents say little of how sure a learner may be that began with nothing."""
FIRST = 0.25
"""What it needs until then."""
LOOKED_AT = 200
"""Documents whose outcomes count: those finished last."""
STEPS = tuple(step / 20 for step in range(1, 19))
WIDTH = 0.1
# A suggestion's own word counts like so many outcomes.
OWN_WORD = 6.0


def chosen(outcomes: Sequence[Outcome]) -> float:
    """Return the least score with which suggestions are worth it, and all surer ones, too."""
    scores = [pair for outcome in outcomes for pair in outcome.scores]
    least = STEPS[-1]
    for step in reversed(STEPS):
        near = [kept for score, kept in scores if step <= score < step + WIDTH]
        right = (sum(near) + OWN_WORD * (step + WIDTH / 2)) / (len(near) + OWN_WORD)
        if right < WORTH:
            break
        least = step
    return least
