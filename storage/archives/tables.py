"""Which rows of the database belong to a project: every table that leads to it by its parents."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Column, ColumnElement, ForeignKey, Table, select

from storage.engines.schema import Base

# Beside the tables of a project: what belongs to a whole home, or to its people.
PROJECTS = "projects"
# References that are no foreign keys, because what they name may be gone.
LOOSE = {
    ("journal", "action_id"): "actions",
    ("steps", "journal_id"): "journal",
    ("actions", "reverses"): "actions",
    ("runs", "journal_id"): "journal",
    ("runs", "model_of"): "runs",
    ("labels", "merged_into"): "labels",
    ("suggestion_outcomes", "entry"): "journal",
    ("threads", "run_id"): "runs",
    ("label_examples", "document_id"): "documents",
    ("notebook_entries", "run_id"): "runs",
    ("notebook_entries", "closed_run_id"): "runs",
    ("notebook_entries", "journal_id"): "journal",
    ("promotions", "run_id"): "runs",
    ("notebook_entries", "closed_journal_id"): "journal",
}


@cache
def of_project() -> tuple[Table, ...]:
    """Return the tables whose rows go where a project goes, parents before children.

    Keys of its callers, and what they asked, stay where they are (``STAYS``).
    """
    return tuple(
        table
        for table in Base.metadata.sorted_tables
        if table.name == PROJECTS or (_owner(table) is not None and not table.info.get("stays"))
    )


def rows_of(table: Table, project_id: int) -> ColumnElement[bool]:
    """Return the condition that a row belongs to the project."""
    if table.name == PROJECTS:
        return table.c.id == project_id
    found = _owner(table)
    assert found, "only tables that lead to a project are asked for"
    column, parent = found
    if parent.name == PROJECTS:
        return column == project_id
    key = _key(parent)
    return column.in_(select(key).where(rows_of(parent, project_id)))


def order(table: Table) -> list[Column]:
    """Return the columns by which rows have one order."""
    return list(table.primary_key.columns)


def referred(table: Table) -> dict[str, str]:
    """Return the tables that columns of numbers refer to, by the column's name."""
    found = {
        key.parent.name: key.column.table.name
        for key in table.foreign_keys
        if key.parent is not None
    }
    loose = {column: to for (name, column), to in LOOSE.items() if name == table.name}
    own = {"id": table.name} if "id" in table.c else {}
    return found | loose | own


def _owner(table: Table) -> tuple[Column, Table] | None:
    """Return the column that leads towards the project, and the table it leads to."""
    keys = [key for key in table.foreign_keys if key.ondelete == "CASCADE"]
    # The shortest way first: the project itself, else what leads to one.
    keys.sort(key=lambda key: (key.column.table.name != PROJECTS, _place(key)))
    for key in keys:
        parent = key.column.table
        if parent.name == PROJECTS or _owner(parent) is not None:
            return key.parent, parent
    return None


def _place(key: ForeignKey) -> int:
    return list(key.parent.table.c).index(key.parent)


def _key(table: Table) -> Column:
    (key,) = table.primary_key.columns
    return key
