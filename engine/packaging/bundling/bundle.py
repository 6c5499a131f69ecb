"""Gathers definitions from our modules into one file that stands by itself.

A rule is written once, and a package has the very lines: words, shapes, windows and the best
tags cannot come out differently elsewhere. From each module come only the functions, classes and
constants that something needs; where modules call something else by one name, that is an error.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.packaging.bundling import modules
from engine.packaging.bundling.modules import Definition, Import

FUTURE = "from __future__ import annotations"


def bundle(roots: Iterable[tuple[str, str]], told: str, last: str = "") -> str:
    """Return a module's source that holds the roots, (module, name), and what they need.

    ``told`` is its docstring and ``last`` stands at its end. Raises ValueError where two
    definitions have one name.
    """
    found = _Gathered()
    for module, name in roots:
        found.need(module, name)
    head = "\n\n".join([f'"""{told}"""', FUTURE, found.imports()])
    return "\n\n\n".join(filter(None, [head, *found.parts(), last])) + "\n"


@dataclass
class _Gathered:
    """What was found to be needed, in an order in which Python can read it."""

    kept: dict[str, dict[str, Definition]] = field(default_factory=lambda: defaultdict(dict))
    foreign: set[tuple[str, Import]] = field(default_factory=set)
    """What other people's modules give, under the name by which it is called."""
    owners: dict[str, str] = field(default_factory=dict)

    def need(self, module: str, name: str) -> None:
        """Take in a module's definition and all that it needs itself."""
        if name in modules.read(module).imports:
            self._follow(module, name, "")
            return
        definition = modules.read(module).definitions[name]
        if name in self.kept[module]:
            return
        self._own(name, module)
        self.kept[module][name] = definition
        for each in ast.walk(definition.node):
            if isinstance(each, ast.Name):
                self._follow(module, each.id, "")
            elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
                self._follow(module, each.value.id, each.attr)

    def _own(self, name: str, module: str) -> None:
        if self.owners.setdefault(name, module) != module:
            raise ValueError(f"{name} is in {module} and in {self.owners[name]}")

    def _follow(self, module: str, name: str, attribute: str) -> None:
        known = modules.read(module)
        if name in known.definitions:
            self.need(module, name)
        elif name in known.imports:
            source = known.imports[name]
            if not modules.is_ours(source.module):
                self.foreign.add((name, source))
                self._own(name, source.module)
            elif source.name:
                self.need(source.module, source.name)
            elif attribute:
                self.need(source.module, attribute)

    def imports(self) -> str:
        """Return the import statements, the standard library's and others' alike."""
        whole, parts = set(), defaultdict(set)
        for name, source in self.foreign:
            alias = "" if name == (source.name or source.module) else f" as {name}"
            if source.name:
                parts[source.module].add(f"{source.name}{alias}")
            else:
                whole.add(f"import {source.module}{alias}")
        some = {
            f"from {module} import {', '.join(sorted(names))}" for module, names in parts.items()
        }
        return "\n".join([*sorted(whole), *sorted(some)])

    def parts(self) -> Iterable[str]:
        """Yield the source of what was gathered, module by module."""
        for module in self._in_order():
            yield from _sources(modules.read(module), self.kept[module].values())

    def _in_order(self) -> list[str]:
        """Return the modules, each after those that it imports from."""
        found: list[str] = []

        def visit(module: str) -> None:
            if module in self.kept and module not in found:
                for source in modules.read(module).imports.values():
                    visit(source.module)
                found.append(module)

        for module in sorted(self.kept):
            visit(module)
        return found


def _sources(module: modules.Module, definitions: Iterable[Definition]) -> Iterable[str]:
    # Several names may be of one statement.
    once = {each.node.lineno: each for each in definitions}
    for _, definition in sorted(once.items()):
        yield "\n".join(_plain(module, definition))


def _plain(module: modules.Module, definition: Definition) -> list[str]:
    """Return a definition's lines; what it calls by a module of ours is called by its name."""
    lines = module.text(definition)
    shift = definition.end - len(lines) + 1
    for each in reversed(_qualified(module, definition.node)):
        at = each.lineno - shift
        # Columns count bytes of UTF-8.
        line = lines[at].encode()
        start, end = each.value.col_offset, each.end_col_offset or 0
        lines[at] = (line[:start] + each.attr.encode() + line[end:]).decode()
    return lines


def _qualified(module: modules.Module, node: ast.stmt) -> list[ast.Attribute]:
    found = [
        each
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute)
        and isinstance(each.value, ast.Name)
        and (source := module.imports.get(each.value.id)) is not None
        and modules.is_ours(source.module)
        and not source.name
    ]
    return sorted(found, key=lambda each: (each.lineno, each.col_offset))
