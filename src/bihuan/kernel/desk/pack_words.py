"""What a pack's matters are called: its `selectors.py` may offer `matter_names(on)` and `matters_open()`: {code: name},
and `matter_classes()`: {code: (code of its class, name of its class)}."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import Any

from bihuan.kernel.pack import packs

SUGGESTED = 20
SEPARATOR = "·"


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


def matter_classes(pack: str) -> Mapping[str, tuple[str, str]]:
    """Code and name of the class of each matter, by the matter's code; {} for a pack without classes."""
    selector = _selector(pack, "matter_classes")
    return selector() if selector else {}


def matters_suggested(text: str) -> list[str]:
    """Matters of all packs whose name or code holds the text, as they can be typed: name · code."""
    words = text.partition(SEPARATOR)[0].strip().casefold()
    every = ((name, code) for pack in packs() for code, name in sorted(matters(pack).items()))
    found = (
        f"{name} {SEPARATOR} {code}" for name, code in every if words in name.casefold() or words in code
    )
    return list(islice(found, SUGGESTED))


def matter_meant(typed: str) -> str:
    """The code of the matter meant by `name · code`, by a code, or by a name; what is none of these, as it was typed."""
    _name, separator, code = (part.strip() for part in typed.rpartition(SEPARATOR))
    if separator or not code:
        return code
    known = [names for pack in packs() if (names := matters(pack))]
    if any(code in names for names in known):
        return code
    return next((one for names in known for one, name in names.items() if name == code), code)


def matter_typed(code: str) -> str:
    """A matter's code as `name · code`; a code that no pack knows stays as it is."""
    name = next((names[code] for pack in packs() if code in (names := matters(pack))), "") if code else ""
    return f"{name} {SEPARATOR} {code}" if name else code


@cache
def _selector(pack: str, name: str) -> Callable[..., Mapping[str, Any]] | None:
    module = f"bihuan.packs.{pack}.selectors"
    return getattr(import_module(module), name, None) if pack and find_spec(module) else None
