"""Recipients of messages who are neither people of the desk nor parties of a case.

A notice to one has the target `<what>:<id>` until it was sent; whoever above keeps such recipients adds to `RECIPIENTS`, in its `apps.py`.
"""

from __future__ import annotations

from collections.abc import Callable

RECIPIENTS: dict[str, Callable[[int], tuple[str, str]]] = {}
"""By what it is: from an id to (telephone number, the code that goes into the message)."""


def recipient_of(target: str) -> tuple[str, str] | None:
    """(telephone number, code) of such a recipient; None for another target."""
    what, _colon, key = target.partition(":")
    return RECIPIENTS[what](int(key)) if what in RECIPIENTS and key.isdecimal() else None
