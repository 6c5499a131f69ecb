"""The loop is gone through on both databases: the app is told of a server as people tell it."""

import pytest

from tests.storage.conftest import ENGINES, copied, postgres

__all__ = ["copied", "postgres"]


@pytest.fixture(autouse=True, params=ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the app stores, from its start on."""
    if request.param == "postgresql":
        monkeypatch.setenv("WHETSTONE_DB", request.getfixturevalue("copied"))
    return request.param
