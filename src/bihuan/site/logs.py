"""The log tells where an error arose and of what kind, never its message: that quotes the row or number it stumbled on.

A line has the id of the request or job that it belongs to. Django's lines quote addresses and procrastinate's the arguments
of jobs: of these only the kind is told. Numbers of people that came into a line all the same are masked.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

from bihuan.lib.masking import mask_text

_request: ContextVar[str] = ContextVar("request", default="")


@contextmanager
def request_named(name: str) -> Iterator[None]:
    """Lines within carry this id, of a request or of the request that asked for the job."""
    token = _request.set(name)
    try:
        yield
    finally:
        _request.reset(token)


class DiscreetFormatter(logging.Formatter):
    """Readable lines; tracebacks without the messages of the errors."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {message_of(record)}"
        line += "".join(f" {name}={value}" for name, value in more_of(record).items())
        error = self.formatException(record.exc_info) if record.exc_info else ""
        return f"{line}\n{error}" if error else line

    def formatException(  # noqa: N802  the name in logging
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        error, parts = ei[1], []
        while error is not None:
            kind = f"{type(error).__module__}.{type(error).__qualname__}"
            parts.append("".join([*traceback.format_tb(error.__traceback__), kind]))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(reversed(parts))


class JsonFormatter(DiscreetFormatter):
    """One JSON object a line: at (UTC), level, logger, message, and what belongs to it."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
            **more_of(record),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def message_of(record: logging.LogRecord) -> str:
    """What a line may say."""
    if hasattr(record, "request"):
        match = getattr(record.request, "resolver_match", None)
        return f"status {getattr(record, 'status_code', '?')} at {'/' + match.route if match else 'none'}"
    if record.name.startswith("procrastinate"):
        job = getattr(record, "job", None) or {}
        action = getattr(record, "action", "")
        return f"{action} {job.get('task_name', '')}".strip() or str(record.msg)[:80]
    return mask_text(record.getMessage())


def more_of(record: logging.LogRecord) -> dict[str, object]:
    """What belongs to a line: of a request or job, and its id."""
    told = {name: value for name, value in getattr(record, "told", {}).items() if value is not None}
    job = getattr(record, "job", None)
    if job and "job" not in told:
        told["job"] = job.get("id")
    return {**told, **({"request": _request.get()} if _request.get() else {})}
