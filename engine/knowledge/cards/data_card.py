"""A data card: README.md of a data set as the Hugging Face hub reads it, and the same as a page.

The front matter is that of the hub's ``datasetcard.md``; the sections follow Gebru et al. 2021,
"Datasheets for Datasets", as far as a machine knows them or people have answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.evaluation.certainty.intervals import FEW
from engine.exports import card, page
from engine.exports.markdown import bullets, join, literal, table
from engine.exports.markup import name, text
from engine.knowledge.cards.reading import Data
from engine.system import shell
from storage.types import Label, Split, Status

# The hub's size categories: up to how many, and its name.
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
LARGEST = "10M<n<100M"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the card: sentences, or a table whose first column is text."""

    title: str
    sentences: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def sections(data: Data) -> Iterator[Section]:
    """Yield the parts of a card, in their order."""
    yield from (Section(title, [answer]) for title, answer in data.asked if answer)
    yield _sizes(data)
    yield Section("Labels", head=("Label", data.words.marks.capitalize()), rows=_counts(data))
    yield Section("What the labels mean", [_meaning(label) for label in data.labels])
    yield Section("Who labelled", [*_who(data), *data.agreement])
    yield Section("Duplicates", list(_duplicates(data)))
    yield Section("Limits", list(limits(data)))


def as_markdown(data: Data) -> str:
    """Return the card with its front matter."""
    parts = [card.front_matter(_front(data)), f"# {literal(data.project)}", literal(_summary(data))]
    for each in sections(data):
        parts += [f"## {literal(each.title)}", *_said(each)]
    return join(parts)


def as_html(data: Data) -> str:
    """Return the card as one page that needs nothing else."""
    head = (
        f'<header><p class="eyebrow">Data card</p><h1>{name(data.project)}</h1>'
        f'<p class="soft">{text(_summary(data))}</p></header>'
    )
    return page.whole(f"{data.project}: data card", [head, *map(_html, sections(data))])


FORMATS: Mapping[str, Callable[[Data], str]] = {"markdown": as_markdown, "html": as_html}


def _said(each: Section) -> Iterator[str]:
    if each.rows:
        yield table(each.head, each.rows)
    # A person's answer keeps its paragraphs; several sentences are a list.
    if len(each.sentences) == 1:
        yield from card.paragraphs(each.sentences[0])
    else:
        yield bullets(each.sentences)


def _html(each: Section) -> str:
    grid = page.grid(each.head, each.rows) if each.rows else ""
    said = "".join(f"<li>{text(sentence)}</li>" for sentence in each.sentences)
    listed = f"<ul>{said}</ul>" if len(each.sentences) > 1 else ""
    alone = "".join(f"<p>{text(s)}</p>" for s in each.sentences) if not listed else ""
    return f"<section><h2>{text(each.title)}</h2>{grid}{listed}{alone}</section>"


def _front(data: Data) -> dict[str, Any]:
    return {
        **data.front,
        "pretty_name": data.project,
        "task_categories": [data.pipeline],
        "size_categories": [_size(data.progress.documents)],
        "tags": [data.pipeline, "whetstone"],
    }


def _size(documents: int) -> str:
    return next((named for most, named in SIZES if documents < most), LARGEST)


def _summary(data: Data) -> str:
    counts = data.progress
    done = counts.by_status[Status.DONE]
    return (
        f"{_count(counts.documents, data.words.document)}, {done:,} of them done, with "
        f"{_count(counts.spans, data.words.mark)} of {_count(len(data.labels), 'label')}."
    )


def _sizes(data: Data) -> Section:
    counts = data.progress
    named: dict[Split | None, str] = {**{split: str(split) for split in Split}, None: "no split"}
    rows = [
        [title, f"{counts.by_split[split]:,}", f"{counts.done_by_split[split]:,}"]
        for split, title in named.items()
        if counts.by_split[split]
    ]
    return Section("Sizes", head=("Split", data.words.documents.capitalize(), "Done"), rows=rows)


def _counts(data: Data) -> list[list[str]]:
    return [[label, f"{count:,}"] for label, count in data.progress.by_label.items()]


def _meaning(label: Label) -> str:
    said = [label.description or "not described yet"]
    said += [f"for example: {label.positive}"] if label.positive else []
    said += [f"but not: {label.negative}"] if label.negative else []
    return f"{label.name}: {'; '.join(said)}"


def _who(data: Data) -> Iterator[str]:
    several = f"{data.annotators:,} people have"
    who = {0: "Nobody has", 1: "One person has"}.get(data.annotators, several)
    yield f"{who} labelled."
    if data.guideline:
        yield f"They went by a guideline, version {data.guideline}."


def _duplicates(data: Data) -> Iterator[str]:
    found = data.duplicates
    if found is None:
        yield f"They were not looked for: {shell.ENGINE} card --project does so."
        return
    yield (
        f"{_count(found.total, 'group')} of {data.words.documents} that are the same or nearly: "
        f"{found.more:,} more than needed."
    )
    if found.across:
        yield f"{_count(found.across, 'group')} of them in several splits: what is there is easy."


def limits(data: Data) -> Iterator[str]:
    """Say what the data does not hold for, as far as a machine sees it."""
    counts = data.progress
    rare = [f"{name} ({n:,})" for name, n in counts.by_label.items() if n < FEW]
    if rare:
        few = f"Fewer than {FEW} {data.words.marks}"
        yield f"{few}, so that little can be learned: {', '.join(rare)}."
    if left := counts.documents - counts.by_status[Status.DONE]:
        yield f"{_count(left, data.words.document)} of {counts.documents:,} not done."
    if data.annotators < 2:
        yield "One person's labels: how far others would agree is not known."
    if missing := [title for title, answer in data.asked if not answer]:
        yield card.unanswered(missing)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
