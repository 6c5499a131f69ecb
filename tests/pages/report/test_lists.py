"""Whatever a model says: every number of spans on the page is the number of rows it opens."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.evaluation.confusion import Confusion
from engine.evaluation.findings import weakest
from engine.tasks.spans.metrics import levels, scoring
from pages.widgets.parts import lists, table
from storage.cells import ANY, Cell, Only
from storage.corpus import documents
from storage.database.connection import Database
from storage.runs import reports
from storage.types import Document, Run, RunState, Span, Split

WORDS = tuple((2 * n, 2 * n + 1) for n in range(8))
TEXT = " ".join("abcdefgh")
# Labels that look like tags, the parts of tags, or the words for what is not there.
LABELS = ("PER", "B-PER", "O", "a-b", "missed")
# Some spans end within a word, where no tag can: they count as spans all the same.
spans = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 5), st.sampled_from(LABELS)),
    max_size=4,
    unique=True,
).map(lambda found: tuple(Span(2 * n, 2 * n + size, label) for n, size, label in found))
drawn = st.lists(st.tuples(spans, spans), min_size=1, max_size=4)


@given(drawn=drawn)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_number_of_spans_is_the_number_of_rows_it_opens(
    db: Database, sample: int, make_run: Callable[..., Run], drawn: list
) -> None:
    known = documents.list_ids(db, sample)
    gold = [Document(TEXT, WORDS, g, id=id) for (g, _), id in zip(drawn, known, strict=False)]
    predicted = [p for _, p in drawn]
    matches = scoring.match_documents(gold, predicted)
    scores = levels.to_scores(scoring.score_matches(gold, predicted, matches))
    run = make_run(RunState.DONE)
    reports.store_report(db, run.id, {"test": scores}, {Split.TEST: matches})

    def opened(cell: Cell) -> int:
        rows = reports.cell(db, cell, limit=1000).rows
        assert len(rows) == reports.count_cell(db, cell)
        return len(rows)

    found = Confusion.of(scores)
    data = table.describe(found, None)
    for name, counts in zip(found.rows, data["counts"], strict=True):
        assert sum(counts) == opened(Cell(run.id, "test", name))
        for column, count in zip(found.columns, counts, strict=True):
            assert count == opened(Cell(run.id, "test", name, column))
    for column, numbers in zip(found.columns, zip(*data["counts"], strict=True), strict=True):
        assert sum(numbers) == opened(Cell(run.id, "test", ANY, column))
    for *part, _, count in data["mistakes"]:
        assert count == opened(Cell(run.id, "test", *part))
    for view in lists.of(scores, run, "test").values():
        for each in view.tables:
            for row in each.rows:
                for name in {"errors", "count"} & row.figures.keys():
                    assert row.figures[name] == opened(row.part(name)), (each.name, row)
                if each.name == "labels":
                    assert row.figures["support"] == opened(row.part("support"))
    errors = opened(Cell(run.id, "test", ANY, only=Only.ERRORS))
    assert errors == sum(mistake.count for mistake in found.mistakes())
    if worst := weakest(scores):
        assert worst.support == opened(Cell(run.id, "test", worst.label))
        for mistake in worst.mistakes:
            assert mistake.count == opened(mistake.cell(run.id, "test"))
