"""What an answer is in edits."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.modules import run

pytestmark = pytest.mark.browser
ANSWER = """
const spans = new Map(given.marks.map((mark) => [mark.id, mark]));
return m.answering({ spans }, given.label).map(({ kind, id, label, span }) =>
  [kind, id ?? "", label ?? span?.label ?? "", span?.source ?? "person"]);
"""
RELABELLED = ["relabel", "a", "match", "person"]
AS_NEW = [["remove", "a", "", "person"], ["add", "", "match", "person"]]


@pytest.mark.parametrize(
    ("label", "source", "edits"),
    [
        ("match", "person", []),
        ("no match", "person", [RELABELLED]),
        ("no match", "model", [RELABELLED]),
        # What nobody chose is a person's answer from now on, the same one or another.
        ("no match", "sampled", AS_NEW),
        ("match", "mined", AS_NEW),
    ],
)
def test_an_answer_takes_the_place_of_another(site: Page, label, source, edits) -> None:
    mark = {"id": "a", "label": label, "source": source}
    given = {"marks": [mark], "label": "match"}
    assert run(site, "choosing/answers", ANSWER, given) == edits
