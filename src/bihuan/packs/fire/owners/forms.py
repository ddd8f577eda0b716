"""What an owner is asked for each kind of application."""

from __future__ import annotations

from bihuan.kernel.workflow.asks import Ask
from bihuan.packs.fire.forms import PROJECT
from bihuan.packs.fire.materials import CONDITIONS

TRUE = Ask("true", "申报内容真实,材料与原件一致", "yes")
ASKS = {
    "design": (TRUE,),
    "acceptance": (*(Ask(code, label, "yes", required=False) for code, label in CONDITIONS), TRUE),
    "filing": (
        Ask("class", "项目类别", "choice", choices=(("general", "一般项目"), ("key", "重点项目"))),
        Ask("way", "备案方式", "choice", choices=(("documents", "提交材料"), ("commitment", "告知承诺"))),
        Ask("altered", "增加面积、高度、层数,或改变用途、火灾危险性、结构、保温", "yes", required=False),
        Ask("completed_on", "竣工验收合格之日", "date"),
        Ask(
            "promise", "承诺:已组织消防查验并合格,申报内容真实,愿意承担不实的法律责任", "yes", required=False
        ),
        TRUE,
    ),
}
ANSWER = (Ask("words", "说明", "text", required=False, max_length=1000),)
CHANGED = (Ask("changed", "变更了什么", "text", min_length=4, max_length=1000),)
OWN_PROJECT = tuple(
    ask
    for ask in PROJECT
    if ask.name not in ("owner", "owner_unit", "legacy", "crowded", "punished", "standard")
)
"""A project as its owner declares it; who he is, the account says, the rest the section enters."""
