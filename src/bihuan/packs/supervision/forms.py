"""The form by which a supervisor gives a task."""

from bihuan.kernel.workflow.asks import Ask
from bihuan.packs.supervision.rules import KINDS, OPENED_BY_HAND

ASKS = (
    Ask("kind", "类别", "choice", choices=tuple(kind for kind in KINDS if kind[0] in OPENED_BY_HAND)),
    Ask("unit", "责任单位", "unit"),
    Ask("title", "要办的事", "line", max_length=200),
    Ask("text", "要求", "text", min_length=4, max_length=4000),
    Ask("due", "完成日期", "date", required=False, earliest=1, help="不填的按督查事项的办理时限"),
    Ask("origin", "由哪一件引起", "line", required=False, max_length=64, help="工单或办件编号"),
)
