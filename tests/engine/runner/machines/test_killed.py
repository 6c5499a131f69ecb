"""Two machines as processes, one of them killed: its training goes on at the other.

`make test` tries a kill with a storage that is a folder; `make test-long` all of it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import pytest

from engine.configuration.settings import Settings
from engine.launchers import shipping, store
from engine.runner import folder_of
from engine.runs import checkpoints, events
from engine.runs.files import MODEL
from storage import home
from storage.database.connection import Database
from storage.machines import machines
from storage.runs import reports, runs
from storage.types import Run, RunState
from tests.engine.folders import wait_for
from tests.storage.server import needs_postgres
from tests.workers import forking
from tests.workers.ports import free_port

pytestmark = needs_postgres
SILENT = 3.0
KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
# In an environment of its own (`make s3`): it needs an older package than ours.
MOTO = os.environ.get("WHETSTONE_MOTO") or shutil.which(
    "moto_server", path=f"{Path(sys.prefix) / 's3' / 'bin'}:{os.environ['PATH']}"
)


@dataclass
class Fleet:
    """Machines that were started, by name, and where their database is."""

    db: Database
    url: str
    folder: Path

    def start(self, name: str, *tags: str) -> psutil.Popen:
        """Start a machine; where there is a storage, each has a home of its own."""
        forking.share("engine.worker")
        own = {"WHETSTONE_DB": self.url, "WHETSTONE_MACHINE": str(self.folder / name)}
        if store.chosen():
            own["WHETSTONE_HOME"] = str(self.folder / f"home-{name}")
        command = [sys.executable, "-m", "tests.workers.machine", name, str(SILENT), *tags]
        process = psutil.Popen(command, env={**os.environ, **own}, start_new_session=True)
        wait_for(lambda: name in self.names(), 240)
        return process

    def names(self, silent: bool = False) -> set[str]:
        return {one.name for one in machines.list_machines(self.db) if one.silent is silent}

    def name_of(self, run: Run) -> str:
        run = runs.get_run(self.db, run.id)
        return next((m.name for m in machines.list_machines(self.db) if m.id == run.machine), "")

    def train(self, project: int, base: str, tags: str = "") -> Run:
        """Start a training that would last for long, and wait for its first checkpoint."""
        wanted = Settings(
            epochs=1000, batch_size=1, threads=1, device="cpu", checkpoint_seconds=0.2, tags=tags
        )
        run = runs.create_run(self.db, project, {"base": base, **asdict(wanted)})
        wait_for(lambda: self.checkpoint(run), 240)
        return runs.get_run(self.db, run.id)

    def checkpoint(self, run: Run) -> int:
        """Return the step of the newest checkpoint that is there whole, 0 without one."""
        place = store.place_of(home.run_folder(run.folder)) or str(home.run_folder(run.folder))
        with shipping.reaching(place) as (system, path):
            found = system.find(f"{path}/checkpoints") if system.exists(path) else []
        whole = (Path(name).parent.name for name in found if name.endswith(checkpoints.MANIFEST))
        return max((int(each.split("-")[-1]) for each in whole if each[0] != "."), default=0)

    def goes_on(self, run: Run, name: str) -> bool:
        now = runs.get_run(self.db, run.id)
        return self.name_of(run) == name and now.progress.get("step", 0) > 0


@pytest.fixture
def fleet(db: Database, copied: str, tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(db, copied, tmp_path)
    yield made
    for process in psutil.process_iter(["environ"]):
        with suppress(psutil.NoSuchProcess):
            if (process.info["environ"] or {}).get("WHETSTONE_DB") == copied:
                process.kill()


@contextmanager
def s3() -> Iterator[str]:
    """A bucket of a server of one's own."""
    assert MOTO
    port = free_port()
    server = subprocess.Popen(
        [MOTO, "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in KEYS.items():
                patch.setenv(name, value)
            patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
            wait_for(lambda: _made_bucket(port), 60)
            yield "s3://bucket/whetstone"
    finally:
        server.kill()
        server.wait()


def _made_bucket(port: int) -> bool:
    from pyarrow.fs import S3FileSystem

    try:
        S3FileSystem(
            endpoint_override=f"http://127.0.0.1:{port}", allow_bucket_creation=True
        ).create_dir("bucket")
    except OSError:
        return False
    return True


@pytest.fixture(
    params=[
        pytest.param("shared folder", marks=pytest.mark.long),
        "file",
        pytest.param("s3", marks=pytest.mark.long),
    ]
)
def kept(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Where run folders are: in one home, or on a storage beside homes of the machines' own."""
    if request.param == "shared folder":
        yield ""
    elif request.param == "file":
        monkeypatch.setenv(store.VARIABLE, f"file://{tmp_path}/store")
        yield f"file://{tmp_path}/store"
    else:
        if not MOTO:
            pytest.skip("needs moto's server: make s3")
        with s3() as url:
            monkeypatch.setenv(store.VARIABLE, url)
            yield url


def test_a_training_goes_on_at_the_other_machine_from_its_checkpoint(
    kept: str, fleet: Fleet, project: int, bert: Path
) -> None:
    first = fleet.start("first")
    run = fleet.train(project, str(bert))
    fleet.start("second")
    step = fleet.checkpoint(run)
    killed = time.monotonic()
    for number in (run.pid, first.pid):
        os.kill(number, signal.SIGKILL)
    wait_for(lambda: fleet.goes_on(run, "second"), 120)
    print(f"{kept or 'shared folder'}: on again {time.monotonic() - killed:.1f} s after the kill")
    now = runs.get_run(fleet.db, run.id)
    assert now.attempt == 2 and now.progress["step"] >= step > 0
    assert fleet.names(silent=True) == {"first"}
    runs.request_cancel(fleet.db, run.id, keep=True)
    wait_for(lambda: runs.get_run(fleet.db, run.id).state.final, 120)
    done = runs.get_run(fleet.db, run.id)
    assert done.state is RunState.DONE, done.message
    assert reports.get_report(fleet.db, run.id)["resumed"] == 1
    # Wherever somebody asks, the model is there and whole.
    checkpoints.verify(folder_of(done) / MODEL)


@pytest.mark.long
def test_a_worker_that_comes_back_writes_nothing_any_more(
    kept: str, fleet: Fleet, project: int, bert: Path
) -> None:
    # It leads, too: stopped, not dead, it keeps its connection to the server.
    first = fleet.start("first", "gpu")
    run = fleet.train(project, str(bert), "gpu")
    fleet.start("second", "gpu")
    worker = psutil.Process(run.pid)
    worker.suspend()
    first.suspend()
    wait_for(lambda: fleet.goes_on(run, "second"), 120)
    first.resume()
    worker.resume()
    wait_for(lambda: not _lives(worker), 60)
    wait_for(lambda: fleet.names() == {"first", "second"}, 60)
    runs.request_cancel(fleet.db, run.id, keep=True)
    wait_for(lambda: runs.get_run(fleet.db, run.id).state.final, 120)
    done = runs.get_run(fleet.db, run.id)
    assert (done.state, done.attempt, fleet.name_of(done)) == (RunState.DONE, 2, "second")
    told = events.read(folder_of(done) / events.FILE)[0]
    attempts = [event["attempt"] for event in told]
    assert attempts == sorted(attempts) and set(attempts) == {1, 2}


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
