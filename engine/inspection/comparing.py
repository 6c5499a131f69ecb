"""Two runs on what their frozen data have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine import tasks
from engine.evaluation import comparison
from engine.evaluation.comparison import Comparison
from engine.runner.owning import folder_of
from engine.runs import snapshot, spec
from storage.errors import InputError
from storage.types import Document, Run, Span, Split

# What is compared unless somebody says otherwise: the first that both runs have.
SPLITS = (Split.TEST, Split.DEV)


@dataclass(frozen=True, slots=True)
class Common:
    """What two runs are compared on, and what is left out of it."""

    split: Split
    documents: int
    """Those of the split that are the same text in both runs."""
    only_a: int
    only_b: int
    relabelled: int
    """Common documents whose marks were mended in between: those of the second run count."""
    comparison: Comparison


def compare(a: Run, b: Run, split: Split | None = None) -> Common:
    """Compare two finished runs of a project; test where both have one, else dev.

    Both are held against the marks that the second run knows, so that a mended label is not
    taken for a better or worse model.

    Raises:
        InputError: it is one run, they are of two projects or have no document in common.
        RunFolderError: what a run has left is damaged.
    """
    refuse_unlike(a, b)
    chosen = split or next(iter(splits(a, b)), Split.DEV)
    before, after = (_frozen(run, chosen) for run in (a, b))
    common = [doc for number, doc in after.items() if _same(before.get(number), doc)]
    if not common:
        raise InputError(
            f"These two runs have no {chosen} document in common: choose two that were scored on "
            "the same documents."
        )
    task = tasks.get(spec.read(folder_of(b)).task)
    one, other = (task.match(common, _predicted(run, chosen, common)) for run in (a, b))
    return Common(
        chosen,
        len(common),
        len(before) - len(common),
        len(after) - len(common),
        sum(_marks(before[doc.id]) != _marks(doc) for doc in common),
        comparison.compare(len(common), one, other),
    )


def refuse_unlike(a: Run, b: Run) -> None:
    """Raise InputError where two runs are one, or of two projects."""
    if a.id == b.id:
        raise InputError("A run is no better and no worse than itself: choose two runs.")
    if a.project_id != b.project_id:
        raise InputError("These two runs are of different projects: choose two of one project.")


def splits(a: Run, b: Run) -> list[Split]:
    """Return the splits that both runs were scored on, the one to look at first.

    Raises RunFolderError where the data of a run is damaged.
    """
    known = [snapshot.splits(folder_of(run)) for run in (a, b)]
    return [split for split in SPLITS if all(split in found for found in known)]


def _frozen(run: Run, split: Split) -> dict[int | None, Document]:
    return {document.id: document for document in snapshot.stream(folder_of(run), split)}


def _same(one: Document | None, other: Document) -> bool:
    return one is not None and (one.text, one.second_text, one.tokens) == (
        other.text,
        other.second_text,
        other.tokens,
    )


def _marks(document: Document) -> list[Span]:
    return sorted(document.spans)


def _predicted(run: Run, split: Split, documents: Sequence[Document]) -> list[list[Span]]:
    """Return what a run found in each of the documents."""
    found: dict[int | None, list[Span]] = {document.id: [] for document in documents}
    for number, span in snapshot.read_predictions(folder_of(run))[split]:
        if number in found:
            found[number].append(span)
    return [found[document.id] for document in documents]
