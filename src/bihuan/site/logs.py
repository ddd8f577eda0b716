"""The log tells where an error arose and of what kind, never its message: that quotes the row or number it stumbled on."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType


class DiscreetFormatter(logging.Formatter):
    """Writes tracebacks without the messages of the errors."""

    def formatException(  # noqa: N802  the name in logging
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        error, parts = ei[1], []
        while error is not None:
            kind = f"{type(error).__module__}.{type(error).__qualname__}"
            parts.append("".join([*traceback.format_tb(error.__traceback__), kind]))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(reversed(parts))
