"""One reading of a monitor's source: what is new there, labelled by one or two models.

A reading takes the first few thousand new texts and ends; where more are left the next follows at
once. So it is short, makes way for a training soon, and a killed one loses little: it leaves
nothing, and the next reads the same texts again. Counting them once is the database's to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.inference.dated import Models
from engine.jobs import kinds
from engine.models import loading
from engine.monitoring import dates, reading, records, watched
from engine.monitoring.records import Columns
from engine.monitoring.watched import Read
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
    order, zone = dates.order(told["first"]), dates.zone(told["timezone"])
    read = reading.read(source, _columns(told), order, zone, growing=True)
    known = watched.read_known(folder)
    fresh = {each.key: (each, day) for each, day in read.dated if each.key not in known}
    new = list(fresh.values())[:MOST]
    found = _label(new, asked, watch) if new else []
    watch.enter("saving")
    permit()
    watched.write_texts(folder, found)
    left = len(fresh) - len(new)
    report = {
        **reporting.heading(asked),
        "signature": "" if left else signature,
        "texts": len(found),
        "left": left,
        "undated": read.dates.undated,
        "first_undated": read.dates.example,
        "blank": read.taken.blank,
        "broken": len(read.taken.broken),
        "first_broken": next(iter(read.taken.broken), ""),
        "first": str(read.dates.order or ""),
        "note": read.dates.note,
        "total_seconds": time.perf_counter() - started,
    }
    reporting.write(folder, report)
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
