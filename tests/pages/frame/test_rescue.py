"""What every page says of the store: why nothing is saved, or what was lost, until it was read."""

from __future__ import annotations

from pathlib import Path

from storage.backups import noted
from storage.backups.noted import Checked
from tests.pages.conftest import Open, button, plain


def test_what_the_log_had_lost_stands_on_every_page_until_it_was_read(
    open_page: Open, sample: int, home: Path
) -> None:
    path = home / "whetstone.db"
    noted.note(path, Path(f"{path}-wal"), Checked("2026", 0.0, 3, "Three pages are lost.", 0))
    app = open_page("guideline")
    assert plain(app.warning[0].value) == "Three pages are lost."
    button(app, "I have read it").click().run()
    assert not app.exception and not app.warning
    assert noted.of_log(path) is None
