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
        InputError: the runs have no document in common.
        RunFolderError: what a run has left is damaged.
    """
    if a.project_id != b.project_id:
        raise InputError(f"Runs {a.id} and {b.id} are of different projects.")
    frozen = [{doc.id: doc for doc in snapshot.stream(folder_of(run))} for run in (a, b)]
    chosen = split or _split(frozen)
    before, after = (
        {number: doc for number, doc in docs.items() if doc.split is chosen} for docs in frozen
    )
    common = [doc for number, doc in after.items() if _same(before.get(number), doc)]
    if not common:
        raise InputError(f"Runs {a.id} and {b.id} have no {chosen} document in common.")
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


def _split(frozen: Sequence[dict[int | None, Document]]) -> Split:
    tested = all(any(doc.split is Split.TEST for doc in docs.values()) for docs in frozen)
    return Split.TEST if tested else Split.DEV


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
