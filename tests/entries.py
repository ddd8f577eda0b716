"""What the sources write into the registers of the ledger, read from their text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import bihuan

SOURCES = Path(bihuan.__file__).parent
WRITER = "register_append"


def entries_written(path: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Register, kind and fields of every entry that a module writes, as far as they stand there as words.

    A function that takes the kind as an argument is looked up where it is called in the same module.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    for function in functions:
        for call in _calls(function, WRITER):
            given = {one.arg: one.value for one in call.keywords}
            stream = _stream(given["stream"], path)
            fields = frozenset(_fields(given.get("data"), function))
            for kind in _kinds(given["kind"], function, tree):
                if stream:
                    yield stream, kind, fields


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == name:
            yield call


def _stream(given: ast.expr, path: Path) -> str:
    """The register; of `stream_of(...)` what stands before the colon."""
    module = import_module(".".join(path.relative_to(SOURCES.parent).with_suffix("").parts))
    if isinstance(given, ast.Constant):
        return str(given.value)
    if isinstance(given, ast.Name):
        return str(getattr(module, given.id, ""))
    if isinstance(given, ast.Call) and isinstance(given.func, ast.Name):
        return str(getattr(module, given.func.id)(1)).partition(":")[0]
    return ""


def _kinds(given: ast.expr, function: ast.FunctionDef, tree: ast.Module) -> Iterator[str]:
    if isinstance(given, ast.Constant):
        yield str(given.value)
    elif isinstance(given, ast.IfExp):
        yield from (str(one.value) for one in (given.body, given.orelse) if isinstance(one, ast.Constant))
    elif isinstance(given, ast.Name):
        names = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]
        if given.id in names:
            for call in _calls(tree, function.name):
                yield from _words(_argument(call, given.id, function.args.args))


def _argument(call: ast.Call, name: str, places: list[ast.arg]) -> Any:
    named = {one.arg: one.value for one in call.keywords}
    placed = dict(zip([one.arg for one in places], call.args, strict=False))
    return named.get(name, placed.get(name))


def _words(given: Any) -> Iterator[str]:
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value


def _fields(given: ast.expr | None, function: ast.FunctionDef) -> Iterator[str]:
    """The keys of the data, where they stand in the call or in a name that the function sets."""
    if isinstance(given, ast.Name):
        for one in ast.walk(function):
            targets = one.targets if isinstance(one, ast.Assign) else []
            if isinstance(one, ast.Assign) and any(
                getattr(target, "id", "") == given.id for target in targets
            ):
                yield from _fields(one.value, ast.FunctionDef(body=[]))
    elif isinstance(given, ast.Dict):
        for key, value in zip(given.keys, given.values, strict=True):
            yield from _words(key) if key is not None else _fields(value, ast.FunctionDef(body=[]))
