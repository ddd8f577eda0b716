"""Our live figures beside the source's: sums over the applications, nothing of any one case."""

from __future__ import annotations

from datetime import datetime

from bihuan.packs.onewindow.applying.scale import scale_figures
from bihuan.packs.onewindow.themes.selectors import theme_figures


def promise_figures(*, now: datetime) -> dict[str, str]:
    """Our figure for each promise, in words, by its id."""
    return {**theme_figures(now=now), **scale_figures(now=now)}
