"""Finds assertions on the time something takes, by reading the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator

CLOCKS = frozenset(
    f"{name}{unit}"
    for name in ("perf_counter", "monotonic", "process_time", "thread_time", "time")
    for unit in ("", "_ns")
)
TIMES = frozenset(("elapsed", "duration", "seconds", "took", "runtime"))


def timed_assertions(source: str) -> list[int]:
    """Lines of assertions that compare a clock, what was made from one, or a name of a time."""
    tree = ast.parse(source)
    scopes = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    found: set[int] = set()
    for scope in (tree, *scopes):
        clocks = _names_of_clocks(scope)
        found |= {
            node.lineno
            for node in _within(scope)
            if isinstance(node, ast.Assert) and _compares_time(node.test, clocks)
        }
    return sorted(found)


def _names_of_clocks(scope: ast.AST) -> set[str]:
    """Names assigned from a clock or from other such names, to the end of the chain."""
    names: set[str] = set()
    while True:
        more = {
            name
            for targets, value in _assignments(scope)
            if _has_clock(value, names)
            for target in targets
            for name in _plain_names(target)
        }
        if more <= names:
            return names
        names |= more


def _within(scope: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a function with those inside it; of a module those outside all functions."""
    waiting = [scope]
    while waiting:
        node = waiting.pop()
        yield node
        inner = ast.FunctionDef | ast.AsyncFunctionDef
        waiting += [
            child
            for child in ast.iter_child_nodes(node)
            if not (isinstance(scope, ast.Module) and isinstance(child, inner))
        ]


def _assignments(scope: ast.AST) -> Iterator[tuple[list[ast.expr], ast.expr]]:
    for node in _within(scope):
        if isinstance(node, ast.Assign):
            yield node.targets, node.value
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr) and node.value:
            yield [node.target], node.value


def _plain_names(target: ast.expr) -> Iterator[str]:
    return (n.id for n in ast.walk(target) if isinstance(n, ast.Name))


def _has_clock(node: ast.expr, names: set[str]) -> bool:
    """Whether a value is told by arithmetic on a clock; a call on one is something else."""
    if isinstance(node, ast.Call):
        called = node.func
        if isinstance(called, ast.Attribute):
            of_time = isinstance(called.value, ast.Name) and called.value.id == "time"
            return called.attr in CLOCKS and (of_time or called.attr != "time")
        if isinstance(called, ast.Name) and called.id in CLOCKS:
            return True
        arithmetic = isinstance(called, ast.Name) and called.id in ("abs", "max", "min", "round")
        return arithmetic and any(_has_clock(a, names) for a in node.args)
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.BinOp):
        return _has_clock(node.left, names) or _has_clock(node.right, names)
    if isinstance(node, ast.UnaryOp):
        return _has_clock(node.operand, names)
    if isinstance(node, ast.Tuple | ast.List):
        return any(_has_clock(e, names) for e in node.elts)
    return False


def _compares_time(test: ast.expr, names: set[str]) -> bool:
    for node in ast.walk(test):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                if _has_clock(side, names) or _is_time(side):
                    return True
    return False


def _is_time(node: ast.expr) -> bool:
    """A name such as `elapsed` or `run.seconds`, alone or in arithmetic."""
    if isinstance(node, ast.Name):
        return node.id in TIMES
    if isinstance(node, ast.Attribute):
        return node.attr in TIMES
    if isinstance(node, ast.BinOp):
        return _is_time(node.left) or _is_time(node.right)
    return False
