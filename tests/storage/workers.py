"""What the process tests run beside themselves: ``python -m tests.storage.workers NAME ARG…``.

Each prints a line when something is acknowledged and then waits for nobody.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from storage.collaboration import adjudication, assignments, deciding
from storage.collaboration.rules.policies import Gold, Policy
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import runs
from storage.types import Document, Span, Split, Status


def say(*words: Any) -> None:
    print(*words, flush=True)


def at_once(gate: str) -> None:
    """Wait until the test opens the gate, so that all processes start together."""
    say("ready")
    while not Path(gate).exists():
        time.sleep(0.001)


def edit(project_id: str, document_id: str, client: str) -> None:
    """Add and remove a span for ever, naming each acknowledged edit."""
    db = Database.open()
    project, document = int(project_id), int(document_id)
    revision = annotations.open_annotation(db, document, "ada").revision
    for seq in range(1, 1_000_000):
        operation: dict[str, Any] = {"seq": seq, "base_revision": revision}
        if seq % 2:
            span = {"id": f"{client}{seq}", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
            operation |= {"kind": "add", "span": span}
        else:
            operation |= {"kind": "remove", "id": f"{client}{seq - 1}"}
        outcome = annotations.apply_operations(db, project, document, "ada", client, [operation])
        assert outcome.results[0]["status"] == "saved", outcome.results
        revision = outcome.revision
        say(seq, revision)


def load(project_id: str, batch: str) -> None:
    """Import batches of documents for ever, naming each that is stored."""
    db = Database.open()
    for number in range(1_000_000):
        given = (
            Document(
                f"Ada {number} {each}",
                ((0, 3),),
                (Span(0, 3, "PER"),),
                Split.TRAIN,
                status=Status.DONE,
            )
            for each in range(int(batch))
        )
        say(documents.add_documents(db, int(project_id), given, "ada"))


def write(gate: str, times: str) -> None:
    """Make projects as fast as possible beside other writers."""
    db = Database.open()
    at_once(gate)
    for number in range(int(times)):
        projects.create_project(db, f"{os.getpid()} {number}")
    say("done")


def open_database(gate: str) -> None:
    """Open a database that nobody has made yet."""
    at_once(gate)
    db = Database.open()
    say("opened", len(projects.list_projects(db)))


def claim(gate: str) -> None:
    """Claim runs until none is queued."""
    db = Database.open()
    at_once(gate)
    while run := runs.claim_next(db):
        say(run.id, run.attempt)
    say("done")


def hold_runner(gate: str) -> None:
    """Hold the right to run jobs until the gate opens."""
    db = Database.open()
    lock = db.runner_lock()
    say("held" if lock.acquire() else "refused")
    while not Path(gate).exists():
        time.sleep(0.005)


def settle(project_id: str, chunk: str) -> None:
    """Let the majority count in a project, naming how many documents are marked by now."""
    deciding.CHUNK = int(chunk)
    policy = Policy(Gold.MAJORITY)
    deciding.set_policy(Database.open(), int(project_id), policy, say)


def decide(project_id: str) -> None:
    """Decide one document after the other, naming each decision that is stored."""
    db, project = Database.open(), int(project_id)
    for seq, document in enumerate(documents.list_ids(db, project), 1):
        revision = adjudication.open_document(db, project, document).decision.revision
        edit = {"seq": seq, "base_revision": revision, "kind": "status", "status": "done"}
        decided = adjudication.decide(db, project, document, "ada", "decides", [edit])
        assert decided.results[0]["status"] == "saved", decided.results
        say(document)


def take(project_id: str, annotator: str, count: str) -> None:
    """Take documents for ever, naming after each turn how many one has."""
    db = Database.open()
    for wanted in range(int(count), 1_000_000, int(count)):
        say(len(assignments.take(db, int(project_id), annotator, wanted)))


if __name__ == "__main__":
    tasks: dict[str, Callable[..., None]] = {
        "edit": edit,
        "load": load,
        "write": write,
        "open": open_database,
        "claim": claim,
        "hold_runner": hold_runner,
        "settle": settle,
        "decide": decide,
        "take": take,
    }
    tasks[sys.argv[1]](*sys.argv[2:])
