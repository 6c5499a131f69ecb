"""How trainings on many documents start and are stored, beside somebody who saves.

    python -m tests.benchmarks.starting [--documents N …] [--home FOLDER] [--seeds N]
                                        [--task spans|classes] [--no-suggestions] [--json]

Builds a project of N documents (100,000), all done, in a temporary home, or takes the one that
lies in FOLDER. A process like the web process serves the job runner and saves an edit every 100
milliseconds; a tiny model is trained for some steps and then makes suggestions for all documents:
what is measured is all that lies around the model. Times are wall-clock seconds, memory is each
process's own peak in MiB.

*starting* is from the click to the worker's life, *first step* to its first optimizer step,
*storing* from the worker's last word to the run that is done in the database.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import psutil

from engine.configuration.settings import Settings
from engine.runner import JobRunner, enqueue, suggest
from engine.runs import events
from storage import home
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.runs import runs
from storage.types import Run, RunState
from tests.benchmarks.parts import corpora, measuring

GAP, IDLE_SECONDS, GLANCE = 0.1, 5.0, 0.02


@dataclass
class Person:
    """Somebody who flags documents, one after another, and how long each save took."""

    db: Database
    project: int
    saves: list[tuple[float, float]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Save until it is over."""
        ids, number = cycle(documents.list_ids(self.db, self.project)[:500]), 0
        while not self.over.wait(GAP):
            number += 1
            base = journal.open_annotation(self.db, id := next(ids), "bob").revision
            edit = {"seq": number, "base_revision": base, "kind": "flag", "flagged": base % 2 == 0}
            begin = time.perf_counter()
            journal.apply_operations(self.db, self.project, id, "bob", "bench", [edit], True)
            self.saves.append((begin, time.perf_counter() - begin))

    def told(self, since: float, until: float) -> dict:
        """Return the saves of a stretch of time in milliseconds: 95 % and the slowest."""
        took = sorted(1000 * seconds for begin, seconds in self.saves if since <= begin < until)
        if not took:
            return {"saves": 0}
        p95 = took[int(0.95 * (len(took) - 1))]
        return {"saves": len(took), "p95_ms": p95, "slowest_ms": took[-1]}


class Memory(threading.Thread):
    """The peak of every process that this one starts, by what it runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peaks: dict[str, float] = {}

    def run(self) -> None:
        """Look again and again."""
        while True:
            for child in psutil.Process().children(recursive=True):
                self._look(child)
            time.sleep(GLANCE)

    def _look(self, child: psutil.Process) -> None:
        try:
            named = [part for part in child.cmdline() if part.startswith("engine.")]
            status = Path(f"/proc/{child.pid}/status").read_text()
        except (psutil.Error, OSError):
            # It has just ended.
            return
        for line in status.splitlines():
            if named and line.startswith("VmHWM"):
                peak = int(line.split()[1]) / 1024
                self.peaks[named[0]] = max(peak, self.peaks.get(named[0], 0.0))


@contextmanager
def serving(db: Database) -> Iterator[None]:
    """Let runs be served inside the block."""
    runner = JobRunner(db, poll_seconds=0.1)
    runner.start()
    try:
        yield
    finally:
        runner.stop()


def follow(db: Database, run: Run) -> tuple[Run, float]:
    """Return a run once it has ended, and when that was seen; a training takes some steps only."""
    while not (run := runs.get_run(db, run.id)).state.final:
        if run.progress.get("phase") == "training" and run.progress.get("step"):
            runs.request_cancel(db, run.id, keep=True)
        time.sleep(GLANCE)
    if run.state is not RunState.DONE:
        sys.exit(f"{run.title} ended as {run.state}: {run.message}")
    return run, time.perf_counter()


def moments(run: Run, offset: float) -> list[tuple[str, float]]:
    """Return when a worker said what, on this process's clock, the first of each kind alone."""
    found, known = [], set()
    for event in events.read(home.run_folder(run.folder) / events.FILE, 0)[0]:
        name = event.get("phase") or event.get("state") or ""
        if event["kind"] in ("progress", "state") and name and name not in known:
            known.add(name)
            at = datetime.fromisoformat(event["at"]).timestamp() - offset
            found.append(("stepping" if name == "training" and event.get("step") else name, at))
        if event["kind"] == "progress" and event.get("step") and "step" not in known:
            known.add("step")
            at = datetime.fromisoformat(event["at"]).timestamp() - offset
            found.append(("first step", at))
    return found


def observe(db: Database, person: Person, click: Callable[[], Run]) -> dict[str, Any]:
    """Start a run and tell of it once it is stored."""
    offset, begin = time.time() - time.perf_counter(), time.perf_counter()
    queued = click()
    clicked = time.perf_counter()
    run, end = follow(db, queued)
    said = dict(moments(run, offset))
    usage = home.run_folder(run.folder) / "usage.json"
    worker = json.loads(usage.read_text())["peak_memory_bytes"] / 2**20 if usage.exists() else None
    last = said["done"]
    return {
        "click_s": clicked - begin,
        "starting_s": said["running"] - begin,
        "first_step_s": said.get("first step", last) - begin,
        "working_s": last - begin,
        "storing_s": end - last,
        "phases": {name: at - begin for name, at in said.items()},
        "worker_mib": worker,
        "saves_starting": person.told(begin, said["running"]),
        "saves_working": person.told(said["running"], last),
        "saves_storing": person.told(last, end),
    }


def work(job: dict) -> dict:
    """Serve, save and train as the web process would."""
    os.environ["WHETSTONE_HOME"] = job["home"]
    db = Database.open()
    project = projects.list_projects(db)[0].id
    person, memory = Person(db, project), Memory()
    saving = threading.Thread(target=person.work)
    begin = time.perf_counter()
    saving.start()
    memory.start()
    time.sleep(IDLE_SECONDS)
    idle = person.told(begin, time.perf_counter())
    settings = Settings(epochs=1, batch_size=64, threads=1, device="cpu", seeds=job["seeds"])
    with serving(db):
        trained = observe(db, person, lambda: enqueue(db, project, job["base"], settings))
        found = {"idle": idle, "training": trained, "web_trained_mib": measuring.peak_mib()}
        if job["suggestions"]:
            newest = runs.list_runs(db, project)[0].id
            found["suggestions"] = observe(db, person, lambda: suggest(db, newest, job["base"]))
    person.over.set()
    saving.join()
    db.close()
    return {**found, "web_mib": measuring.peak_mib(), "others_mib": memory.peaks}


def measure(folder: Path, size: int, asked: argparse.Namespace) -> dict:
    """Build a home of so many documents where there is none, and train there."""
    from tests.engine import tiny

    folder.mkdir(parents=True, exist_ok=True)
    os.environ["WHETSTONE_HOME"] = str(folder)
    if not (folder / home.DATABASE).exists():
        db = Database.open()
        corpora.build(db, size, task=asked.task)
        db.close()
    with tempfile.TemporaryDirectory() as base:
        job: dict[str, Any]
        job = {"side": f"{size:,}", "home": str(folder), "base": str(tiny.save_base(Path(base)))}
        job |= {"seeds": asked.seeds, "suggestions": not asked.no_suggestions}
        found = measuring.ask("tests.benchmarks.starting", job)
    return {"documents": size, **found, "load_average": os.getloadavg()[0]}


def show(found: dict) -> None:
    """Print what was found."""
    print(f"{found['documents']:,} documents; web process {found['web_mib']:,.0f} MiB", end="")
    print("".join(f"; {name} {peak:,.0f} MiB" for name, peak in found["others_mib"].items()))
    print(f"saves alone: {told(found['idle'])}")
    for name in ("training", "suggestions"):
        if one := found.get(name):
            names = "click_s", "starting_s", "first_step_s", "working_s", "storing_s"
            print(name, *(f"{each.removesuffix('_s')} {one[each]:,.1f} s" for each in names))
            for part in ("starting", "working", "storing"):
                print(f"  saves while {part}: {told(one[f'saves_{part}'])}")


def told(saves: dict) -> str:
    """Say how long saves took."""
    if not saves["saves"]:
        return "none"
    return (
        f"{saves['saves']} saves, 95 % {saves['p95_ms']:,.0f} ms, "
        f"slowest {saves['slowest_ms']:,.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[100_000])
    parser.add_argument("--home", type=Path)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--task", default="spans", choices=("spans", "classes"))
    parser.add_argument("--no-suggestions", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        measuring.answer(work)
        return
    for size in asked.documents:
        with tempfile.TemporaryDirectory() as folder:
            found = measure(asked.home or Path(folder), size, asked)
        print(json.dumps(found)) if asked.json else show(found)


if __name__ == "__main__":
    main()
