"""A disk that was mounted to be read only (fault 9): all is shown, with why nothing is saved.

Folders and files whose modes forbid it: tests/storage/database/test_read_only.py.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import ReadOnlyError
from tests.storage.faults.conftest import Desk, make_desk, settle


@pytest.fixture
def mounted(desk: Desk, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that mounts the home again, elsewhere, to be read only or not."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("needs the right to mount")
    place = tmp_path / "mounted"
    place.mkdir()
    if subprocess.run(["mount", "--bind", str(home), str(place)]).returncode:
        pytest.skip("needs the right to mount")
    monkeypatch.setenv("WHETSTONE_HOME", str(place))

    def mount(how: str) -> Path:
        subprocess.run(["mount", "-o", f"remount,bind,{how}", str(place)], check=True)
        return place

    yield mount
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("left", ["closed", "in use"])
def test_it_is_shown_with_the_reason_and_goes_on_when_it_can_be_written(desk, mounted, left):
    desk.edit()
    if left == "closed":
        desk.db.close()
    place = mounted("ro")
    db = Database.open()
    desk.check(db)
    assert isinstance(db.barrier(), ReadOnlyError)
    with pytest.raises(ReadOnlyError, match="make the file and its folder writable"):
        projects.create_project(db, "More")
    mounted("rw")
    desk.db.close()
    projects.rename_project(db, desk.project, "Before")
    settle(make_desk(db), place)
    db.close()
