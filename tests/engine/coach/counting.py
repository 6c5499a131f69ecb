"""How much a database is asked."""

from sqlalchemy import event

from storage.database.connection import Database


class Counted:
    """Counts the statements that are sent to a database while it is asked."""

    def __init__(self, db: Database) -> None:
        self.statements: list[str] = []
        event.listen(db._reader, "before_cursor_execute", self._take)

    def _take(self, connection, cursor, statement, *rest) -> None:
        self.statements.append(statement)
