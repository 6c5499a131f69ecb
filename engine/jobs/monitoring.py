"""One reading of a monitor's source: what is new there, labelled by one or two models.

A reading takes the first few thousand new texts and ends; where more are left the next follows at
once. So it is short, makes way for a training soon, and a killed one loses little: it leaves
nothing, and the next reads the same texts again. Counting them once is the database's to do.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.inference.dated import Models
from engine.jobs import kinds
from engine.models import loading
from engine.monitoring import dates, records, watched
from engine.monitoring.records import Columns
from engine.monitoring.watched import Read
from engine.runs import checkpoints
from engine.runs.files import REPORT
from engine.runs.spec import RunSpec
from engine.training import reporting
from engine.training.callbacks import Watch

# Texts in one reading: some minutes on two cores.
MOST = 5_000


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Read what is new, write it with what models say, return the closing sentence.

    Raises InputError where the source cannot be read, ModelError where a run has no complete
    model, and Cancelled.
    """
    started = time.perf_counter()
    reporting.discard(folder)
    told: Mapping[str, Any] = asked.options[kinds.WATCHED]
    watch.enter("reading the source")
    # Before its rows: what is written while they are read is new the next time.
    source = Path(told["source"])
    signature = records.signature(source)
    taken = records.take(source, _columns(told), growing=True)
    read = dates.read(
        [record.date for record in taken.records],
        order=dates.order(told["first"]),
        zone=dates.zone(told["timezone"]),
        latest=datetime.now(UTC).date() + timedelta(days=1),
    )
    known = watched.read_known(folder)
    fresh = {
        record.key: (record, day)
        for record, day in zip(taken.records, read.days, strict=True)
        if day and record.key not in known
    }
    new = list(fresh.values())[:MOST]
    found = _label(new, asked, watch) if new else []
    watch.enter("saving")
    permit()
    watched.write_texts(folder, found)
    left = len(fresh) - len(new)
    report = {
        "run": asked.run,
        "attempt": asked.attempt,
        "project": asked.project_name,
        "signature": "" if left else signature,
        "texts": len(found),
        "left": left,
        "undated": read.undated,
        "blank": taken.blank,
        "broken": len(taken.broken),
        "first_broken": next(iter(taken.broken), ""),
        "first": str(read.order or ""),
        "note": read.note,
        "total_seconds": time.perf_counter() - started,
    }
    checkpoints.write_file(folder / REPORT, json.dumps(report, indent=1, ensure_ascii=False))
    return f"{len(found):,} new texts" + (f", {left:,} are left." if left else ".")


def _columns(told: Mapping[str, Any]) -> Columns:
    return Columns(*(told[f"{name}_column"] for name in ("date", "text", "second", "id")))


def _label(new: list, asked: RunSpec, watch: Watch) -> list[Read]:
    device = loading.choose_device(asked.settings.device)
    watch.enter("loading", device=loading.name_device(device))
    second = asked.options[kinds.WATCHED].get("second_model")
    models = Models(
        Path(asked.model),
        Path(second) if second else None,
        encoder=asked.base,
        device=asked.settings.device,
        pause=watch.pause,
    )
    days = {record.key: day.isoformat() for record, day in new}
    found: list[Read] = []
    words, started = 0, time.perf_counter()
    for portion in models.label([record for record, _ in new], watch.pause):
        for each in portion:
            record = each.record
            words += len(record.text.split())
            place = record.key, days[record.key], record.text, record.second
            found.append(Read(*place, each.topics, each.labels, each.unlike))
        watch.reading(len(found), len(new), words, time.perf_counter() - started)
    return found
