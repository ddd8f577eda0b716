"""A service at a window that made no application has its one evaluation too: 待评价 → 差评整改 → 追评 (现场服务一次一评, rules.md B3).

The application's own steps from its evaluation on; whoever served does not evaluate. Until the citizen has said something, nobody's move is
next.
"""

from dataclasses import replace

from bihuan.kernel.workflow.checks import TAKEN_IN
from bihuan.kernel.workflow.model import Workflow, start
from bihuan.packs.onewindow.workflow import CLERK, EVALUATING, OFFICER, STATES, UNIT

FIRST = next(place for place, state in enumerate(STATES) if state.code == "evaluating")
OURS = (TAKEN_IN, "ask")

WORKFLOW = Workflow(
    name="hall_service",
    version=1,
    label="窗口服务",
    stations={"found": "排队等候", "numbered": "窗口办理", "called_back": "评价"},
    states=(replace(STATES[FIRST], waits_for=""), *STATES[FIRST + 1 :]),
    steps=tuple(
        replace(one, apart_from=tuple(duty for duty in one.apart_from if duty in OURS)) for one in EVALUATING
    ),
    opening=(start("evaluate"),),
    roles=frozenset((*UNIT, CLERK, OFFICER, "supervisor")),
)
