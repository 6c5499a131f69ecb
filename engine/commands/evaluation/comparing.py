"""``compare``: two runs, and what became of every gold mark from one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from engine import tasks
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, answer, count, mark
from engine.commands.evaluation.reporting import refuse_without
from engine.evaluation.comparison import Change, Difference, tally
from engine.inspection import comparing, differences
from engine.inspection.comparing import Common
from engine.inspection.differences import DataDifferences, What
from engine.runner import folder_of
from engine.runs import spec
from storage.database.connection import Database
from storage.errors import InputError
from storage.outcomes import Outcome
from storage.runs import runs
from storage.types import Run, Split
from storage.words import Words

DOCUMENTS = {
    What.ADDED: "added",
    What.REMOVED: "removed",
    What.MOVED: "in another split",
    What.RELABELLED: "with other marks",
}


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("compare")(compare)


def compare(
    run_a: Annotated[int, typer.Argument(help="The number of the run to start from.")],
    run_b: Annotated[int, typer.Argument(help="The number of the run that is held against it.")],
    split: Annotated[Split | None, typer.Option(help="dev or test.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two runs on the documents that both have, against the second one's labels."""
    if split is Split.TRAIN:
        raise InputError("--split is dev or test: a model is not scored on what it learned from.")
    with opened() as db:
        a, b = _finished(db, run_a), _finished(db, run_b)
    found = comparing.compare(a, b, split)
    settings, data = differences.of_settings(a, b), differences.of_data(a, b)
    payload = {**_payload(run_a, run_b, found), **differences.payload(settings, data)}
    said = tasks.get(spec.read(folder_of(b)).task).words
    answer(payload, as_json, f"{_text(run_a, run_b, found, said)}\n{_given(settings, data)}")


def _finished(db: Database, number: int) -> Run:
    run = runs.get_run(db, number)
    refuse_without(run)
    return run


def _payload(a: int, b: int, found: Common) -> dict:
    compared = found.comparison
    return {
        "a": a,
        "b": b,
        "split": str(found.split),
        "documents": found.documents,
        "only_a": found.only_a,
        "only_b": found.only_b,
        "relabelled": found.relabelled,
        "labels": {name: _row(each) for name, each in compared.labels.items()},
        "micro": _row(compared.micro),
        "fixed": compared.count(Outcome.FIXED),
        "broken": compared.count(Outcome.BROKEN),
        "still_wrong": compared.count(Outcome.WRONG),
        "changes": [_change(each) for each in compared.changed],
    }


def _row(difference: Difference) -> dict:
    return {
        "a": difference.a,
        "b": difference.b,
        "difference": difference.value,
        "low": difference.interval.low,
        "high": difference.interval.high,
        "verdict": str(difference.verdict),
        "support": difference.support,
    }


def _change(change: Change) -> dict:
    return {
        "document": change.document,
        "change": str(change.outcome),
        **{"gold": mark(change.gold), "a": mark(change.a), "b": mark(change.b)},
    }


def _text(a: int, b: int, found: Common, said: Words) -> str:
    compared = found.comparison
    fixed, broken = (tally(compared.those(each)) for each in (Outcome.FIXED, Outcome.BROKEN))
    rows = [(name, each, fixed[name], broken[name]) for name, each in compared.labels.items()]
    rows.append(("all", compared.micro, fixed.total(), broken.total()))
    width = max(len(name) for name, *_ in rows)
    head = f"{f'run {a}':>8} {f'run {b}':>8}  difference (95 %)         fixed broken support"
    lines = [f"{'':>{width}} {head}"]
    for name, each, mended, lost in rows:
        span = f"{each.value:+.3f} [{each.interval.low:+.3f}, {each.interval.high:+.3f}]"
        lines.append(
            f"{name:>{width}} {each.a:>8.3f} {each.b:>8.3f}  {span:<25} {mended:>5} {lost:>6} "
            f"{each.support:>7}  {each.verdict}"
        )
    first = compared.micro.sentence(f"Run {a}", f"Run {b}", said.pooled)
    wrong = compared.count(Outcome.WRONG)
    every = "" if said.pooled == "F1" else f", of all {said.pooled},"
    last = f"F1{every} on {found.split}; {wrong:,} {said.marks} are wrong in both. {_about(found)}"
    if a > b:
        last += f" Run {a} is the newer one: the labels of run {b} count."
    return "\n".join([first, "", *lines, "", last])


def _given(settings: Mapping[str, tuple[Any, Any]], data: DataDifferences) -> str:
    """Say what the two runs were given that is not the same."""
    asked = ", ".join(f"{name} {_said(a)} → {_said(b)}" for name, (a, b) in settings.items())
    documents = [f"{len(data.those(what)):,} {words}" for what, words in DOCUMENTS.items()]
    lines = [
        f"Settings: {asked or 'the same'}.",
        f"Documents: {', '.join(documents)}." if data.documents else "Documents: the same.",
    ]
    for name, counts in data.labels.items():
        changed = ", ".join(f"{counts[what]:,} {what}" for what in What if counts[what])
        lines.append(f"{name}: {changed}.")
    return "\n".join(lines)


def _about(found: Common) -> str:
    """Say what the figures were counted on."""
    parts = [f"Counted on {count(found.documents, f'{found.split} document')} that both runs have"]
    if found.relabelled:
        parts.append(
            f"{found.relabelled:,} of them were relabelled in between, and the newer labels count"
        )
    left = found.only_a + found.only_b
    if left:
        parts.append(f"{count(left, 'other')} left out, for only one run has them as they are")
    return "; ".join(parts) + "."


def _said(value: object) -> str:
    if isinstance(value, list):
        return "+".join(map(str, value))
    return "none" if value in ("", None) else str(value)
