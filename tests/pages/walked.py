"""A list as a page hands it to the browser, and what the browser asks of the page."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def sent(app: AppTest) -> dict[str, Any] | None:
    """Return what the page of now sends to its list; None where it shows none."""
    sent = (each.proto.json for each in app.get("bidi_component"))
    # The menu is given nothing.
    found = [json.loads(each) for each in sent if each]
    return next((data for data in found if "opened" in data and "rows" in data), None)


def rows(app: AppTest) -> list[dict[str, Any]]:
    """Return the rows on the page of the list that is shown."""
    data = sent(app)
    return data["rows"] if data else []


def ask(app: AppTest, key: str, **wish: Any) -> None:
    """Ask the page for something as the list with this key does: ``page={...}``, ``open={...}``."""
    app.session_state[f"walk-{key}"] = {name: {"n": 1, **each} for name, each in wish.items()}
    app.run()
    assert not app.exception, app.exception
