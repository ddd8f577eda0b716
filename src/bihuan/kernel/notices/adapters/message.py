"""What an adapter is given, and how it says that it did not succeed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """One message, rendered. `to` is an address or number; `secret` signs a webhook; `event` is what it
    tells."""

    key: str
    subject: str
    text: str
    to: str
    now: datetime
    created_at: datetime
    template: str = ""
    secret: str = ""
    event: Mapping[str, Any] = field(default_factory=dict)


class NotCarried(Exception):
    """The message did not arrive, `why` in words without personal data.

    `down`: the target itself does not work, so that others to it need not be tried now. `final`: trying
    again is no use.
    """

    def __init__(self, why: str, *, down: bool = False, final: bool = False) -> None:
        super().__init__(why)
        self.why, self.down, self.final = why, down, final


def answer_check(status: int) -> None:
    """NotCarried unless the HTTP status is 2xx: 429 and 5xx mean that the target is down, others are
    about this message."""
    if 200 <= status < 300:
        return
    raise NotCarried(f"HTTP {status}", down=status == 429 or status >= 500)
