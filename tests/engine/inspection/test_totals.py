"""Every number is that of the rows behind it, for random gold and predicted spans in a database."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import tasks
from engine.evaluation.confusion import Confusion
from engine.inspection import facts
from engine.tasks.spans.metrics.scoring import match_documents
from storage.cells import ANY, MISSED, SPURIOUS, Cell, Only
from storage.corpus import documents
from storage.database.connection import Database
from storage.facts import GOLD, PREDICTED, RIGHT, WRONG, Between, Filter
from storage.runs import filtering, reports, runs
from storage.types import Document, Run, Span, Split

TEXT = "a b c d e f g h"
TOKENS = tuple((at, at + 1) for at in range(0, len(TEXT), 2))
LABELS = ("PER", "ORG")
TASK = tasks.get("spans")
SPANS = st.lists(
    st.builds(
        lambda at, length, label: Span(2 * at, min(2 * (at + length), 16) - 1, label, score=0.5),
        *(st.integers(0, 7), st.integers(1, 4), st.sampled_from(LABELS)),
    ),
    max_size=5,
    unique=True,
)
DRAWN = st.lists(st.tuples(SPANS, SPANS), min_size=2, max_size=2)
FILTERS = st.sampled_from(
    [
        Filter(),
        Filter(seen=True),
        Filter(seen=False, label="PER"),
        Filter(length=Between(2, 4)),
        Filter(error=WRONG),
        Filter("split"),
    ]
)


@pytest.fixture
def ids(db: Database, project: int) -> list[int]:
    texts = [Document(TEXT, TOKENS, name=f"d{n}") for n in range(2)]
    documents.add_documents(db, project, texts, "ada")
    return documents.list_ids(db, project)[-2:]


@pytest.fixture
def run(db: Database, project: int) -> Run:
    return runs.create_run(db, project, {})


@given(drawn=DRAWN, asked=FILTERS)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_kinds_cells_and_sums_are_the_rows_that_open(
    db: Database, run: Run, ids: list[int], drawn: list, asked: Filter
) -> None:
    texts = [
        Document(TEXT, TOKENS, tuple(sorted(gold)), id=id)
        for id, (gold, _) in zip(ids, drawn, strict=True)
    ]
    predicted = [sorted(found) for _, found in drawn]
    matches = match_documents(texts, predicted)
    train = Document(TEXT, TOKENS, (Span(0, 3, "PER"),))
    known = TASK.facts(texts, matches, [train])
    reports.store_report(db, run.id, {}, {Split.TEST: matches}, {Split.TEST: known})

    def rows(gold: str, to: str = ANY, only: Only = Only.ALL, by: Filter = Filter()) -> int:
        both = asked.meet(by)
        return 0 if both is None else len(_opened(db, Cell(run.id, "test", gold, to, only, both)))

    # The kinds share out all that is wrong: each span once, as false negatives and positives.
    scores = facts.recount(db, run, "test", TASK, asked)
    table, micro = Confusion.of(scores), scores["tables"][0]["averages"]["micro"]
    right = sum(table.exact)
    for side, total in ((GOLD, micro["support"]), (PREDICTED, micro["predicted"])):
        of_kinds = [rows(ANY, by=Filter(kind, side=side)) for kind in TASK.error_kinds]
        assert sum(of_kinds) == total - right == rows(ANY, by=Filter(WRONG, side=side))
        assert rows(ANY, by=Filter(side=side)) == total
    assert rows(ANY, by=Filter(RIGHT)) == right
    assert rows(ANY, only=Only.ERRORS) == rows(ANY, by=Filter(WRONG))

    # Cells, sums of rows and columns, and the figures of each label.
    for gold, counts in zip(table.rows, table.counts, strict=True):
        for to, number in zip(table.columns, counts, strict=True):
            assert rows(gold, to) == number
    for row in scores["tables"][0]["rows"]:
        assert rows(row["name"]) == row["support"] == table.count(row["name"], ANY)
        assert rows(ANY, row["name"]) == row["predicted"]
    assert rows(SPURIOUS, MISSED) == 0
    assert sum(each.count for each in filtering.tally(db, run.id, "test", asked)) == rows(ANY)


def _opened(db: Database, cell: Cell) -> tuple:
    found = reports.cell(db, cell, limit=100).rows
    assert len(found) == reports.count_cell(db, cell)
    return found
