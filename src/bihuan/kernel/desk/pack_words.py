"""What a pack's matters are called: its `selectors.py` may offer `matter_names() -> {code: name}`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec


def matter_name(pack: str, code: str) -> str:
    """The matter's name, or its code when the pack does not tell names."""
    return matters(pack).get(code, code) if code else ""


def matters(pack: str) -> Mapping[str, str]:
    """Every matter of a pack by its code."""
    selector = _selector(pack)
    return selector() if selector else {}  # type: ignore[operator, no-any-return]


@cache
def _selector(pack: str) -> object:
    module = f"bihuan.packs.{pack}.selectors"
    return getattr(import_module(module), "matter_names", None) if find_spec(module) else None
