"""Migrations: they make what the models say, and a copy is kept of what they change."""

import contextlib
import multiprocessing
import shutil
import sqlite3
import textwrap

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from storage import home as place
from storage.corpus import projects
from storage.database.connection import Database
from storage.engines import revisions
from storage.engines.schema import Base
from storage.errors import BusyError, MigrationError, StorageError
from storage.runs import run_events, runs

NOW = revisions.newest()


@pytest.fixture
def next_version(tmp_path, monkeypatch):
    """A function that gives Whetstone one more migration, with these lines as its body."""

    def make(*lines: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(revisions.MIGRATIONS, folder)
        body = textwrap.indent("\n".join(lines), "    ")
        (folder / "versions" / "9000_next.py").write_text(
            "from alembic import op\nimport sqlalchemy as sa\nimport os, signal\n"
            f"revision = '9000'\ndown_revision = '{revisions.newest()}'\n"
            f"def upgrade():\n{body}\n"
        )
        monkeypatch.setattr(revisions, "MIGRATIONS", folder)

    return make


def names(path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM projects")]


def test_the_migrations_make_exactly_what_the_models_say(migrated):
    with create_engine(f"sqlite:///{migrated}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_ids_are_never_used_again(migrated):
    with contextlib.closing(sqlite3.connect(migrated)) as connection:
        made = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type='table'"))
    for table in ("projects", "documents", "annotations", "journal", "runs", "labels"):
        assert "AUTOINCREMENT" in made[table]


def test_the_newest_file_name_is_alembics_head():
    config = Config()
    config.set_main_option("script_location", str(revisions.MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [revisions.newest()]
    assert [found.revision for found in script.walk_revisions()] == revisions.known()[::-1]


def test_an_existing_database_is_copied_before_it_is_changed(db, home, next_version):
    projects.create_project(db, "News")
    db.close()
    next_version("op.add_column('projects', sa.Column('owner', sa.Text))")
    Database.open().close()
    assert revisions.of_file(home / "whetstone.db") == "9000"
    (copy,) = (home / "backups").iterdir()
    assert copy.name.startswith(f"whetstone-{NOW}-") and copy.suffix == ".db"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert revisions.of_file(copy) == NOW
    assert names(copy) == names(home / "whetstone.db") == ["News"]


def test_runs_made_before_a_wish_could_be_kept_have_none(home, tmp_path, monkeypatch):
    first = tmp_path / "first"
    shutil.copytree(revisions.MIGRATIONS, first)
    for path in (first / "versions").glob("0*.py"):
        if not path.name.startswith("0001"):
            path.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(revisions, "MIGRATIONS", first)
        Database.open().close()
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as connection:
        connection.execute("INSERT INTO projects VALUES (1, 'News', 'spans', 0, '2026')")
        connection.execute(
            "INSERT INTO runs (id, project_id, state, attempt, settings, progress, message, "
            "created_at, boot_id, cancel_requested, events_offset) "
            "VALUES (1, 1, 'failed', 1, '{}', '{}', '', '2026', '', 1, 7)"
        )
        connection.commit()
    again = Database.open()
    assert runs.cancel_requested(again, 1) and not runs.cancel_keeps(again, 1)
    assert run_events.events_offset(again, 1) == 7
    again.close()


def test_a_migration_that_fails_changes_nothing(db, home, next_version):
    projects.create_project(db, "News")
    db.close()
    next_version("op.add_column('projects', sa.Column('owner', sa.Text))", "raise OSError('no')")
    with pytest.raises(MigrationError) as caught:
        Database.open()
    (copy,) = (home / "backups").iterdir()
    assert str(caught.value) == (
        f"The database {home}/whetstone.db could not be brought up to date: the migration 9000 "
        f"failed (no). It is as it was, and a copy made before lies in {copy}. Go on with the "
        "version of Whetstone that you used before, and report this sentence."
    )
    assert revisions.of_file(home / "whetstone.db") == NOW
    with contextlib.closing(sqlite3.connect(home / "whetstone.db")) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(projects)")]
    assert "owner" not in columns


def test_a_migration_that_the_database_refuses_is_not_blamed_on_the_disk(db, home, next_version):
    db.close()
    next_version("op.execute('INSERT INTO settings (key) VALUES (1)')")
    with pytest.raises(MigrationError, match="migration 9000 failed .NOT NULL") as caught:
        Database.open()
    assert "space" not in str(caught.value)


def test_a_full_disk_is_said_to_be_full_in_a_migration_too(db, home, next_version):
    db.close()
    pages = "(SELECT page_count FROM pragma_page_count)"
    next_version(
        f"count = op.get_bind().exec_driver_sql('SELECT * FROM {pages}').scalar()",
        "op.get_bind().exec_driver_sql(f'PRAGMA max_page_count={count}')",
        "op.execute('CREATE TABLE more AS SELECT zeroblob(100000)')",
    )
    with pytest.raises(StorageError, match="free some space.*In the migration 9000. It is as it w"):
        Database.open()
    assert revisions.of_file(home / "whetstone.db") == NOW


def test_a_migration_killed_midway_is_done_whole_the_next_time(db, home, next_version):
    projects.create_project(db, "News")
    db.close()
    flag = home / "kill"
    flag.touch()
    next_version(
        "op.add_column('projects', sa.Column('owner', sa.Text))",
        f"os.path.exists({str(flag)!r}) and os.kill(os.getpid(), signal.SIGKILL)",
    )
    child = multiprocessing.get_context("fork").Process(target=Database.open)
    child.start()
    child.join()
    assert child.exitcode == -9
    assert revisions.of_file(home / "whetstone.db") == NOW
    flag.unlink()
    Database.open().close()
    assert revisions.of_file(home / "whetstone.db") == "9000"
    assert names(home / "whetstone.db") == ["News"]


def test_a_rebuilt_table_keeps_its_children(db, home, next_version):
    made = projects.create_project(db, "News")
    projects.add_labels(db, made.id, ["PER"])
    db.close()
    next_version(
        "with op.batch_alter_table('projects', recreate='always') as batch:",
        "    batch.add_column(sa.Column('owner', sa.Text))",
    )
    again = Database.open()
    assert [label.name for label in projects.list_labels(again, made.id)] == ["PER"]
    again.close()


def test_a_migration_that_orphans_rows_is_refused(db, home, next_version):
    made = projects.create_project(db, "News")
    projects.add_labels(db, made.id, ["PER"])
    db.close()
    next_version("op.execute('DELETE FROM projects')")
    with pytest.raises(StorageError, match="holds a row of labels without its projects"):
        Database.open()
    assert names(home / "whetstone.db") == ["News"]


def test_a_migration_waits_for_a_writer(db, home, next_version):
    db.close()
    next_version("op.add_column('projects', sa.Column('owner', sa.Text))")
    with place.lock(home / "write.lock"), pytest.raises(BusyError):
        Database.open(patience=0.2)
    assert revisions.of_file(home / "whetstone.db") == NOW
