"""A finding in a loop: found → told to the owner → rectified with a photograph → verified by somebody else, or redone."""

from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import State, Workflow, count, hold, notify, remember, start, step, stop
from bihuan.packs.fire.roles import SITE_OFFICER, SITE_SUPERVISOR
from bihuan.packs.fire.workflows.common import CHIEF, INSPECTOR, REVIEWER, ROLES, WINDOW, reason_ask

OWNER = "fire_owner"

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
RECTIFICATION = Workflow(
    name="rectification",
    version=1,
    label="问题整改",
    stations={"handled": "整改", "reviewed": "复查"},
    states=(
        State("told", "待整改", "handled", waits_for=OWNER),
        State("rectified", "已整改,待复查", "reviewed", waits_for=INSPECTOR),
        State("verified", "复查合格", "closed", final=True),
        State("cancelled", "已撤销", "closed", final=True),
    ),
    steps=(
        step("rectify", "told -> rectified", by=(OWNER, WINDOW, SITE_OFFICER, SITE_SUPERVISOR), label="报整改情况",
            asks=(Ask("measures", "怎样整改的", "text", min_length=4, max_length=4000, help="先在“附件”里上传处理后的照片,再报。"),),
            does=(stop("finding"), remember("rectifier"), hold("opened_by"), start("recheck"), notify("finding_rectified", "holder")), duty="handle"),
        step("verify", "rectified -> verified", by=(INSPECTOR, SITE_SUPERVISOR), label="复查合格", asks=(Ask("seen", "复查所见", "text", min_length=4, max_length=4000),),
            does=(stop("recheck"),), duty="review", apart_from="handle"),
        step("rectify_again", "rectified -> told", by=(INSPECTOR, SITE_SUPERVISOR), label="没有整改到位,重新整改", asks=(reason_ask,),
            does=(stop("recheck"), count("redo"), hold("rectifier"), start("finding"), notify("finding_told", "holder")), duty="review", apart_from="handle"),
        step("cancel", "told, rectified -> cancelled", by=(CHIEF, SITE_SUPERVISOR), label="不是问题,撤销", asks=(reason_ask,), does=(stop("finding"), stop("recheck")),
            duty="review", apart_from="handle"),
    ),
    roles=ROLES - {REVIEWER} | {OWNER, SITE_OFFICER, SITE_SUPERVISOR},
    opening=(start("finding"), notify("finding_told", "holder")),
)
