"""Which documents a person wants to walk through, and in which order: a selection and its names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NoReturn

from storage.cells import Cell, Only
from storage.facts import Filter
from storage.finding.search import Search
from storage.outcomes import Compared, Outcome

SEED = 13


class Order(StrEnum):
    """Which documents, in which order; the word is what the address says."""

    MINE = "mine"
    TODO = "todo"
    ALL = "all"
    RANDOM = "random"
    UNCERTAIN = "uncertain"
    LABEL = "label"
    REVIEW = "review"
    DISAGREES = "disagrees"
    NOVEL = "novel"
    MIX = "mix"
    PRODUCTION = "production"
    SEARCH = "search"
    CELL = "cell"
    FOCUS = "focus"
    COMPARED = "compared"
    GIVEN = "given"


class Measure(StrEnum):
    """How the model's doubt about a document is measured; a column of document_scores."""

    ENTROPY = "entropy"
    CONFIDENCE = "confidence"
    MARGIN = "margin"


@dataclass(frozen=True, slots=True)
class Selection:
    """What a person chose; only the fields that belong to the kind count."""

    kind: Order = Order.TODO
    seed: int = SEED
    measure: Measure = Measure.ENTROPY
    label: str = ""
    search: Search = Search()
    cell: Cell | None = None
    compared: Compared | None = None
    given: int = 0
    """The number of a queue that somebody made, with its reason."""

    @property
    def outcome(self) -> Compared:
        """Return the marks that a selection of the kind COMPARED names."""
        assert self.compared, "the kind COMPARED has two runs"
        return self.compared

    @property
    def part(self) -> Cell:
        """Return the part of a table that a selection of the kind CELL or FOCUS names."""
        assert self.cell, "these kinds have a part of a table"
        return self.cell

    @property
    def runs(self) -> frozenset[int]:
        """Return the runs whose reports it is about."""
        match self.kind:
            case Order.CELL | Order.FOCUS:
                return frozenset({self.part.run})
            case Order.COMPARED:
                return frozenset({self.outcome.a, self.outcome.b})
        return frozenset()

    @property
    def name(self) -> str:
        """Return what the address says; ``parse`` reads it."""
        return "/".join([self.kind, *_write(self)])

    @property
    def title(self) -> str:
        """Return a few words for a heading."""
        match self.kind:
            case Order.RANDOM:
                return f"At random (seed {self.seed})"
            case Order.UNCERTAIN:
                return f"Most uncertain first ({MEASURES[self.measure]})"
            case Order.LABEL:
                return f"{self.label}, least sure first"
            case Order.MIX:
                return f"A mix (seed {self.seed})"
            case Order.SEARCH:
                return self.search.words[:1].upper() + self.search.words[1:]
            case Order.CELL:
                return self.part.title
            case Order.FOCUS:
                return f"Focus: {self.part.title}"
            case Order.COMPARED:
                return self.outcome.title
        return TITLES[self.kind]


TITLES = {
    Order.MINE: "Mine",
    Order.TODO: "To do",
    Order.ALL: "All documents",
    Order.RANDOM: "At random",
    Order.UNCERTAIN: "Most uncertain first",
    Order.LABEL: "For one label",
    Order.REVIEW: "Worth most first",
    Order.DISAGREES: "Model disagrees",
    Order.NOVEL: "Most different first",
    Order.MIX: "A mix",
    Order.PRODUCTION: "From production",
    Order.SEARCH: "Search",
    Order.CELL: "A confusion",
    Order.FOCUS: "A focus",
    Order.COMPARED: "Between two runs",
    Order.GIVEN: "A queue",
}
MEASURES = {
    Measure.ENTROPY: "mean token entropy",
    Measure.CONFIDENCE: "least confidence",
    Measure.MARGIN: "margin",
}


def parse(name: str) -> Selection | None:
    """Return the selection that an address names, None where it names none."""
    kind, _, rest = name.partition("/")
    try:
        return _read(Order(kind), rest)
    except (ValueError, TypeError):
        # An address can hold anything.
        return None


def _write(selection: Selection) -> list[str]:
    match selection.kind:
        case Order.RANDOM | Order.MIX:
            return [str(selection.seed)]
        case Order.UNCERTAIN:
            return [selection.measure]
        case Order.LABEL:
            return [_quote(selection.label)]
        case Order.SEARCH:
            return [selection.search.address]
        case Order.CELL | Order.FOCUS:
            part = selection.part
            words = [part.split, *part.place, part.filter.address]
            while len(words) > 3 and not words[-1]:
                del words[-1]
            return [str(part.run), *map(_quote, words)]
        case Order.COMPARED:
            return [_quote(str(part)) for part in selection.outcome]
        case Order.GIVEN:
            return [str(selection.given)]
    return []


def _read(kind: Order, rest: str) -> Selection:
    made = Selection(kind)
    match kind:
        case Order.RANDOM | Order.MIX:
            return replace(made, seed=_number(rest))
        case Order.UNCERTAIN:
            return replace(made, measure=Measure(rest))
        case Order.GIVEN:
            return replace(made, given=_number(rest))
        case Order.LABEL:
            return replace(made, label=_some(_unquote(rest)))
        case Order.SEARCH:
            return replace(made, search=Search.parse(rest))
        case Order.CELL | Order.FOCUS:
            # The address of a cell had four parts before errors could be opened, and five before
            # it could be filtered.
            run, split, gold, predicted, *more = map(_unquote, rest.split("/"))
            only, asked = [*more, "", ""][:2] if len(more) <= 2 else _refuse(rest)
            cell = Cell(_number(run), split, gold, predicted, Only(only), Filter.parse(asked))
            return replace(made, cell=cell)
        case Order.COMPARED:
            a, b, split, outcome, label = map(_unquote, rest.split("/"))
            two = Compared(_number(a), _number(b), split, Outcome(outcome), label)
            return replace(made, compared=two)
    return made


def _number(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError(text)
    return number


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


def _some(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


def _quote(label: str) -> str:
    """Labels may hold any character, also the one that divides the parts of a name."""
    return label.replace("%", "%25").replace("/", "%2F")


def _unquote(label: str) -> str:
    return label.replace("%2F", "/").replace("%25", "%")
