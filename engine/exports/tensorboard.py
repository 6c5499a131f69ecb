"""TensorBoard: a run as an event file, its curves, its figures and what it was asked.

A record each for an ``Event`` (tensorflow/core/util/event.proto) with a ``Summary``
(framework/summary.proto); what was asked is told to the plugin "hparams" (tensorboard/plugins/
hparams/plugin_data.proto). The numbers in the calls are those of the fields there.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.configuration.schedule import rate
from engine.evaluation.figures import LABELS
from engine.exports import contents
from engine.exports.plain import plain
from engine.exports.subject import Subject
from engine.exports.wire.messages import double, single, text, whole
from engine.exports.wire.records import record

VERSION = "brain.Event:2"
PLUGIN = "hparams"
TEXT, FLAG, NUMBER = 1, 2, 3
SUCCESS = 1
# TensorBoard itself draws a thousand points of a curve.
MOST_POINTS = 5_000


def render(subject: Subject) -> bytes:
    """Return the event file of a run: curves by step and by epoch, then its last figures."""
    told = [event for event in subject.events() if _is_of_kept(subject, event)]
    times = [_seconds(event) for event in told] or [0.0]
    first, last = times[0], times[-1]
    parts = [
        _event(first, 0, text(3, VERSION)),
        *_asked(subject, first),
        *_steps(subject, told),
        *_epochs(subject, told, last),
        *_figures(subject, last),
        _plugin("_hparams_/session_end_info", 4, whole(1, SUCCESS) + double(2, last), last),
    ]
    return b"".join(map(record, parts))


def name(subject: Subject) -> str:
    """Return what the file has to be called: TensorBoard reads no other names."""
    told = list(subject.events())
    return f"events.out.tfevents.{int(_seconds(told[0])) if told else 0:010d}.whetstone"


def packed(subject: Subject) -> bytes:
    """Return a ZIP file with the event file in a folder named after the run.

    Those of several runs, unpacked in one place, are shown beside each other.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        folder = plain(subject.title).lower().replace(" ", "-")
        # With a date of its own the same run would be another file each time.
        entry = zipfile.ZipInfo(f"{folder}/{name(subject)}")
        archive.writestr(entry, render(subject), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _is_of_kept(subject: Subject, event: Mapping[str, Any]) -> bool:
    """Tell whether an event is of the training whose model was kept, of several seeds."""
    seeds = subject.report.get("seeds") or []
    kept = next((at for at, seed in enumerate(seeds, start=1) if seed.get("kept")), 1)
    return "at" in event and event.get("member", kept) == kept


def _seconds(event: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(event["at"]).timestamp()


def _event(at: float, step: int, content: bytes) -> bytes:
    return double(1, at) + whole(2, step) + content


def _scalars(at: float, step: int, values: Mapping[str, float]) -> bytes:
    """Return an event with a value for each tag."""
    parts = (text(1, text(1, plain(tag)) + single(2, value)) for tag, value in values.items())
    return _event(at, step, text(5, b"".join(parts)))


def _steps(subject: Subject, told: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield the loss and the learning rate at the steps that were told of.

    What an attempt did again after a crash counts once.
    """
    settings = subject.mapping("settings")
    peak, warmup = settings.get("learning_rate"), settings.get("warmup") or 0.0
    found = {each["step"]: each for each in told if _is_step(each)}
    for step in _thinned(sorted(found)):
        each = found[step]
        values = {"loss/step": each["loss"]}
        if peak:
            values["learning_rate"] = peak * rate(step - 1, each["steps"], warmup)
        yield _scalars(_seconds(each), step, values)


def _is_step(event: Mapping[str, Any]) -> bool:
    known = event.get("kind") == "progress" and event.get("phase") == "training"
    return known and bool(event.get("step")) and event.get("loss") is not None


def _thinned(steps: Sequence[int]) -> Sequence[int]:
    return steps[:: -(-len(steps) // MOST_POINTS) or 1]


def _epochs(subject: Subject, told: Sequence[Mapping[str, Any]], last: float) -> Iterator[bytes]:
    """Yield the figures of each epoch of the training that was kept."""
    at = {each.get("within", each["epoch"]): _seconds(each) for each in told if _is_epoch(each)}
    for row in subject.report.get("history") or []:
        dev = {f"dev/{key}": value for key, value in (row.get("dev") or {}).items()}
        known = {"loss/epoch": row.get("loss"), **dev}
        values = {tag: value for tag, value in known.items() if isinstance(value, int | float)}
        if values:
            yield _scalars(at.get(row["epoch"], last), row["epoch"], values)


def _is_epoch(event: Mapping[str, Any]) -> bool:
    return event.get("kind") == "metric"


def _figures(subject: Subject, last: float) -> Iterator[bytes]:
    """Yield the figures of each split at the epoch that was kept, of all labels and of each."""
    epoch = subject.report.get("best_epoch") or 0
    for split, scores in subject.scores.items():
        values = {f"final/{split}_{f.name}": f.value for f in contents.headline(scores)}
        (table,) = (each for each in scores["tables"] if each["name"] == LABELS)
        for row in table["rows"]:
            for figure in contents.RATES:
                values[f"{split}_{figure}_by_label/{row['name']}"] = row[figure]
        yield _scalars(last, epoch, values)


def _asked(subject: Subject, first: float) -> Iterator[bytes]:
    """Yield what a run was asked, and which figures it is judged by."""
    asked = {"base": subject.base, **subject.mapping("settings")}
    known = {key: value for key, value in asked.items() if value not in (None, "")}
    metrics = (
        text(5, text(1, text(2, f"final/{split}_{f.name}")) + text(2, f"{split} {f.title}"))
        for split, scores in subject.scores.items()
        for f in contents.headline(scores)[:1]
    )
    infos = (text(4, text(1, key) + whole(4, _kind(value))) for key, value in known.items())
    experiment = double(3, first) + b"".join([*infos, *metrics])
    yield _plugin("_hparams_/experiment", 2, experiment, first)
    values = (text(1, text(1, key) + text(2, _value(value))) for key, value in known.items())
    start = b"".join(values) + text(4, subject.title) + double(5, first)
    yield _plugin("_hparams_/session_start_info", 3, start, first)


def _kind(value: object) -> int:
    if isinstance(value, bool):
        return FLAG
    return NUMBER if isinstance(value, int | float) else TEXT


def _value(value: Any) -> bytes:
    """Return a ``google.protobuf.Value``."""
    kind = _kind(value)
    if kind == FLAG:
        return whole(4, value)
    return double(2, value) if kind == NUMBER else text(3, plain(str(value)))


def _plugin(tag: str, number: int, content: bytes, at: float) -> bytes:
    """Return an event that tells the plugin something: field ``number`` of its data."""
    data = text(1, PLUGIN) + text(2, text(number, content))
    return _event(at, 0, text(5, text(1, text(1, tag) + text(9, text(1, data)))))
