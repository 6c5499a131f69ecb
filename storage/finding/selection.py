"""Which documents a person wants to walk through, and in which order: a choice and its names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from storage.finding.search import Search
from storage.types import Cell, Only

SEED = 13


class Kind(StrEnum):
    """Which documents, in which order; the word is what the address says."""

    TODO = "todo"
    ALL = "all"
    RANDOM = "random"
    UNCERTAIN = "uncertain"
    LABEL = "label"
    DISAGREES = "disagrees"
    NOVEL = "novel"
    MIX = "mix"
    SEARCH = "search"
    CELL = "cell"


class Measure(StrEnum):
    """How the model's doubt about a document is measured; a column of document_scores."""

    ENTROPY = "entropy"
    CONFIDENCE = "confidence"
    MARGIN = "margin"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose; only the fields that belong to the kind count."""

    kind: Kind = Kind.TODO
    seed: int = SEED
    measure: Measure = Measure.ENTROPY
    label: str = ""
    search: Search = Search()
    cell: Cell | None = None

    @property
    def part(self) -> Cell:
        """Return the part of a table that a choice of the kind CELL names."""
        assert self.cell, "the kind CELL has a part of a table"
        return self.cell

    @property
    def name(self) -> str:
        """Return what the address says; ``parse`` reads it."""
        return "/".join([self.kind, *_write(self)])

    @property
    def title(self) -> str:
        """Return a few words for a heading."""
        match self.kind:
            case Kind.RANDOM:
                return f"At random (seed {self.seed})"
            case Kind.UNCERTAIN:
                return f"Most uncertain first ({MEASURES[self.measure]})"
            case Kind.LABEL:
                return f"{self.label}, least sure first"
            case Kind.MIX:
                return f"A mix (seed {self.seed})"
            case Kind.SEARCH:
                return self.search.words[:1].upper() + self.search.words[1:]
            case Kind.CELL:
                return self.part.title
        return TITLES[self.kind]


TITLES = {
    Kind.TODO: "To do",
    Kind.ALL: "All documents",
    Kind.RANDOM: "At random",
    Kind.UNCERTAIN: "Most uncertain first",
    Kind.LABEL: "For one label",
    Kind.DISAGREES: "Model disagrees",
    Kind.NOVEL: "Most different first",
    Kind.MIX: "A mix",
    Kind.SEARCH: "Search",
    Kind.CELL: "A confusion",
}
MEASURES = {
    Measure.ENTROPY: "mean token entropy",
    Measure.CONFIDENCE: "least confidence",
    Measure.MARGIN: "margin",
}


def parse(name: str) -> Choice | None:
    """Return the choice that an address names, None where it names none."""
    kind, _, rest = name.partition("/")
    try:
        return _read(Kind(kind), rest)
    except (ValueError, TypeError):
        # An address can hold anything.
        return None


def _write(choice: Choice) -> list[str]:
    match choice.kind:
        case Kind.RANDOM | Kind.MIX:
            return [str(choice.seed)]
        case Kind.UNCERTAIN:
            return [choice.measure]
        case Kind.LABEL:
            return [_quote(choice.label)]
        case Kind.SEARCH:
            return [choice.search.address]
        case Kind.CELL:
            parts = choice.part if choice.part.only else choice.part[:-1]
            return [_quote(str(part)) for part in parts]
    return []


def _read(kind: Kind, rest: str) -> Choice:
    made = Choice(kind)
    match kind:
        case Kind.RANDOM | Kind.MIX:
            return replace(made, seed=_number(rest))
        case Kind.UNCERTAIN:
            return replace(made, measure=Measure(rest))
        case Kind.LABEL:
            return replace(made, label=_some(_unquote(rest)))
        case Kind.SEARCH:
            return replace(made, search=Search.parse(rest))
        case Kind.CELL:
            # The address of a cell had four parts before errors could be opened.
            run, split, gold, predicted, *only = map(_unquote, rest.split("/"))
            cell = Cell(_number(run), split, gold, predicted, Only("/".join(only)))
            return replace(made, cell=cell)
    return made


def _number(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError(text)
    return number


def _some(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


def _quote(label: str) -> str:
    """Labels may hold any character, also the one that divides the parts of a name."""
    return label.replace("%", "%25").replace("/", "%2F")


def _unquote(label: str) -> str:
    return label.replace("%2F", "/").replace("%25", "%")
