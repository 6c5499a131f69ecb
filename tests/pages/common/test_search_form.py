"""The form of a search: what cannot be looked for is told, and what was found before stays."""

from __future__ import annotations

from tests.pages.conftest import Open, said


def test_a_regular_expression_is_looked_for_and_a_wrong_one_told(
    open_page: Open, sample: int
) -> None:
    app = open_page("data", section="Documents")
    app.toggle(key=f"find-{sample}-regex").set_value(True).run()
    typed = app.text_input(key=f"find-{sample}-text")
    typed.set_value("^A .* in$|[0-9]{4}").run()
    found = said(app)
    assert "matching “^A .* in$|[0-9]{4}”" in found
    assert app.query_params["search"] == "text=^A .* in$|[0-9]{4}&regex=1"

    app.text_input(key=f"find-{sample}-text").set_value("[0-9").run()
    assert '"[0-9" cannot be looked for as a regular expression' in said(app)
    assert app.text_input(key=f"find-{sample}-text").value == "[0-9"
    assert "matching “^A .* in$|[0-9]{4}”" in said(app), "the list stays as it was"

    app.toggle(key=f"find-{sample}-regex").set_value(False).run()
    assert "cannot be looked for" not in said(app)
    assert app.text_input(key=f"find-{sample}-text").value == "[0-9"
