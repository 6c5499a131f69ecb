"""The job runner: claim queued runs, start or adopt their workers, read their events.

Any number of processes may hold a ``JobRunner``; only the one with the runner's lock
leads, the others stand by and take over when it goes. Workers outlive their runner: the
next one finds them by what their launcher left in the run's folder, and goes on reading
where the last one stopped. Of several machines each serves the queue by itself, and one leads
(``engine.runner.machines``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from engine.jobs import kinds
from engine.launchers import base, processes
from engine.runner import folders, monitors, owning, queue, results, trouble
from engine.runner.launching import launcher_of
from engine.runner.machines import membership, places, strays
from engine.runner.machines.hearing import Hearing
from engine.runner.machines.places import Start, is_background
from engine.runner.machines.takeover import Takeover
from engine.runner.stopping import Stopping
from engine.runs import events, spec
from engine.system import gpus, priority
from engine.system.repeating import Repeating
from storage import home
from storage.accounts import accounts
from storage.database.connection import Database
from storage.errors import (
    FaultError,
    RefusedError,
    RunFolderError,
    TrainingError,
    WhetstoneError,
)
from storage.runs import run_events, runs
from storage.types import Run, RunState

DIED = "the {kind} process died; your labels are safe, resume the run or start a new one"
ENDED_EARLY = "the {kind} process ended before it began; resume the run or start a new one"
NEVER_BEGAN = "the run could not be started in {count} attempts; resume it to try again"
MOST_ATTEMPTS = 3
log = logging.getLogger("whetstone.runner")


class JobRunner:
    """Serve the queue of one home: one run on the CPU or on each GPU, any number on a cluster.

    ``gpus`` are those of this computer, as CUDA_VISIBLE_DEVICES names them; None looks. ``tags``
    are what else it has, as WHETSTONE_TAGS says unless they are given, ``name`` what it is called.
    With ``suggests`` every model that a run leaves is let make suggestions for all documents.
    One that does not serve the background leaves what runs there to the next runner.
    ``afterwards`` is done at the end of each round: what follows from runs that have ended.
    """

    def __init__(
        self,
        db: Database,
        poll_seconds: float = 0.5,
        gpus: Sequence[str] | None = None,
        suggests: bool = False,
        serves_background: bool = True,
        afterwards: Callable[[Database], object] | None = None,
        tags: Sequence[str] | None = None,
        name: str = "",
    ) -> None:
        self.db = db
        self.afterwards = afterwards
        self.gpus = gpus
        self.suggests, self.serves_background = suggests, serves_background
        self.lock = db.runner_lock()
        self.leading = self.serving = False
        self.machine = membership.of(db, tags, name)
        self.hearing = Hearing()
        self.takeover = Takeover(db, self.machine.id, self.hearing, self._ingest)
        self.workers = Stopping(db)
        self.rounds = Repeating("job runner", self.step, poll_seconds)
        # A round may take longer than others wait for a sign of whoever leads.
        self.beats = Repeating("beat of who leads", self.lock.beat, membership.BEAT_SECONDS)

    def start(self) -> None:
        """Serve in a background thread until ``stop``."""
        self.machine.start()
        self.beats.start()
        self.rounds.start()

    def stop(self) -> None:
        """Stop serving; living workers go on."""
        self.rounds.stop()
        self.beats.stop()
        self.release()

    def release(self) -> None:
        """Let another process lead, and serve this machine."""
        self.machine.stop()
        if self.leading:
            self.lock.release()
            self.leading = False

    def step(self) -> bool:
        """Do one round if this process leads; return whether it does."""
        # Asked in every round: a server that went away, say, took the lock with it.
        self.leading = self.lock.acquire()
        if self.leading and self.serves_background:
            monitors.wake(self.db)
        if self.gpus is None and (self.leading or self.machine.id):
            self.gpus = gpus.present()
        if self._serves_here():
            known = [
                run for run in runs.active_runs(self.db) if self.machine.has(run, self.leading)
            ]
            self._start_next([run for run in known if self._attend_alone(run).active])
        if self.machine.id and self._leads():
            self.takeover.look()
        if self.afterwards and self._leads():
            self.afterwards(self.db)
        return self.leading

    def _serves_here(self) -> bool:
        """Tell whether this process serves its machine; where it begins to, late workers end."""
        before = self.serving
        self.serving = self.machine.serves(self.leading, self.gpus or ())
        if self.machine.id and self.serving and not before:
            strays.fence_all(self.db, self.machine.id)
        return self.serving

    def _leads(self) -> bool:
        """Ask once more: a process that was stopped meanwhile leads no longer when it wakes."""
        self.leading = self.leading and self.lock.acquire()
        return self.leading

    def _attend_alone(self, run: Run) -> RunState:
        """Attend to one run: what is wrong with it is said there, and keeps no other waiting."""
        try:
            return self._attend(run)
        except Exception as error:
            if trouble.is_of_the_database(error):
                raise
            log.exception("%s is given up", run.title)
            self.workers.end(run)
            return self._give_up(run, trouble.sentence(error, run))

    def _give_up(self, run: Run, message: str) -> RunState:
        runs.set_state(self.db, run.id, RunState.FAILED, message, run.attempt)
        self._forget(run)
        return RunState.FAILED

    def _forget(self, run: Run) -> None:
        """Drop what was known of a run that is over: it may begin again."""
        self.workers.forget(run)
        self.hearing.forget(run)

    def _attend(self, run: Run) -> RunState:
        """Bring the database up to date with one active run; return its state."""
        try:
            launcher, folder = launcher_of(self.db, run), owning.folder_of(run)
            owning.refuse_used_elsewhere(self.db, run, folder)
        except RefusedError as error:
            # Whatever works there is another database's.
            return self._give_up(run, str(error))
        # Whether a worker lives is asked before its events are read: whatever it wrote
        # before it died is then surely among them.
        hindrance = ""
        try:
            alive = launcher.is_alive(folder)
            launcher.fetch(folder, whole=not alive)
        except TrainingError as error:
            # Out of reach is not dead.
            alive, hindrance = True, str(error)
        state = self._ingest(run)
        if state.final:
            self._forget(run)
            state = self._begin_again(run, state)
        elif not alive:
            state = self._conclude(run, state)
        else:
            hindrance = self.workers.cancel(run, state) or hindrance
            self._say(run, hindrance or self.hearing.silence(run, state, folder))
        return state

    def _begin_again(self, run: Run, state: RunState) -> RunState:
        """Queue again what nobody cancelled in the background: it made way, or power failed."""
        stopped = is_background(run) and state is RunState.CANCELLED
        if not stopped or runs.cancel_requested(self.db, run.id):
            return state
        runs.requeue(self.db, run.id)
        return RunState.QUEUED

    def _say(self, run: Run, message: str) -> None:
        """Let pages show what a person should know of a run that goes on."""
        if runs.get_run(self.db, run.id).message != message:
            runs.set_message(self.db, run.id, message)

    def _conclude(self, run: Run, before: RunState) -> RunState:
        """Settle a run whose worker is gone and left no last word."""
        if runs.cancel_requested(self.db, run.id) and not runs.cancel_keeps(self.db, run.id):
            return self._settle(run, RunState.CANCELLED, "cancelled")
        if (_never_began(run) or is_background(run)) and run.attempt < MOST_ATTEMPTS:
            # The runner before us went between claiming the run and starting its worker. What
            # runs in the background has nothing to lose: nobody needs to decide about it.
            runs.requeue(self.db, run.id, attempt=run.attempt)
            return RunState.QUEUED
        if _never_began(run):
            return self._settle(run, RunState.FAILED, NEVER_BEGAN.format(count=run.attempt))
        said = launcher_of(self.db, run).last_words(home.run_folder(run.folder))
        died = (ENDED_EARLY if before is RunState.STARTING else DIED).format(kind=run.kind)
        return self._settle(run, RunState.FAILED, f"{died} ({said})" if said else died)

    def _settle(self, run: Run, state: RunState, message: str) -> RunState:
        # Somebody may have taken the lock away that it lives by.
        self.workers.end(run)
        runs.set_state(self.db, run.id, state, message, run.attempt)
        self._forget(run)
        return state

    def _ingest(self, run: Run) -> RunState:
        """Read new events into the database, the results before the state that announces them.

        What lies here of an attempt that goes on at another machine is nothing to be read.
        """
        now = runs.get_run(self.db, run.id)
        if now.attempt != run.attempt or now.state is RunState.QUEUED:
            return now.state
        before = run_events.events_offset(self.db, run.id)
        found, after = events.read(home.run_folder(run.folder) / events.FILE, before)
        if any(_is_done(event, run) for event in found):
            found = self._with_results(run, found)
        if found:
            run_events.ingest(self.db, run.id, before, after, found, run.attempt)
        return runs.get_run(self.db, run.id).state

    def _with_results(self, run: Run, found: list[dict]) -> list[dict]:
        """Store a run's results, and return its events: without them it has failed after all."""
        try:
            self._store_results(run)
        except (RunFolderError, FaultError) as error:
            failed = {"state": RunState.FAILED, "message": trouble.sentence(error, run)}
            return [{**event, **failed} if _is_done(event, run) else event for event in found]
        return found

    def _store_results(self, run: Run) -> None:
        results.store(self.db, run)
        if self.suggests and kinds.of(run).leaves_model:
            queue.suggest_once(self.db, run)

    def _serves(self, run: Run, active: Sequence[Run]) -> bool:
        """Tell whether a queued run is to be started here, and its last worker is gone."""
        if not self.machine.takes(run, active, self.leading):
            return False
        if self.machine.id and run.attempt and strays.lingers(run):
            return False
        return not is_background(run) or (self.serves_background and not _lingers(run))

    def _start_next(self, active: Sequence[Run]) -> None:
        """Start the run whose turn it is, if there is one and a place for it."""
        present = self.gpus or ()
        held = [(run, _gpus_of(run)) for run in active]
        queued = [run for run in runs.queued_runs(self.db) if self._serves(run, active)]
        found = places.next_start(queued, held, present)
        if found is None or is_background(found.run):
            for one in places.in_the_way(queued, active, present):
                self.workers.stop(one)
        if found and (run := runs.claim(self.db, found.run.id, self.machine.id)):
            self._start_alone(run, found)

    def _start_alone(self, run: Run, found: Start) -> None:
        """Start a run: what is wrong with it is said there, and keeps no other waiting."""
        try:
            self._start(run, found)
        except Exception as error:
            if trouble.is_of_the_database(error):
                raise
            if not isinstance(error, WhetstoneError):
                log.exception("%s could not start", run.title)
            # Its attempts may have been counted on meanwhile.
            now = runs.get_run(self.db, run.id)
            self._give_up(now, f"The run could not start: {trouble.sentence(error, run)}")

    def _start(self, run: Run, found: Start) -> None:
        places.check(found, self.gpus or ())
        folder = folders.prepare(self.db, run)
        process = launcher_of(self.db, run).start(folder, spec.read(folder), found.gpus)
        if process:
            runs.set_process(self.db, run.id, process.pid, process.started, process.boot)
            if accounts.exist(self.db):
                _step_back(process.pid)


def _step_back(process: int) -> None:
    """Let a run go behind the answers to other people."""
    # It may have ended by now.
    with suppress(ProcessLookupError):
        priority.lower(process, priority.BESIDE_OTHERS)


def _is_done(event: Mapping, run: Run) -> bool:
    done = event["kind"] == "state" and event["state"] == RunState.DONE
    return done and event.get("attempt", run.attempt) == run.attempt


def _lingers(run: Run) -> bool:
    """Tell whether the last worker of a run that begins again has not quite ended."""
    return processes.is_held(home.run_folder(run.folder))


def _gpus_of(run: Run) -> tuple[str, ...]:
    launch = base.read(home.run_folder(run.folder))
    return launch.gpus if launch else ()


def _never_began(run: Run) -> bool:
    launch = base.read(home.run_folder(run.folder))
    return run.pid is None and (launch is None or launch.attempt != run.attempt)
