"""Where runs train is chosen once for the home, and each run keeps what it was queued with."""

from __future__ import annotations

import pytest

from engine.configuration.settings import Settings
from engine.launchers import Cluster, Local, Ray
from engine.runner import launching
from storage.database.connection import Database
from storage.errors import InputError
from storage.runs import runs


def test_this_computer_is_the_default(db: Database) -> None:
    assert launching.chosen(db) == "local"
    assert launching.cluster(db) == Cluster()


def test_a_choice_is_kept(db: Database) -> None:
    cluster = Cluster("https://head.example:443", "s3://bucket/runs", gpu=True)
    launching.choose(db, "ray", cluster)
    assert (launching.chosen(db), launching.cluster(db)) == ("ray", cluster)


@pytest.mark.parametrize(
    ("launcher", "cluster", "message"),
    [
        ("slurm", Cluster(), "The launcher 'slurm' is unknown; choose from local, ray"),
        ("ray", Cluster("head:8265"), "'head:8265' is no address of a Ray cluster"),
        ("ray", Cluster("ray://head:10001"), "is no address of a Ray cluster"),
        ("ray", Cluster(storage="/mnt/shared"), "write file:///mnt/shared for a folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    db: Database, launcher: str, cluster: Cluster, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        launching.choose(db, launcher, cluster)
    assert launching.chosen(db) == "local"


def test_a_run_is_launched_as_it_says(db: Database, project: int) -> None:
    launching.choose(db, "ray", Cluster())
    here = runs.create_run(db, project, {"launcher": Settings().launcher})
    there = runs.create_run(db, project, {"launcher": "ray"})
    old = runs.create_run(db, project, {})
    assert [type(launching.launcher_of(db, run)) for run in (here, there, old)] == [
        Local,
        Ray,
        Local,
    ]
