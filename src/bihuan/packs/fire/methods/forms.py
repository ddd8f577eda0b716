"""The form of a method."""

from __future__ import annotations

from bihuan.kernel.workflow.asks import Ask
from bihuan.packs.fire.methods.figures import FIGURES

METHOD = (
    Ask("title", "做法名称", "line", min_length=2, max_length=120),
    Ask("situation", "什么情况下用", "text", min_length=4, max_length=2000),
    Ask("steps", "怎样做", "text", min_length=4, max_length=8000, help="一行一步,最多20步"),
    *(Ask(f"figure_{code}", f"附上数字:{label}", "yes", required=False) for code, label in FIGURES),
)
