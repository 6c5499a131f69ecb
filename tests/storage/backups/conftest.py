"""A disk without space."""

import resource

import pytest


@pytest.fixture
def full_disk():
    """Let no file grow beyond a few kilobytes, as if there were no space for it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
