"""The job runner: claim queued runs, start or adopt their workers, read their events.

Any number of processes may hold a ``JobRunner``; only the one with the runner's lock
acts, the others stand by and take over when it goes. Workers outlive their runner: the
next one finds them by their lock and goes on reading where the last one stopped.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time

from engine import events, snapshot
from engine.runner import folders, processes
from engine.runner.folders import read_report
from storage import home, reports, runs
from storage.database import Database
from storage.errors import WhetstoneError
from storage.types import Run, RunState

DIED = "the training process died; your labels are safe, start it again"
GRACE_SECONDS = 5.0
MOST_ATTEMPTS = 3
log = logging.getLogger("whetstone.runner")


class JobRunner:
    """Serve the queue of one home, one run per device at a time."""

    def __init__(self, db: Database, poll_seconds: float = 0.5) -> None:
        self.db = db
        self.poll_seconds = poll_seconds
        self.lock = db.runner_lock()
        self.leading = False
        self.children: dict[int, subprocess.Popen] = {}
        self.asked_to_stop: dict[int, float] = {}
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Serve in a background thread until ``stop``."""
        self.thread = threading.Thread(target=self._serve, name="job-runner", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Stop serving; living workers go on."""
        self.stopping.set()
        if self.thread:
            self.thread.join()
        self.release()

    def release(self) -> None:
        """Let another process lead."""
        if self.leading:
            self.lock.release()
            self.leading = False

    def _serve(self) -> None:
        while not self.stopping.wait(self.poll_seconds):
            try:
                self.step()
            except Exception:
                # A full disk or a busy database must not end the service: say so, go on.
                log.exception("The job runner met an error and goes on")
                self.stopping.wait(GRACE_SECONDS)

    def step(self) -> bool:
        """Do one round if this process leads; return whether it does."""
        if not self.leading:
            self.leading = self.lock.acquire()
        if self.leading:
            active = [run for run in runs.active_runs(self.db) if not self._attend(run).final]
            if not active:
                self._start_next()
            self._reap()
        return self.leading

    def _attend(self, run: Run) -> RunState:
        """Bring the database up to date with one active run; return its state."""
        # The lock is looked at before the events are read: whatever a worker wrote before
        # it died is then surely among them.
        alive = processes.is_held(home.run_folder(run.id))
        state = self._ingest(run)
        if state.final:
            self.asked_to_stop.pop(run.id, None)
        elif alive and runs.cancel_requested(self.db, run.id):
            self._cancel(run)
        elif not alive:
            state = self._conclude(run)
        return state

    def _conclude(self, run: Run) -> RunState:
        """Settle a run whose worker is gone and left no last word."""
        if runs.cancel_requested(self.db, run.id):
            state, message = RunState.CANCELLED, "cancelled"
        elif run.pid is None and run.attempt < MOST_ATTEMPTS:
            # The runner before us went between claiming the run and starting its worker.
            runs.requeue(self.db, run.id)
            return RunState.QUEUED
        else:
            state, message = RunState.FAILED, DIED
        runs.set_state(self.db, run.id, state, message)
        return state

    def _ingest(self, run: Run) -> RunState:
        """Read new events into the database, the report before the state that announces it."""
        before = runs.events_offset(self.db, run.id)
        found, after = events.read(home.run_folder(run.id) / events.FILE, before)
        if any(event.get("state") == RunState.DONE for event in found):
            self._store_report(run)
        if found:
            runs.ingest(self.db, run.id, before, after, found)
        return runs.get_run(self.db, run.id).state

    def _store_report(self, run: Run) -> None:
        folder = home.run_folder(run.id)
        reports.store_report(
            self.db,
            run.id,
            read_report(folder),
            snapshot.read_pairs(folder),
            snapshot.read_predictions(folder),
        )

    def _cancel(self, run: Run) -> None:
        """Ask the worker to stop; end it when it does not answer in time."""
        asked = self.asked_to_stop.setdefault(run.id, time.monotonic())
        (home.run_folder(run.id) / folders.CANCEL_FLAG).touch()
        if time.monotonic() - asked > GRACE_SECONDS and run.pid is not None:
            processes.kill(processes.Identity(run.pid, run.pid_started or 0.0, run.boot_id))

    def _start_next(self) -> None:
        run = runs.claim_next(self.db)
        if run is None:
            return
        try:
            folder = folders.prepare(self.db, run)
            child = processes.start_worker(folder)
        except (WhetstoneError, OSError) as error:
            runs.set_state(self.db, run.id, RunState.FAILED, f"The run could not start: {error}")
            return
        self.children[run.id] = child
        identity = processes.identify(child.pid)
        runs.set_process(self.db, run.id, identity.pid, identity.started, identity.boot)

    def _reap(self) -> None:
        """Collect our own ended children, so that none stays as a zombie."""
        self.children = {k: child for k, child in self.children.items() if child.poll() is None}
