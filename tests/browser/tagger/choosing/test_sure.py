"""What is said of how often a sure model was right on dev, before all that is accepted."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser


def label(name: str, documents: int, right: int, total: int) -> dict[str, Any]:
    return {"label": name, "documents": documents, "right": right, "total": total}


@pytest.mark.parametrize(
    ("right", "total", "labels", "said"),
    [
        (0, 0, [label("a", 3, 0, 0)], "on dev it was never so sure"),
        (9, 10, [label("a", 3, 9, 10)], "on dev 90 % of such answers are right (9 of 10)"),
        (
            *(9, 10),
            [label("a", 1, 1, 2), label("b", 1_200, 8, 8)],
            "on dev 90 % of such answers are right (9 of 10), of “a” 50 % (1 of 2), "
            "given to 1 document",
        ),
        (
            *(9, 10),
            [label("new", 4, 0, 0), label("b", 2, 9, 10)],
            "on dev 90 % of such answers are right (9 of 10), but never “new”, "
            "given to 4 documents",
        ),
    ],
)
def test_the_label_that_was_right_least_often_is_named(
    site: Page, right: int, total: int, labels: list, said: str
) -> None:
    given = {"right": right, "total": total, "labels": labels}
    assert run(site, "choosing/sure", "return m.describeRecord(given)", given) == said
