"""The form of a blockage."""

from bihuan.kernel.workflow.asks import Ask
from bihuan.packs.fire.blockages.stages import STAGES

BLOCKAGE = (
    Ask("stage", "在哪个环节", "choice", choices=STAGES),
    Ask("words", "堵在哪里", "text", min_length=4, max_length=2000),
    Ask("unit", "责任单位", "unit"),
    Ask("due", "哪天以前疏通", "date", earliest=0),
)
