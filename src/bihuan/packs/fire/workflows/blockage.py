"""A blockage in a loop: recorded, given to a unit with a day, cleared, confirmed by somebody else, or done again."""

from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import State, Workflow, count, hold, notify, remember, start, step, stop
from bihuan.packs.fire.roles import SITE_OFFICER
from bihuan.packs.fire.workflows.common import CHIEF, ROLES, WINDOW, reason_ask
from bihuan.packs.fire.workflows.rectification import OWNER

HANDLER = "handler"
KEEPERS = tuple(sorted(ROLES))
OWNERS = (WINDOW, CHIEF, OWNER, SITE_OFFICER, HANDLER)

unit_ask = Ask("unit", "责任单位", "unit")
due_ask = Ask("due", "哪天以前疏通", "date", earliest=0)

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
BLOCKAGE = Workflow(
    name="blockage",
    version=1,
    label="堵点",
    stations={"handled": "疏通", "reviewed": "确认"},
    states=(
        State("recorded", "待交办", "numbered", waits_for=CHIEF),
        State("clearing", "疏通中", "handled", waits_for=HANDLER),
        State("cleared", "已疏通,待确认", "reviewed", waits_for=CHIEF),
        State("confirmed", "已确认疏通", "closed", final=True),
        State("revoked", "不是堵点,已撤销", "closed", final=True),
    ),
    steps=(
        step("assign", "recorded -> clearing", by=KEEPERS, label="交办", asks=(unit_ask, due_ask),
            does=(hold("unit"), start("clear", "due"), notify("blockage_given", "holder"))),
        step("clear", "clearing -> cleared", by=OWNERS, label="报疏通情况", asks=(Ask("measures", "怎样疏通的", "text", min_length=4, max_length=4000),),
            does=(stop("clear"), remember("clearer"), hold("opened_by"), notify("blockage_cleared", "holder")), duty="handle"),
        step("give_back", "clearing -> recorded", by=OWNERS, label="不归本单位,退回", asks=(reason_ask,), does=(stop("clear"), hold("opened_by"))),
        step("confirm", "cleared -> confirmed", by=(WINDOW, CHIEF), label="确认疏通", duty="review", apart_from="handle"),
        step("clear_again", "cleared -> clearing", by=(WINDOW, CHIEF), label="没有疏通,重办", asks=(reason_ask, due_ask),
            does=(count("redo"), hold("clearer"), start("clear", "due"), notify("redo", "holder")), duty="review", apart_from="handle"),
        step("revoke", "recorded, cleared -> revoked", by=CHIEF, label="不是堵点,撤销", asks=(reason_ask,), duty="review", apart_from="handle"),
    ),
    roles=frozenset((*KEEPERS, *OWNERS)),
)
