"""CSV: one tidy table of all figures, safe to open in a spreadsheet (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from engine.exports import contents
from engine.exports.plain import plain
from engine.exports.subject import Subject
from engine.formats.common.formulas import neutral

COLUMNS = ("split", "table", "row", *contents.RATES, "support")


def render(subject: Subject) -> str:
    """Return a row for each row of each table; averages are a table of their own."""
    text = io.StringIO(newline="")
    # Lines end as RFC 4180 says: else Python leaves a "\r" within a name unquoted.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for split, scores in subject.scores.items():
        for table in scores["tables"]:
            for row in contents.rows(table):
                name = f"{table['name']} averages" if row.is_average else table["name"]
                figures = (row.figures[each] for each in COLUMNS[3:])
                writer.writerow(map(neutral, (split, name, row.name, *figures)))
    return text.getvalue()


def cells(rows: Iterable[Iterable[Any]]) -> str:
    """Return rows as text that becomes cells where it is pasted: tabs between, a line each."""
    return "\n".join("\t".join(_cell(value) for value in row) for row in rows)


def _cell(value: Any) -> str:
    """Return a value on one line; numbers as every spreadsheet reads them, to six digits."""
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(neutral(plain(value) if isinstance(value, str) else value))
