"""A server of the home's own, and ``make run-team``, which starts it with the app before it."""

import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from storage.corpus import projects
from storage.database.connection import Database
from storage.engines import own_server
from storage.engines.own_server import OwnServer
from storage.errors import StorageError
from tests.browser.server import ROOT, AppServer
from tests.storage.server import needs_postgres


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[OwnServer]:
    """The server of a home of the test's own; at the end it is stopped, and gone."""
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    found = own_server.find()
    yield found
    found.stop()
    shutil.rmtree(found.folder, ignore_errors=True)


def names(url: str) -> list[str]:
    with closing(Database.open(url)) as db:
        return [project.name for project in projects.list_projects(db)]


def test_without_its_programs_a_sentence_says_what_to_install(
    server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_server, "_PLACES", ())
    monkeypatch.setenv("PATH", "/bin")
    with pytest.raises(StorageError, match="sudo apt install postgresql"):
        server.start()


def test_a_home_with_too_long_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="WHETSTONE_HOME"):
        OwnServer(tmp_path / ("x" * 100), None).start()


@needs_postgres
def test_data_of_a_version_that_is_not_installed_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("7\n")
    with pytest.raises(StorageError, match="PostgreSQL 7's.*postgresql-7"):
        OwnServer(tmp_path, None).runs()


@pytest.mark.long
@needs_postgres
def test_the_team_finds_its_project_after_both_have_ended(server: OwnServer) -> None:
    app = Team(ROOT / "app.py", Path(os.environ["WHETSTONE_HOME"]))
    try:
        app.start()
        with closing(Database.open(server.url)) as db:
            projects.create_project(db, "Ours")
        app.kill()
        assert names(server.url) == ["Ours"], "the server goes on without the app"
        assert server.stop() and not server.runs()
        app.start()
        assert names(server.url) == ["Ours"]
        assert not (app.home / "whetstone.db").exists()
        with urllib.request.urlopen(app.url) as answer:
            assert answer.status == 200
    finally:
        app.kill()


class Team(AppServer):
    """The app as ``make run-team`` starts it, without its set-up."""

    def spawn(self, command: list[str], variables: dict[str, str], log: int) -> subprocess.Popen:
        """Have make start it, in a group of processes that can be killed as one."""
        words = ["make", "run-team", "-o", "setup", f"PORT={self.port}"]
        given = {**variables, "STREAMLIT_SERVER_HEADLESS": "true"}
        return subprocess.Popen(
            words, cwd=ROOT, env=given, stdout=log, stderr=log, start_new_session=True
        )

    def kill(self) -> None:
        """Kill make and what it started."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
