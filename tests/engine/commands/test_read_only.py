"""Commands on a home that can only be read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.engine.commands.conftest import Command, assert_fails
from tests.readonly import read_only


def test_listing_and_export_work_and_an_import_says_why_not(
    run: Command, sentences: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", sentences, "--project", "p")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        target = Path(folder) / "out.conll"
        # Once as the tester: who cannot read the library cannot load its modules later.
        assert run("export", target, "--project", "p").code == 0
        expected = target.read_bytes()
        target.unlink()
        with read_only(home) as place:
            monkeypatch.setenv("WHETSTONE_HOME", str(place))
            assert run("runs").payload == {"runs": []}
            assert run("export", target, "--project", "p").payload["documents"] == 2
            assert target.read_bytes() == expected
            more = Path(folder) / "more.conll"
            more.write_text("Zoe B-PER\n")
            assert_fails(run("import", more, "--project", "p"), "can be read but not changed")
