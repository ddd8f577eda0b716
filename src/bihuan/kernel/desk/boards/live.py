"""What changed, by server-sent events that are answered at once: see docs/adr/0014-live-boards.md.

Each answer says how the cases stand and ends; the browser comes again by itself after RETRY_MS and names the last state that
it heard of, so that nothing is held open and nothing is missed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from bihuan.lib.text import SHANGHAI

RETRY_MS = 5_000


def state_told(counts: Mapping[str, int]) -> str:
    """How the cases stand, as the id of an event: equal when nothing changed."""
    return "-".join(str(count) for count in counts.values())


def events_told(counts: Mapping[str, int], *, last: str, now: datetime) -> str:
    """The answer to whoever heard of `last`: the counts if they changed, and in any case the time."""
    state = state_told(counts)
    lines = [f"retry: {RETRY_MS}"]
    if state != last:
        lines += [f"id: {state}", "event: counts", f"data: {json.dumps(counts)}", ""]
    lines += ["event: beat", f"data: {now.astimezone(SHANGHAI):%H:%M:%S}", "", ""]
    return "\n".join(lines)
