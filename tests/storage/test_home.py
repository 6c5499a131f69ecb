"""The home folder: where it is, who may read it, how its locks and its secret behave."""

import fcntl
import os
import stat
import threading
import time

import pytest

from storage import home as place
from storage.errors import BusyError, StorageError
from tests.readonly import NOBODY, read_only

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_made_where_the_environment_says_and_is_private(tmp_path, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "deep" / "home"))
    assert place.folder() == tmp_path / "deep" / "home"
    assert mode(place.folder()) == 0o700


def test_without_the_environment_it_is_in_the_users_data_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("WHETSTONE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place.folder().is_relative_to(tmp_path)
    assert place.folder().name == "whetstone"


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(StorageError, match=r"cannot be made \(Not a directory\): set WHETSTONE"):
        place.folder()


def test_a_folder_of_another_user_is_one_sentence(new_home) -> None:
    with read_only(new_home) as copy, pytest.MonkeyPatch.context() as patch:
        copy.chmod(0)
        patch.setenv("WHETSTONE_HOME", str(copy))
        with pytest.raises(StorageError, match="belongs to another user"):
            place.folder()


def test_the_database_is_in_the_home_folder_unless_the_environment_says(home, monkeypatch):
    assert place.database_url() == f"sqlite:///{home}/whetstone.db"
    monkeypatch.setenv("WHETSTONE_DB", "postgresql://host/name")
    assert place.database_url() == "postgresql://host/name"


def test_a_run_has_a_folder_by_its_own_name(home):
    assert place.run_folder("12") == home / "runs" / "12"
    assert place.run_folder("12-5a0fce31") == home / "runs" / "12-5a0fce31"


@pytest.mark.parametrize("name", ["", "..", "../other", "a/b", "-rf", "1\n"])
def test_what_is_no_name_of_a_folder_leads_nowhere(home, name):
    with pytest.raises(StorageError, match="is no name of a run's folder"):
        place.run_folder(name)


def test_the_secret_stays_the_same_and_only_its_owner_reads_it(home):
    first = place.secret()
    assert len(first) == 32
    assert place.secret() == first
    assert mode(home / "secret") == 0o600


def test_a_secret_that_others_could_read_is_closed_to_them(home):
    first = place.secret()
    (home / "secret").chmod(0o644)
    assert place.secret() == first
    assert mode(home / "secret") == 0o600


def test_a_damaged_secret_is_one_sentence(home):
    (home / "secret").write_bytes(b"short")
    with pytest.raises(StorageError, match="is damaged: delete it"):
        place.secret()


def test_threads_that_ask_at_once_get_one_secret(home):
    gate, found = threading.Barrier(8), []

    def ask():
        gate.wait()
        found.append(place.secret())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in home.iterdir()] == ["secret"]


def test_a_lock_is_held_by_one_and_free_afterwards(home):
    path = home / "a.lock"
    with place.lock(path), pytest.raises(BusyError, match="has held"), place.lock(path, timeout=0):
        pass
    with place.lock(path, timeout=0):
        pass


def test_a_waiting_lock_gives_up_after_its_time(home):
    path = home / "a.lock"
    with place.lock(path):
        begun = time.monotonic()
        with pytest.raises(BusyError), place.lock(path, timeout=0.2):
            pass
        assert time.monotonic() - begun >= 0.2


def test_a_waiting_lock_is_taken_as_soon_as_it_is_free(home):
    path = home / "a.lock"
    inside = threading.Event()

    def hold():
        with place.lock(path):
            inside.set()
            time.sleep(0.2)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait()
    with place.lock(path, timeout=240):
        assert not holder.join()
    with place.lock(path):
        pass


def test_shared_locks_go_together_and_keep_an_exclusive_one_out(home):
    path = home / "a.lock"
    with (
        place.lock(path, shared=True, timeout=0),
        place.lock(path, shared=True, timeout=0),
        pytest.raises(BusyError),
        place.lock(path, timeout=0),
    ):
        pass


def test_a_lock_yields_the_descriptor_that_holds_it(home):
    path = home / "a.lock"
    with place.lock(path) as descriptor:
        copy = os.dup(descriptor)
    # A worker that inherited the descriptor goes on holding the lock.
    with pytest.raises(BusyError), place.lock(path, timeout=0):
        pass
    fcntl.flock(copy, fcntl.LOCK_UN)
    os.close(copy)
    with place.lock(path, timeout=0):
        pass


def test_a_lock_whose_file_was_deleted_is_not_held_by_two(home):
    first, second = place.FileLock(home / "a.lock"), place.FileLock(home / "a.lock")
    assert first.acquire()
    (home / "a.lock").unlink()
    assert second.acquire()
    assert not first.acquire()
    second.release()


@pytest.mark.parametrize("shared", [False, True])
def test_who_waited_for_a_lock_whose_file_was_deleted_waits_for_the_one_that_is_there(home, shared):
    path, waiting, entered = home / "a.lock", threading.Event(), threading.Event()

    def wait():
        waiting.set()
        with place.lock(path, shared=shared, timeout=240):
            entered.set()

    waiter = threading.Thread(target=wait)
    with place.lock(path):
        waiter.start()
        waiting.wait()
        # Once it waits it has the file open.
        time.sleep(0.05)
        path.unlink()
        other = place.lock(path, timeout=0)
        other.__enter__()
    # The first one is free now, and the second is held.
    assert not entered.wait(0.2)
    other.__exit__(None, None, None)
    waiter.join(240)
    assert entered.is_set()


@needs_root
def test_a_lock_that_root_makes_is_the_folders_owners_and_no_other_file_is_given_away(home):
    other = home / "of-root"
    other.touch()
    os.chown(home, NOBODY, NOBODY)
    (home / "linked.lock").symlink_to(other)
    (home / "dangling.lock").symlink_to(home / "to-come")
    for name in ("a.lock", "linked.lock", "dangling.lock"):
        with place.lock(home / name, timeout=0):
            pass
    assert [(home / n).stat().st_uid for n in ("a.lock", "of-root", "to-come")] == [NOBODY, 0, 0]


def test_a_lock_in_a_folder_that_is_not_there_is_one_sentence(home):
    with pytest.raises(StorageError, match="cannot be opened"), place.lock(home / "no" / "a.lock"):
        pass


def test_the_user_has_a_name_even_where_the_system_knows_none(monkeypatch):
    monkeypatch.setenv("LOGNAME", "ada")
    assert place.user_name() == "ada"
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 2**31 - 7)
    assert place.user_name() == "annotator"
