"""Where runs train: what was chosen in Settings, for the whole home."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlsplit

from engine import launchers
from engine.launchers import Cluster, Launcher
from storage.database import settings
from storage.database.connection import Database
from storage.errors import InputError
from storage.permissions import Ability, needs
from storage.types import Run

LAUNCHER, CLUSTER = "launcher", "ray_cluster"


def chosen(db: Database) -> str:
    """Return where new runs train unless they say so themselves: "local" or "ray"."""
    return settings.get(db, LAUNCHER, "local")


def cluster(db: Database) -> Cluster:
    """Return the Ray cluster that was named last."""
    return Cluster(**settings.get(db, CLUSTER, {}))


@needs(Ability.ADMINISTER)
def choose(db: Database, launcher: str, cluster: Cluster) -> None:
    """Store where new runs train, and which Ray cluster is meant.

    Raises:
        InputError: there is no such launcher, or an address is none.
    """
    if launcher not in launchers.NAMES:
        known = ", ".join(launchers.NAMES)
        raise InputError(f"The launcher {launcher!r} is unknown; choose from {known}.")
    settings.put(db, CLUSTER, asdict(checked(cluster)))
    settings.put(db, LAUNCHER, launcher)


def checked(cluster: Cluster) -> Cluster:
    """Return the cluster if its address and storage can be meant, else raise InputError."""
    address = urlsplit(cluster.address)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise InputError(
            f"{cluster.address!r} is no address of a Ray cluster: give the one of its dashboard, "
            "like http://127.0.0.1:8265."
        )
    if cluster.storage and "://" not in cluster.storage:
        raise InputError(
            f"The storage {cluster.storage!r} is no URL: write file:///mnt/shared for a folder, "
            "or leave it empty where the cluster sees the home folder."
        )
    return cluster


def launcher_of(db: Database, run: Run) -> Launcher:
    """Return the launcher that a run asks for."""
    name = str(run.settings.get("launcher", "local"))
    return launchers.of(name, cluster(db) if name == "ray" else Cluster())
