"""Tables show what they are given, and hand a spreadsheet nothing that it would run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from pages.widgets.common import tables
from tests.pages.conftest import TIMEOUT

PAGES = Path(tables.__file__).parents[2]


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        *((text, f"'{text}") for text in ("=1", "+a", "-a", "@A", "\t=1", "\r=1", "=", "-1\n")),
        *((value, value) for value in ("a=1", "", "-0.5", "+1e3", "’", 7, 0.5, None)),
    ],
)
def test_no_text_becomes_a_formula(value, safe) -> None:
    assert tables.neutral(value) == safe


def test_a_formula_is_handed_over_as_text_and_shown_as_it_is() -> None:
    def page() -> None:
        import pandas as pd

        from pages.widgets.common import tables

        given = {"=Name": ["=1+1", "plain"], "F1": [0.5, float("nan")], "n": [1, 2]}
        tables.show(pd.DataFrame(given), hide_index=True)

    found = AppTest.from_function(page, default_timeout=TIMEOUT).run().dataframe[0]
    assert found.value.to_dict("list")["'=Name"] == ["'=1+1", "plain"]
    style = found.proto.arrow_data.styler
    shown = pa.ipc.open_stream(style.display_values).read_all().to_pydict()
    assert list(shown.values())[:2] == [["=1+1", "plain"], ["0.5", ""]]
    assert '"=Name"' in found.proto.columns


def test_no_page_shows_a_table_in_any_other_way() -> None:
    sources = [path for path in PAGES.rglob("*.py") if path.name != "tables.py"]
    raw = ("st.dataframe(", "st.data_editor(", ".dataframe(")
    assert [path.name for path in sources if any(way in path.read_text() for way in raw)] == []


def test_other_tables_are_left_as_they_are() -> None:
    given = pd.DataFrame({"Name": ["a", None], "n": [1, 2]})

    def page(given) -> None:
        from pages.widgets.common import tables

        tables.show(given)
        tables.show([{"Key": "-"}, {"Key": "Ctrl+A"}])

    found = AppTest.from_function(page, args=(given,), default_timeout=TIMEOUT).run()
    assert not found.exception
    assert not found.dataframe[0].proto.arrow_data.styler.display_values
    pd.testing.assert_frame_equal(found.dataframe[0].value, given, check_dtype=False)
