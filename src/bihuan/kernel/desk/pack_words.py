"""What a pack's matters are called: its `selectors.py` may offer `matter_names(on)` and `matters_open()`: {code: name}."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from importlib import import_module
from importlib.util import find_spec


def matter_name(pack: str, code: str, on: date | None = None) -> str:
    """The matter's name (as it was on a day), or its code when the pack does not tell names."""
    return matters(pack, on).get(code, code) if code else ""


def matters(pack: str, on: date | None = None) -> Mapping[str, str]:
    """Every matter of a pack by its code, as it is called now or was on a day."""
    selector = _selector(pack, "matter_names")
    return selector(on) if selector else {}


def matters_open(pack: str) -> Mapping[str, str]:
    """The matters that a case of a pack may be given now, by their codes."""
    selector = _selector(pack, "matters_open")
    return selector() if selector else {}


@cache
def _selector(pack: str, name: str) -> Callable[..., Mapping[str, str]] | None:
    module = f"bihuan.packs.{pack}.selectors"
    return getattr(import_module(module), name, None) if pack and find_spec(module) else None
