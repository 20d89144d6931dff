"""What the house tests read in the syntax of the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator

# What changes a list, a dictionary or a set.
CHANGES = {
    "add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault",
    "update",
}  # fmt: skip
CONTAINERS = {"Counter", "OrderedDict", "defaultdict", "deque", "dict", "list", "set"}


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Functions with the number of their arguments, without self and cls."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
            named = [a.arg for a in every if a is not None and a.arg not in ("self", "cls")]
            yield node.name, len(named)


def class_names(source: str) -> list[str]:
    """Classes that a file defines."""
    return [n.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ClassDef)]


def shared_state(source: str) -> list[str]:
    """Lists, dictionaries and sets of a module or a class that the code of the file changes."""
    tree = ast.parse(source)
    bodies = [tree.body, *(n.body for n in ast.walk(tree) if isinstance(n, ast.ClassDef))]
    held = {name for body in bodies for node in body for name in _containers(node)}
    rebound = {
        name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names
    }
    changed = {name for node in ast.walk(tree) for name in _changed(node)}
    return sorted((held & changed) | rebound)


def _containers(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets, value = [node.target], node.value
    else:
        return []
    made = isinstance(
        value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
    )
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        made = made or value.func.id in CONTAINERS
    return [t.id for t in targets if isinstance(t, ast.Name)] if made else []


def _changed(node: ast.AST) -> list[str]:
    """Names of containers that a node changes, as NAME or as OWNER.NAME."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _name(node.func.value) if node.func.attr in CHANGES else []
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        return _name(node.value)
    if isinstance(node, ast.AugAssign):
        return _name(node.target)
    return []


def _name(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return [node.attr] if node.value.id == "cls" or node.value.id[:1].isupper() else []
    return []
