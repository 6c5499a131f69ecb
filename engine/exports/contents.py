"""What every format tells, in its order: figures with their support, rows, sentences, facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.evaluation import findings
from engine.evaluation.certainty.intervals import FEW
from engine.evaluation.confusion import Confusion
from engine.evaluation.figures import LABELS, epoch_kept, spoken, unit_of
from engine.exports.subject import Subject
from storage.cells import Only
from storage.facts import SPOKEN
from storage.words import SPANS, Words

RATES = ("precision", "recall", "f1")
COLUMNS = ("Precision", "Recall", "F1", "Support")
SURE = ("Label", "F1", "95 % interval", "Support")
MICRO = "micro"
KINDS = ("Kind of error", "Errors", "Labelled", "Found")
NOTHING_WRONG = "Nothing went wrong: everything was found as labelled."
NAMED = 8
RANKING = {
    **{"mrr": "MRR", "map": "MAP", "ndcg@10": "nDCG@10"},
    **{"recall@1": "Recall@1", "recall@10": "Recall@10"},
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure under its own name, with what it was counted over."""

    name: str
    title: str
    value: float
    support: int
    unit: str
    """What was counted, in the plural: "spans"."""
    about: str = ""

    @property
    def text(self) -> str:
        return rate(self.value)

    @property
    def over(self) -> str:
        """Say what it was counted over: "over 120 spans"."""
        return f"over {self.support:,} {self.unit}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: a label, a tag, or an average of all."""

    name: str
    figures: Mapping[str, Any]
    is_average: bool = False

    @property
    def numbers(self) -> tuple[float, ...]:
        """Return precision, recall, F1 and support."""
        return (*(self.figures[name] for name in RATES), self.figures["support"])

    @property
    def texts(self) -> tuple[str, ...]:
        """Return precision, recall, F1 and support as they are read."""
        return (*(rate(self.figures[name]) for name in RATES), f"{self.figures['support']:,}")


def rate(value: float) -> str:
    """Return a share with three digits."""
    return f"{value:.3f}"


def headline(scores: Mapping[str, Any]) -> list[Figure]:
    """Return the figures that one looks for first. Support is said of each, and is none of them."""
    head = scores["headline"]
    unit = f"{unit_of(scores)}s"
    return [
        Figure(
            *(each["name"], each["title"], each["value"]),
            *_counted(each, scores, (head["support"], unit)),
            each.get("about", ""),
        )
        for each in (head, *head["beside"])
        if "unit" not in each
    ]


def _counted(
    figure: Mapping[str, Any], scores: Mapping[str, Any], usual: tuple[int, str]
) -> tuple[int, str]:
    """Return what a figure was counted over: precision over what the model gave.

    One that says it itself, or that a table has for its own, counts in units of its own.
    """
    if "over" in figure:
        number, unit = figure["over"]
        return number, unit
    name = figure["name"]
    for table in scores["tables"]:
        if name in table and name not in ("name", "title"):
            unit = table.get("support", {}).get("title", table["title"]).lower()
            return table["averages"]["micro"]["support"], unit
        given = table["averages"].get("micro", {}).get("predicted")
        if (name, table["name"]) == ("precision", LABELS) and given is not None:
            return given, f"predicted {usual[1]}"
    return usual


def rows(table: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a table's rows, then its averages."""
    for row in table["rows"]:
        yield Row(row["name"], row)
    for name, figures in table["averages"].items():
        yield Row(f"{name} avg", figures, is_average=True)


def mistakes(scores: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return how often what went wrong, in words, the most frequent first."""
    return [
        (_mistake(each.gold, each.predicted, each.only), each.count)
        for each in Confusion.of(scores).mistakes()
    ]


def _mistake(gold: str, predicted: str, only: Only) -> str:
    return f"{gold}, wrong borders" if only is Only.BORDERS else f"{gold} → {predicted}"


def kinds(scores: Mapping[str, Any]) -> list[list[str]]:
    """Return a row for each kind of error there is: its name, errors, labelled and found spans.

    A report of version 0.5 and before, or of a task that tells none, has no row.
    """
    found = scores.get("errors") or {"kinds": {}}
    return [
        [
            SPOKEN.get(name, name),
            *(f"{row[column]:,}" for column in ("errors", "gold", "predicted")),
        ]
        for name, row in found["kinds"].items()
        if row["errors"]
    ]


def besides(scores: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a split's scores tell besides, as pairs of a name and a few words.

    How candidates are ordered, how well a probability tells an answer from others, what is out of
    scope, and where labels begin to be given; nothing of a report that holds none of these.
    """
    ranking, outside = scores.get("ranking") or {}, scores.get("out_of_scope") or {}
    said = {each["name"] for each in scores.get("headline", {}).get("beside", ())}
    queries = f" over {ranking.get('queries', 0):,} left texts"
    found = [
        (title, f"{rate(ranking[name])}{queries}")
        for name, title in RANKING.items()
        if ranking.get(name) is not None and name not in said
    ]
    for label, curve in (scores.get("curves") or {}).items():
        areas = f"{rate(curve['auroc'])}, average precision {rate(curve['average_precision'])}"
        found.append((f"AUROC of {label}", areas))
    found += [
        (f"Out of scope, {name.replace('_', ' ')}", rate(outside[name]))
        for name in ("recall", "in_scope_accuracy", "auroc", "threshold")
        if outside.get(name) is not None
    ]
    thresholds = (scores.get("thresholds") or {}).items()
    return [*found, *((f"Threshold of {label}", rate(least)) for label, least in thresholds)]


def rest(left: Sequence[tuple[str, int]]) -> str:
    """Say how many mistakes are not listed; empty where all are."""
    return f"And {len(left):,} rarer kinds, {sum(n for _, n in left):,} in all." if left else ""


def finding(scores: Mapping[str, Any], words: Words = SPANS) -> str:
    """Say in a sentence what is weakest."""
    worst = findings.weakest(scores, words)
    return worst.sentence if worst else NOTHING_WRONG


def checked(scores: Mapping[str, Any]) -> tuple[str, ...]:
    """Say whether the reference agrees; nothing for a report that was not shown to it."""
    return findings.of_check(scores["seqeval"]) if scores.get("seqeval") else ()


def sure(scores: Mapping[str, Any]) -> list[list[str]]:
    """Return a row for each label, and all: its F1, the 95 % interval of it, its support.

    Nothing of a report that was not told how sure its figures are.
    """
    known = scores.get("intervals")
    if not known:
        return []
    (table,) = (table for table in scores["tables"] if table["name"] == LABELS)
    ends = {**known["labels"], f"{MICRO} avg": known[MICRO]}
    found = [row for row in rows(table) if row.name in ends]
    return [[row.name, row.texts[2], _between(*ends[row.name]), row.texts[3]] for row in found]


def _between(low: float, high: float) -> str:
    return f"[{rate(low)}, {rate(high)}]"


def facts(subject: Subject) -> list[tuple[str, str]]:
    """Return how the run was made, as pairs of a name and a few words."""
    report = subject.report
    known = {
        "Base model": subject.base,
        "Recipe": report.get("recipe"),
        "Learned from": _size(report),
        "Epoch": epoch_kept(report),
        "Seed": _seed(report),
        "Device": report.get("device"),
        "Finished": subject.finished,
    }
    return [(name, str(value)) for name, value in known.items() if value not in (None, "")]


def _size(report: Mapping[str, Any]) -> str:
    nouns = {"documents": report.get("train_documents"), "words": report.get("train_words")}
    return ", ".join(f"{number:,} {noun}" for noun, number in nouns.items() if number)


def _seed(report: Mapping[str, Any]) -> str:
    """Say which seed was kept, and how far several agree."""
    seeds, means = report.get("seeds") or (), report.get("mean") or {}
    kept = next((each["seed"] for each in seeds if each["kept"]), report.get("seed"))
    spread = [
        f"{split} {spoken(report.get(split))} {means[split]['mean']:.3f} ± "
        f"{means[split]['deviation']:.3f}"
        for split in ("test", "dev")
        if means.get(split)
    ]
    agree = f", the best on dev of {len(seeds)}: {', '.join(spread)}" if spread else ""
    return "" if kept is None else f"{kept}{agree}"


def settings(subject: Subject) -> list[tuple[str, str]]:
    """Return the settings that were used, in their order; what is empty was not asked for."""
    found = subject.mapping("settings").items()
    return [(name, str(value)) for name, value in found if value not in (None, "")]


def versions(subject: Subject) -> list[tuple[str, str]]:
    """Return what the run was made with, as far as it is told in one word."""
    found = subject.mapping("versions").items()
    return [(name, str(value)) for name, value in found if not isinstance(value, Mapping)]


def limits(subject: Subject) -> list[str]:
    """Say what the figures do not hold for."""
    said = list(subject.notes)
    for split, scores in subject.scores.items():
        said += _rare(split, scores)
        if shared := subject.mapping("shared_with_train").get(split):
            total = scores.get("documents")
            of = f" of {total:,}" if isinstance(total, int) else ""
            said.append(f"{shared:,}{of} {split} documents are also in train, and easy.")
    if "dev" in subject.scores:
        said.append("The epoch was chosen by dev: the figures on dev are a little too good.")
    return [*said, "The figures hold for texts like these, and for no others."]


def _rare(split: str, scores: Mapping[str, Any]) -> list[str]:
    (table,) = (table for table in scores["tables"] if table["name"] == LABELS)
    rare = [f"{row['name']} ({row['support']:,})" for row in table["rows"] if row["support"] < FEW]
    if not rare:
        return []
    more = f" and {len(rare) - NAMED:,} more" if len(rare) > NAMED else ""
    named = f"{', '.join(rare[:NAMED])}{more}"
    return [f"Fewer than {FEW} on {split}, so that their figures say little: {named}."]


def data(subject: Subject) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of a table of the frozen data: documents, then each label."""
    parts = subject.data
    labels = sorted({label for part in parts.values() for label in part.marks})
    documents = ["documents", *(f"{part.documents:,}" for part in parts.values())]
    counts = [[name, *(f"{p.marks.get(name, 0):,}" for p in parts.values())] for name in labels]
    return ["", *parts], [documents, *counts] if parts else []


def title(subject: Subject) -> str:
    """Return what a report is called."""
    return f"{subject.project}, {subject.title}"
