"""What is asked is kept where a project wants it, with what the model made of it; else nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from engine.serving.asking.questions import Answer, AnswerError, Question
from engine.serving.models.switching import Switching
from engine.serving.running import keeping
from engine.serving.running.keeping import Keeper
from storage.database.connection import Database
from storage.engines.schema import ServedTextRow
from storage.serving import kept
from tests.engine.serving import runs
from tests.engine.serving.running.served import promotable


class Asked(Switching):
    """Models of which only one thing is asked: whether texts are strange."""

    async def unlike(self, questions: Sequence[Question]) -> list[bool]:
        if any(each.text == "dies" for each in questions):
            raise AnswerError("died")
        return ["strange" in each.text for each in questions]


def rows(db: Database) -> list[tuple]:
    row = ServedTextRow
    query = select(row.text, row.spans, row.doubt, row.unlike, row.run_id).order_by(row.id)
    with db.read() as session:
        return [tuple(each) for each in session.execute(query)]


def keep(db: Database, run: int, *texts: str) -> None:
    async def hear() -> None:
        keeper = Keeper(db, 1, Asked())
        keeper.refresh()
        model = runs.describe(1, run_id=run)
        answer = Answer([(0, 3, "person", 0.5)], None, 0.25)
        keeper.hear(model, [Question(text) for text in texts], [answer] * len(texts))
        keeper.hear(model, [Question("looked for", top=3)], [Answer()])
        task = asyncio.create_task(keeper.run())
        until = time.monotonic() + 30
        while kept.days(db, 1) and not set(texts) <= {row[0] for row in rows(db)}:
            assert time.monotonic() < until, "waited in vain"
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await keeper.finish()

    asyncio.run(hear())


def test_nothing_is_kept_until_the_project_wants_it(
    db: Database, home: Path, bert: Path, monkeypatch
) -> None:
    monkeypatch.setattr(keeping, "KEEP_SECONDS", 0.01)
    (run,) = promotable(db, home, bert, 1)
    keep(db, run, "Ada", "strange")
    assert rows(db) == []
    kept.keep_for(db, 1, 30)
    keep(db, run, "Ada", "strange")
    spans = [[0, 3, "person", 0.5]]
    assert rows(db) == [("Ada", spans, 0.25, False, run), ("strange", spans, 0.25, True, run)]
    keep(db, run, "dies", "strange too")
    assert [row[3] for row in rows(db)[2:]] == [False, False]
    kept.keep_for(db, 1, 0)
    assert rows(db) == []
