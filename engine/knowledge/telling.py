"""A round in words, for pages and files alike: what was done, and what it brought.

What is returned is plain text, names and titles of people's among it: who shows it escapes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.evaluation.comparison import Verdict, signed
from storage.knowledge.notebook import Entry, Round
from storage.words import SPANS, Words

NOTHING = "Nothing was changed: the same data, the same settings."


class Outcome(StrEnum):
    """What came of a round, in a word or two."""

    OPEN = "open"
    FIRST = "first figures"
    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "no clear gain"
    UNSCORED = "not compared"
    FAILED = "failed"
    CANCELLED = "cancelled"
    GIVEN_UP = "given up"


OF_ROUND = {
    Round.OPEN: Outcome.OPEN,
    Round.FAILED: Outcome.FAILED,
    Round.CANCELLED: Outcome.CANCELLED,
    Round.GIVEN_UP: Outcome.GIVEN_UP,
}
OF_VERDICT = {
    Verdict.BETTER: Outcome.BETTER,
    Verdict.WORSE: Outcome.WORSE,
    Verdict.UNCLEAR: Outcome.UNCLEAR,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A round in words, each sentence plain text."""

    goal: str
    outcome: Outcome
    weakest: str
    done: Sequence[str]
    brought: Sequence[str]
    figure: str
    """Its figure in brief: "F1 0.812 [0.790, 0.833]"; empty where there is none."""


def tell(
    entry: Entry, words: Words = SPANS, so_far: Sequence[Mapping[str, Any]] | None = None
) -> Told:
    """Return a round in words; ``words`` are those of its project's task.

    ``so_far`` is what was done in one that is open.
    """
    work = entry.done if so_far is None else so_far
    done = list(filter(None, (_work(each, words) for each in work)))
    if entry.state is Round.DONE and not done and entry.run:
        done = [NOTHING]
    return Told(
        entry.goal,
        outcome(entry),
        str(entry.about.get("said") or ""),
        done,
        list(_brought(entry.brought or {}, words)),
        figure(entry.brought or {}),
    )


def outcome(entry: Entry) -> Outcome:
    """Return what came of a round: of all labels, unless only the one it is about moved."""
    if entry.state is not Round.DONE:
        return OF_ROUND[entry.state]
    brought = entry.brought or {}
    rows = (brought.get("compared") or {}).get("rows")
    if rows:
        verdicts = [Verdict(row["verdict"]) for row in rows]
        clear = (each for each in verdicts if each is not Verdict.UNCLEAR)
        return OF_VERDICT[next(clear, Verdict.UNCLEAR)]
    return Outcome.FIRST if "value" in brought and "before" not in brought else Outcome.UNSCORED


def figure(brought: Mapping[str, Any]) -> str:
    """Return the figure that a run is known by, with its interval."""
    if brought.get("value") is None:
        return ""
    ends = f" [{brought['low']:.3f}, {brought['high']:.3f}]" if "low" in brought else ""
    return f"{brought['figure']} {brought['value']:.3f}{ends}"


def _brought(brought: Mapping[str, Any], words: Words) -> Iterator[str]:
    if said := figure(brought):
        over = f"over {_count(brought['support'], words.holder)}"
        yield f"{brought['title']}: {said} on {brought['split']}, {over}."
    if cell := brought.get("cell"):
        yield f"{cell['title']}: {cell['a']:,} before, {cell['b']:,} now."
    compared = brought.get("compared") or {}
    for row in compared.get("rows", ()):
        yield _row(row, words)
    if brought.get("said"):
        yield str(brought["said"])


def _row(row: Mapping[str, Any], words: Words) -> str:
    name = row["label"] or f"All {words.label}s"
    figure = words.pooled if not row["label"] else "F1"
    ends = f"[{signed(row['low'])}, {signed(row['high'])}]"
    moved = f"{figure} {row['a']:.3f} → {row['b']:.3f}, {signed(row['b'] - row['a'])} {ends}"
    counts = f"{row['fixed']:,} fixed, {row['broken']:,} broken, {row['wrong']:,} still wrong"
    return f"{name}: {moved}, {row['verdict']}; {counts}."


def _work(each: Mapping[str, Any], words: Words) -> str:
    """Say one piece of work; empty where a later version wrote it."""
    say = SAYINGS.get(each.get("what", ""))
    return say(each, words) if say else ""


def _edits(each: Mapping[str, Any], words: Words) -> str:
    what = "decision" if each["what"] == "decisions" else "edit"
    documents = _count(each["documents"], words.document)
    return f"{each['by']}: {_count(each['count'], what)} in {documents}."


def _action(each: Mapping[str, Any], words: Words) -> str:
    edits = f" ({_count(each['count'], 'edit')})" if each["count"] else ""
    return f"{each['by']}: {each['title'].rstrip('.')}{edits}."


def _actions(each: Mapping[str, Any], words: Words) -> str:
    return f"{_count(each['count'], 'more change')} of many {words.documents} at once."


def _guideline(each: Mapping[str, Any], words: Words) -> str:
    by = f" ({each['by']})" if each["by"] else ""
    return f"The guideline came to version {each['version']}{by}."


def _examples(each: Mapping[str, Any], words: Words) -> str:
    return f"{each['by']}: {_count(each['count'], 'example')} of {each['label']}."


def _queue(each: Mapping[str, Any], words: Words) -> str:
    size = f" of {_count(each['count'], words.document)}" if each["count"] else ""
    why = f": {each['reason'].rstrip('.')}" if each["reason"] else ""
    return f"{each['by']}: a queue{size}, {each['name']}{why}."


def _setting(each: Mapping[str, Any], words: Words) -> str:
    before, after = (_value(each[side]) for side in ("before", "after"))
    return f"Setting {each['name']}: {before} → {after}."


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value in ("", None) else str(value)


def _documents(each: Mapping[str, Any], words: Words) -> str:
    said = {
        "added": "added",
        "removed": "removed",
        "moved": "moved to another split",
        "relabelled": f"with other {words.marks}",
    }
    parts = [f"{each[name]:,} {what}" for name, what in said.items() if each.get(name)]
    return f"{words.documents.capitalize()} that the runs read: {', '.join(parts)}."


def _relabelled(each: Mapping[str, Any], words: Words) -> str:
    return f"{_count(each['count'], words.mark)} from {each['from']} to {each['to']}."


def _marks(each: Mapping[str, Any], words: Words) -> str:
    said = {"added": "added", "removed": "removed", "moved": "with other borders"}
    parts = [f"{each[name]:,} {what}" for name, what in said.items() if each.get(name)]
    return f"{each['label']}: {', '.join(parts)}."


def _unknown(each: Mapping[str, Any], words: Words) -> str:
    return str(each["said"])


SAYINGS = {
    **{"edits": _edits, "decisions": _edits, "action": _action, "actions": _actions},
    **{"guideline": _guideline, "examples": _examples, "queue": _queue, "setting": _setting},
    **{"documents": _documents, "relabelled": _relabelled, "marks": _marks, "unknown": _unknown},
}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
