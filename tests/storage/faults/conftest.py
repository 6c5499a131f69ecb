"""What every fault has to leave: a whole file, all that was acknowledged, and a way on."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import WhetstoneError
from storage.journal import annotations
from tests.storage.conftest import sentence, stored
from tests.storage.database.test_processes import check_file


@dataclass
class Desk:
    """Somebody who edits documents and notes which edits were acknowledged."""

    db: Database
    project: int
    documents: list[int]
    acknowledged: dict[int, str] = field(default_factory=dict)
    number: int = 0
    client: str = field(default_factory=lambda: uuid4().hex)

    def edit(self, length: int = 20) -> None:
        """Comment the next document; raises what the database says where it is not kept."""
        self.number += 1
        document = self.documents[self.number % len(self.documents)]
        comment = f"{self.number} {'x' * length}"
        revision = annotations.open_annotation(self.db, document, "ada").revision
        edit = {"seq": self.number, "base_revision": revision, "kind": "comment"}
        outcome = annotations.apply_operations(
            self.db, self.project, document, "ada", self.client, [edit | {"comment": comment}]
        )
        assert outcome.results[0]["status"] == "saved", outcome.results
        self.acknowledged[document] = comment

    def edit_until_refused(self, length: int = 1_900) -> WhetstoneError:
        """Go on until an edit is not kept, and return what was said of that."""
        for _ in range(20_000):
            try:
                self.edit(length)
            except WhetstoneError as error:
                return error
        raise AssertionError("nothing was refused")

    def check(self, db: Database | None = None) -> None:
        """Fail where an acknowledged edit is missing."""
        for document, comment in self.acknowledged.items():
            state = annotations.open_annotation(db or self.db, document, "ada").state
            assert state["comment"] == comment, document


def settle(desk: Desk, home: Path) -> None:
    """Fail unless the file is whole, the edits are there, another can be made and read anew."""
    check_file(home)
    desk.check()
    desk.edit()
    again = Database.open()
    desk.check(again)
    again.close()


def make_desk(db: Database, count: int = 8) -> Desk:
    """Make a project with documents, and somebody who edits them."""
    project = projects.create_project(db, "News")
    projects.add_labels(db, project.id, ["PER", "ORG"])
    ids = stored(db, project, *(sentence(f"Ada met Bob {number}.") for number in range(count)))
    return Desk(db, project.id, ids)


@pytest.fixture
def desk(db: Database) -> Desk:
    return make_desk(db)


@pytest.fixture
def small_disk(
    tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int], Path]]:
    """A home on a disk of 20 MB, and a function that fills the disk to so many free bytes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=0700", "whetstone-tests", str(place)]
    if os.geteuid() != 0 or not shutil.which("mount") or subprocess.run(command).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        home = place / "home"
        home.mkdir(mode=0o700)
        shutil.copy(migrated, home / "whetstone.db")
        monkeypatch.setenv("WHETSTONE_HOME", str(home))

        def fill(left: int) -> Path:
            filler = place / "filler"
            size = shutil.disk_usage(place).free - left
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)
            return filler

        yield fill
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
