"""What PostgreSQL needs: the driver's name, migrations under a lock, the runner's lock."""

from __future__ import annotations

import threading
import uuid
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from storage.engines import driver_errors, revisions
from storage.engines.queries import dumps
from storage.errors import StorageError

# Advisory locks are numbers; these two are Whetstone's, chosen at random once.
MIGRATION_LOCK = 748_210_331
RUNNER_LOCK = 748_210_332

# A connection on which nothing comes back ends within a minute: who leads through it must know.
LIVELY = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}

# So many connections stay, for each is a process of the server's that takes a while to begin; and
# so many there may be, one for each thread that answers.
KEPT, THREADS = 20, 40

# The server, too, must notice within half a minute that the machine of whoever leads is gone: by
# itself it asks after two hours, and so long nobody else would lead.
_NOTICING = (
    "SET tcp_keepalives_idle = 15",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)

# A process that is stopped, not dead, keeps its connections, for its system answers for it. Who
# has said nothing for so long, by the server's clock, does not lead.
SILENT_SECONDS = 30.0

# With all its connections, which its name tells: what it was in the middle of holds rows that
# others wait for, and is not to be done when it wakes.
_END_SILENT = text(
    "SELECT pg_terminate_backend(its.pid) FROM pg_locks held "
    "JOIN pg_stat_activity leader ON leader.pid = held.pid "
    "JOIN pg_stat_activity its USING (datid, usename, application_name) "
    "WHERE held.locktype = 'advisory' AND held.classid = 0 AND held.objid = :n AND held.granted "
    "AND leader.datname = current_database() AND held.database = leader.datid "
    "AND clock_timestamp() - leader.state_change > make_interval(secs => :silent)"
)

_HASTY = "SET LOCAL synchronous_commit TO OFF"

# A reader sees one moment of the database, as it does on SQLite.
ONE_MOMENT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def engine(url: URL) -> Engine:
    """Return an engine for a server; raises StorageError where the driver is not installed."""
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    own = {}
    if url.get_driver_name() == "psycopg":
        # By which the server knows what is one process's.
        own = {"application_name": f"whetstone {uuid.uuid4().hex}"}
        url = url.set(query={**LIVELY, **url.query})
    try:
        sizes = {"pool_size": KEPT, "max_overflow": THREADS - KEPT}
        return create_engine(
            url, connect_args=own, json_serializer=dumps, pool_pre_ping=True, **sizes
        )
    except ImportError as error:
        raise StorageError(
            f"PostgreSQL needs a driver that is not installed ({error.name}): "
            'run pip install "psycopg[binary]".'
        ) from error


def hasty(made: Engine) -> Engine:
    """Return an engine over the same connections whose commits wait for no disk."""
    other = made.execution_options()
    event.listen(other, "begin", lambda connection: connection.exec_driver_sql(_HASTY))
    return other


def prepare(made: Engine) -> None:
    """Bring the server's database to the newest revision; one process at a time does it."""
    with made.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
        revision = _revision(connection)
        if revision == revisions.newest():
            return
        place = made.url.render_as_string(hide_password=True)
        revisions.check(revision, place)
        with revisions.named(place, None):
            revisions.upgrade(connection)


class Described(NamedTuple):
    """A server's database: its URL without the password, versions, and how large it is."""

    place: str
    version: str
    revision: str | None
    size: int


def described(url: str) -> Described:
    """Return what a server says of itself and of a database; raises StorageError."""
    made = engine(make_url(url))
    place = made.url.render_as_string(hide_password=True)
    try:
        with made.connect() as connection:
            version = connection.scalar(text("SHOW server_version")) or ""
            size = connection.scalar(text("SELECT pg_database_size(current_database())")) or 0
            revision = _revision(connection)
            revisions.check(revision, place)
            return Described(place, version, revision, size)
    except DBAPIError as error:
        raise driver_errors.explained(error, place) from error
    finally:
        made.dispose()


class RunnerLock:
    """The right to claim runs, held through one connection to the server.

    Who holds it must ask for it, or ``beat``, more often than every SILENT_SECONDS: else the server
    ends the connection for the next one that asks.
    """

    def __init__(self, made: Engine):
        self._engine = made
        self._connection: Connection | None = None
        # One connection is no two threads' at once.
        self._turn = threading.Lock()

    def acquire(self) -> bool:
        """Take the lock if it is free and return whether this object holds it now.

        Who has it asks again and again: a server that went away took the lock with it.
        Raises StorageError where the server cannot be reached.
        """
        try:
            with self._turn:
                if not self._alive():
                    self._connection = self._taken()
                return self._connection is not None
        except DBAPIError as error:
            url = self._engine.url.render_as_string(hide_password=True)
            raise driver_errors.explained(error, url) from error

    def beat(self) -> None:
        """Tell the server that whoever holds the lock lives, also while it is busy."""
        with self._turn:
            self._alive()

    def release(self) -> None:
        """Give the lock back if it is held; whoever asks next may have it."""
        with self._turn:
            if self._connection is None:
                return
            # Said, not only hung up: a server may take a moment to see that a connection ended.
            # Where it has ended already, the lock went with it.
            with suppress(DBAPIError):
                self._connection.scalar(text("SELECT pg_advisory_unlock(:n)"), {"n": RUNNER_LOCK})
            self._forget()

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _alive(self) -> bool:
        """Tell whether the connection is the one that took the lock; forget it where not."""
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError:
            self._forget()
            return False
        return True

    def _taken(self) -> Connection | None:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": RUNNER_LOCK}):
            for setting in _NOTICING:
                connection.execute(text(setting))
            return connection
        connection.execute(_END_SILENT, {"n": RUNNER_LOCK, "silent": SILENT_SECONDS})
        connection.close()
        return None


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))
