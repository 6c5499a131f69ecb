"""CSV: every figure is read back to the last digit, and a spreadsheet runs nothing of it."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from engine.exports import spreadsheet
from engine.exports.subject import Subject
from engine.formats.common.formulas import BEGINNINGS
from tests.engine.exports.subjects import HOSTILE, MANY, subject

NAMES = st.text(st.sampled_from("=+-@'\",;\t\r\nab1."), min_size=1) | st.text(min_size=1)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def check(told: Subject) -> None:
    """Hold what is read back against the report, row by row."""
    found = iter(read(spreadsheet.render(told)))
    for split, scores in told.scores.items():
        for table in scores["tables"]:
            rows = [(table["name"], row["name"], row) for row in table["rows"]]
            averages = table["averages"].items()
            rows += [(f"{table['name']} averages", f"{name} avg", row) for name, row in averages]
            for title, name, row in rows:
                line = next(found)
                assert (line["split"], line["table"]) == (split, title)
                assert line["row"] in (name, f"'{name}")
                assert [float(line[each]) for each in ("precision", "recall", "f1")] == [
                    row[each] for each in ("precision", "recall", "f1")
                ]
                assert int(line["support"]) == row["support"]
    assert next(found, None) is None


def test_its_columns() -> None:
    first = spreadsheet.render(subject()).splitlines()[0]
    assert first == "split,table,row,precision,recall,f1,support"


def test_it_reads_back_to_the_same_figures() -> None:
    check(subject())
    check(subject(MANY))


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_whatever_the_labels_are_called(labels: list[str]) -> None:
    check(subject(labels, size=4))


def test_no_cell_is_a_formula() -> None:
    rows = read(spreadsheet.render(subject(HOSTILE)))
    assert any(row["row"] == "'=1+1" for row in rows)
    assert not [row for row in rows if any(cell.startswith(BEGINNINGS) for cell in row.values())]


def test_one_split_alone() -> None:
    told = Subject("Run 7", subject().report, "token-classification", splits=("dev",))
    assert {row["split"] for row in read(spreadsheet.render(told))} == {"dev"}
