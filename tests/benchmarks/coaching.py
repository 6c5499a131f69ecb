"""What the coach costs with thousands of documents: memory, seconds an update, an idle minute.

    python -m tests.benchmarks.coaching [--documents 10000] [--updates 60] [--idle 60] [--json]
        [--trained 300]

A project of WNUT-17, wikigold, CrossNER and BTC, of which so many documents are done. One process,
on one thread as in the app, learns them all from nothing; then one document more is finished for
each update, which suggests for the twenty that come next; then nobody does anything. The memory
told is the process's own peak of resident memory, which includes the libraries. With ``--trained``
a training on so many documents of another project comes first, whose model it begins with.
"""

import argparse
import json
import os
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from itertools import islice
from multiprocessing.connection import Pipe
from pathlib import Path

import numpy as np

from storage.corpus import documents
from storage.database.connection import Database
from storage.types import Document, Split, Status
from tests.benchmarks.effort import overlap, run_engine
from tests.benchmarks.learning import CORPORA, DATA, ME, edits_of, finish
from tests.benchmarks.parts import measuring

FILES = (
    *CORPORA.values(),
    [DATA / "wnut17" / "emerging.test.annotated"],
    [DATA / "crossner" / "music" / f"{name}.txt" for name in ("train", "dev", "test")],
    *([DATA / "btc" / f"{name}.conll"] for name in "abe"),
)
GOALS = {"memory": 900, "p95": 2.0}
AHEAD = 20
MANY = 10_000


def corpus(count: int) -> list[Document]:
    every = (d for files in FILES for d in measuring.read_corpus(files, None) if not overlap(d))
    return [replace(each, split=Split.TRAIN, id=None) for each in islice(every, count)]


def work(job: dict) -> dict:
    """Measure one coach, in a process of its own."""
    measuring.set_threads(1, ours=True)
    from engine.coach.coach import Coach

    os.environ["WHETSTONE_HOME"] = job["home"]
    with closing(Database.open()) as db:
        began = time.process_time()
        coach = Coach(db, job["project"])
        ids = list(documents.list_ids(db, job["project"]))[job["documents"] :]
        coach.update(ids[:AHEAD])
        first = {"cpu_seconds": time.process_time() - began, "memory": measuring.peak_mib()}
        seconds = [_update(db, coach, ids[n:], each) for n, each in enumerate(job["edits"])]
        found = {"first": first, "idle": idle(coach, job["idle"]), "memory": measuring.peak_mib()}
        found["learner"] = coach.name
        coach.close()
    median, late, most = (float(np.quantile(seconds, share)) for share in (0.5, 0.95, 1.0))
    return {**found, "median": median, "p95": late, "most": most}


def _update(db: Database, coach, ids: list[int], edits: list[dict]) -> float:
    """Finish the first of some documents, and time the update that follows."""
    finish(db, coach.project.id, ids[0], edits)
    began = time.perf_counter()
    assert coach.update(ids[1 : AHEAD + 1]).documents == 1
    return time.perf_counter() - began


def idle(coach, seconds: float) -> float:
    """Return the CPU seconds of so many seconds in which nobody does anything."""
    from engine.coach import worker

    ours, theirs = Pipe()
    with ours, theirs:
        working = worker.Working(coach, worker.Pipe(theirs))
        while working.round() == 0.0:
            continue
        began, ends = time.process_time(), time.monotonic() + seconds
        while time.monotonic() < ends:
            working.pipe.hear(working.round())
        return time.process_time() - began


def train(db: Database, home: str, count: int) -> None:
    """Train on so many documents, in a project of their own whose labels are the same."""
    # Of all corpora: a model with few of the project's labels is no beginning for it.
    every = corpus(MANY)
    chosen = every[:: max(1, len(every) // count)][:count]
    given = [replace(each, status=Status.DONE) for each in chosen]
    documents.create_with_documents(db, "Trained", given, ME)
    words = ["--project", "Trained", "--epochs", "1", "--seed", "1", "--device", "cpu"]
    run_engine(Path(home), "train", *words, "--set-aside", "20")


def show(found: dict, arguments: argparse.Namespace) -> None:
    first = found["first"]
    print(f"{arguments.documents:,} documents, read and learned from nothing ({found['learner']}):")
    print(f"  {first['cpu_seconds']:.0f} CPU seconds, peak {first['memory']:,.0f} MiB")
    print(
        f"  an update: {found['median']:.3f} s in the middle, {found['p95']:.3f} at 95 %, "
        f"{found['most']:.3f} at most of {arguments.updates}"
    )
    print(f"  {arguments.idle:g} idle seconds: {found['idle']:.2f} CPU seconds")
    print(f"  peak of all {found['memory']:,.0f} MiB")
    for name, value in (("memory", found["memory"]), ("p95", found["p95"])):
        reached = "reached" if value <= GOALS[name] else "not reached"
        print(f"  goal, {name} at most {GOALS[name]:g}: {reached}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--updates", type=int, default=60)
    parser.add_argument("--idle", type=float, default=60.0)
    parser.add_argument("--trained", type=int, default=0, help="Documents of a training before.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        measuring.answer(work)
        return
    loads = list(os.getloadavg())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WHETSTONE_HOME"] = folder
        count = arguments.documents + arguments.updates + 2 * AHEAD
        wanted = corpus(count)
        if len(wanted) < count:
            parser.error(f"There are {len(wanted):,} documents here: ask for fewer.")
        done, rest = wanted[: arguments.documents], wanted[arguments.documents :]
        given = [
            *(replace(each, status=Status.DONE) for each in done),
            *(replace(each, spans=()) for each in rest),
        ]
        with closing(Database.open()) as db:
            if arguments.trained:
                train(db, folder, arguments.trained)
            project = documents.create_with_documents(db, "Many", given, ME)
        edits = list(map(edits_of, rest[: arguments.updates]))
        sizes = {"documents": arguments.documents, "idle": arguments.idle}
        job = {"side": "coach", "home": folder, "project": project, "edits": edits, **sizes}
        found = measuring.ask("tests.benchmarks.coaching", job)
    machine = measuring.describe_machine()
    if arguments.json:
        print(json.dumps({**found, "machine": machine, "load_average": loads}))
    else:
        show(found, arguments)
        measuring.show_machine(machine, loads)


if __name__ == "__main__":
    main()
