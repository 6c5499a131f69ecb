"""Which of the documents that wait for a decision comes first, and why."""

from __future__ import annotations

from storage.collaboration.cases import Case, Standing
from storage.collaboration.ordering import rank

PER, ORG, LOC = (frozenset({name}) for name in ("PER", "ORG", "LOC"))


def case(document: int, *clashes: frozenset[str], standing: Standing = Standing.OPEN) -> Case:
    return Case(document, ("ann", "ben"), standing, clashes)


def test_what_the_model_confuses_most_comes_first_then_the_most_places() -> None:
    cases = [case(1, PER), case(2, PER, PER), case(3, LOC), case(4, PER | ORG | LOC), case(5, PER)]

    found = rank(cases, {ORG | LOC: 31, PER | ORG: 4, LOC: 1})

    assert [(document, reason.words) for document, reason in found] == [
        (4, "LOC or ORG: the model confuses these 31 times"),
        (3, "LOC or not: the model confuses these once"),
        (2, "2 places differ"),
        (1, "1 place differs"),
        (5, "1 place differs"),
    ]


def test_what_changed_since_its_decision_says_so() -> None:
    ((_, reason),) = rank([case(1, PER, standing=Standing.CHANGED)], {})

    assert reason.words == "changed since it was decided; 1 place differs"
