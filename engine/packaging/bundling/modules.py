"""A module of ours as a text: what it defines, and what each definition needs of others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOMS = ("engine", "storage")
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Definition:
    """A function, class or constant at the top of a module, with its comments and docstring."""

    module: str
    node: ast.stmt
    end: int
    """Its last line, that of the string that explains a constant included."""


@dataclass(frozen=True)
class Import:
    """Where a name of a module comes from: another module, or something in one."""

    module: str
    name: str = ""


class Module:
    """A module's definitions and imports by the names that it knows them under."""

    def __init__(self, name: str) -> None:
        """Read a module; use ``read`` instead."""
        self.name = name
        self.lines = _file(name).read_text("utf-8").splitlines()
        self.tree = ast.parse("\n".join(self.lines))
        self.definitions: dict[str, Definition] = {}
        self.imports: dict[str, Import] = {}
        self._note(self.tree.body)

    def text(self, definition: Definition) -> list[str]:
        """Return a definition's lines, the comments above it first."""
        node = definition.node
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        while first > 1 and self.lines[first - 2].startswith("#"):
            first -= 1
        return self.lines[first - 1 : definition.end]

    def _note(self, body: list[ast.stmt]) -> None:
        for at, node in enumerate(body):
            if isinstance(node, ast.If):
                # What only type checkers import.
                self._note(node.body)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                self.imports.update(_imported(node))
            for name in _defined(node):
                following = body[at + 1] if at + 1 < len(body) else None
                told = isinstance(following, ast.Expr) and isinstance(node, ast.Assign)
                end = following.end_lineno if told and following else node.end_lineno
                self.definitions[name] = Definition(self.name, node, end or node.lineno)


@cache
def read(name: str) -> Module:
    """Return a module of ours by its name."""
    return Module(name)


def is_ours(name: str) -> bool:
    """Tell whether a module is one of Whetstone's."""
    return name.split(".")[0] in ROOMS


def is_module(name: str) -> bool:
    """Tell whether there is a module of ours of this name; imports nothing."""
    return is_ours(name) and _file(name).is_file()


def _file(name: str) -> Path:
    return ROOT.joinpath(*name.split(".")).with_suffix(".py")


def names_in(node: ast.AST) -> Iterator[ast.Name]:
    """Yield the names that a definition uses, also those in its annotations."""
    return (each for each in ast.walk(node) if isinstance(each, ast.Name))


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Import]]:
    for alias in node.names:
        known = alias.asname or alias.name
        if isinstance(node, ast.Import):
            yield known, Import(alias.name)
            continue
        deep = f"{node.module}.{alias.name}"
        yield known, Import(deep) if is_module(deep) else Import(node.module or "", alias.name)


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (name.id for target in targets for name in names_in(target))
