"""A home, a model, and a Ray cluster of two nodes here for as long as a module's tests last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine.configuration.settings import Settings
from engine.models import loading
from engine.runs import checkpoints, spec
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from storage.database.connection import Database

LABELS = ("person", "place")


@pytest.fixture(scope="module")
def folder(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run whose model predicts all kinds of tags."""
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(3)
    loaded = loading.load_base(bert, LABELS)
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
    settings = Settings(threads=1, device="cpu")
    spec.write(folder, RunSpec(1, 1, "p", LABELS, str(bert), settings))
    checkpoints.write_whole(folder / MODEL, lambda draft: loading.save(loaded, draft))
    return folder


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    """A home whose database is open."""
    db = Database.open()
    yield db
    db.close()


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[str]:
    """The address of a cluster with two raylets of a core each."""
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    # Nobody looks at pages or at logs, and no machine is added by load: a process each.
    own = {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True}
    cluster = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 1, **own})
    try:
        cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes(timeout=240)
        yield cluster.address
    finally:
        cluster.shutdown()
