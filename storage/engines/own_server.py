"""A PostgreSQL server of the home's own: made once, started where it does not run, left running.

It listens at no port. Its socket lies in a folder that only its owner may enter, so whoever
reaches it is let in: that is who may read its files, too.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from storage import home
from storage.engines import driver_errors, postgres
from storage.errors import StorageError

NAME = "whetstone"
# Debian, Red Hat and Homebrew keep the server's programs out of the way.
_PLACES = (
    *("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"),
    *("/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin"),
)
_NEEDED = ("initdb", "pg_ctl", "postgres")
# It names the socket, and is nobody else's: there the folder is what differs.
_PORT = "5432"
# What a socket's path may have is 103 bytes on macOS, 107 on Linux.
_LONGEST_PATH = 103
_SECONDS = 120
_MISSING = (
    "PostgreSQL's server is not installed: install it (Debian: sudo apt install postgresql; "
    "Fedora: sudo dnf install postgresql-server; macOS: brew install postgresql)."
)
_ROOT = (
    "PostgreSQL does not run as root, and this computer has no user named postgres to run it: "
    "start Whetstone as another user, or make one (useradd --system --create-home postgres)."
)


def find() -> OwnServer:
    """Return the server of this home; it need not be made yet. Raises StorageError."""
    if os.geteuid() != 0:
        return OwnServer(home.folder() / "postgres", None)
    try:
        owner = pwd.getpwnam("postgres")
    except KeyError as error:
        raise StorageError(_ROOT) from error
    # Nobody but root may enter root's home: what another user runs lies with that user.
    mark = hashlib.sha256(str(home.folder().resolve()).encode()).hexdigest()[:12]
    return OwnServer(Path(owner.pw_dir) / NAME / mark, owner.pw_name)


def program(name: str, major: str = "") -> Path | None:
    """Return the path of one of PostgreSQL's programs, of a major version; None for none."""
    for folder in _folders():
        if (folder / name).is_file() and (not major or _major(folder) == major):
            return folder / name
    return None


def _folders() -> Iterator[Path]:
    """Yield where the programs may be, those one's shell finds first, then the newest."""
    yield from (Path(each) for each in os.environ.get("PATH", "").split(os.pathsep) if each)
    for pattern in _PLACES:
        found = Path("/").glob(pattern.lstrip("/"))
        yield from sorted(found, key=lambda path: _numbers(str(path)), reverse=True)


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]


def _major(folder: Path) -> str:
    if not (folder / "postgres").is_file():
        return ""
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    found = re.search(r"(\d+)[.\w]*", said.stdout)
    return found.group(1) if found else ""


@dataclass(frozen=True)
class OwnServer:
    """Where the server's data lie, and as whom it runs where that is not whoever asks."""

    folder: Path
    user: str | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def url(self) -> str:
        """Return what WHETSTONE_DB is to say; nothing in it is secret."""
        return self._address(NAME).render_as_string(hide_password=False)

    def start(self) -> None:
        """Make the server at the first time, start it where it does not run. Raises StorageError.

        It is left running, for trainings and commands outlive the pages.
        """
        self._make_folder()
        # Two who start at once would make two.
        with home.lock(home.folder() / "postgres.lock", timeout=_SECONDS):
            if not (self.data / "PG_VERSION").exists():
                self._make()
            if not self.runs():
                self._control("start", "-l", str(self.log), "-o", shlex.join(self._options()))
            self._make_database()

    def stop(self) -> bool:
        """Stop the server as soon as what it does is done; tell whether it ran."""
        ran = self.runs()
        if ran:
            self._control("stop", "-m", "fast")
        return ran

    def runs(self) -> bool:
        """Tell whether the server runs."""
        if not (self.data / "PG_VERSION").exists():
            return False
        return self._run([*self._pg_ctl, "status"]).returncode == 0

    def _address(self, database: str) -> URL:
        query = {"host": str(self.folder), "port": _PORT}
        return URL.create("postgresql", NAME, database=database, query=query)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_permissions": "0700",
            # Where somebody logs out, systemd takes what else they have in shared memory.
            "dynamic_shared_memory_type": "mmap",
            "log_checkpoints": "off",
        }
        told = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ["-k", str(self.folder), "-p", _PORT, *told]

    def _make_folder(self) -> None:
        if len(os.fsencode(self.folder / f".s.PGSQL.{_PORT}")) > _LONGEST_PATH:
            raise StorageError(
                f"PostgreSQL cannot make its socket in {self.folder}, whose name is too long: let "
                "WHETSTONE_HOME name a folder with a shorter one."
            )
        # Made by whose it is: a link of theirs could lead root elsewhere.
        self._must("made", ["mkdir", "-p", "-m", "700", str(self.folder)])

    def _make(self) -> None:
        """Make an empty server. Only a whole one gets its name."""
        initdb = program("initdb")
        if initdb is None:
            raise StorageError(_MISSING)
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        words = ["-D", str(draft), "-U", NAME, "--auth-local=trust", "--auth-host=reject"]
        # Texts in the order of their characters, as SQLite has them; any letter has its lower case.
        words += ["-E", "UTF8", "--locale=C", f"--lc-ctype={_characters()}"]
        self._must("made", [str(initdb), *words])
        draft.rename(self.data)

    def _make_database(self) -> None:
        address = self._address("postgres")
        made = postgres.engine(address).execution_options(isolation_level="AUTOCOMMIT")
        try:
            with made.connect() as connection:
                if not _has_database(connection):
                    connection.execute(text(f"CREATE DATABASE {NAME}"))
        except DBAPIError as error:
            raise driver_errors.explained(error, str(address)) from error
        finally:
            made.dispose()

    @cached_property
    def _pg_ctl(self) -> list[str]:
        """Return the start of a command; the programs must be of the version that made the data."""
        made_by = (self.data / "PG_VERSION").read_text("ascii").strip()
        path = program("pg_ctl", made_by)
        if path is None:
            missing = (
                f"The data in {self.folder} are PostgreSQL {made_by}'s, which is not installed: "
                f"install that version (Debian: sudo apt install postgresql-{made_by}), or take "
                "them over with pg_upgrade."
            )
            raise StorageError(missing if program("pg_ctl") else _MISSING)
        return [str(path), "-D", str(self.data), "-w", "-t", str(_SECONDS)]

    def _control(self, action: str, *words: str) -> None:
        done = {"start": "started", "stop": "stopped"}[action]
        self._must(done, [*self._pg_ctl, action, *words])

    def _must(self, done: str, command: Sequence[str]) -> None:
        found = self._run(command)
        if found.returncode:
            said = found.stdout.strip().splitlines()
            reason = said[-1] if said else f"it ended with {found.returncode}"
            raise StorageError(
                f"PostgreSQL could not be {done} in {self.folder} ({reason}): {self.log} may "
                "say more."
            )

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run one of its programs as the server's user. The server itself outlives it.

        What it says goes to a file, for the server keeps what it was started with open.
        """
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            done = subprocess.run(
                command,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
            said.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, said.read())


def _characters() -> str:
    return "UTF-8" if os.uname().sysname == "Darwin" else "C.UTF-8"


def _has_database(connection: Connection) -> bool:
    asked = text("SELECT count(*) FROM pg_database WHERE datname = :name")
    return bool(connection.scalar(asked, {"name": NAME}))
