"""An error on a page is a sentence; what nobody expected is in the log under its reference."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

import app
from pages.widgets.frame import rescue
from tests.pages.conftest import TIMEOUT


def _page() -> None:
    from pages.widgets.common import errors

    try:
        dict[str, str]()["project"]
    except KeyError as error:
        errors.show(error)


def test_an_unexpected_error_is_a_sentence_and_its_reference_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = AppTest.from_function(_page, default_timeout=TIMEOUT).run()
    assert not page.exception
    said = page.error[0].value
    assert "Reload the page" in said
    assert "KeyError" not in said
    assert "Traceback" not in said
    reference = re.search(r"Reference (\w{8})", said)[0]
    logged = next(each for each in caplog.records if each.getMessage() == reference)
    assert logged.exc_info[0] is KeyError
    assert app.app._on_script_error is rescue.show
