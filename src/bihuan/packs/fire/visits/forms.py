"""The forms of visits and questions."""

from __future__ import annotations

from collections.abc import Sequence

from bihuan.kernel.workflow.asks import Ask

VISIT = (
    Ask("at", "什么时候去", "moment"),
    Ask("about", "去看什么、谈什么", "line", min_length=2, max_length=200),
)
MADE = (Ask("note", "看到什么", "line", required=False, max_length=400),)
ANSWER = (Ask("answer", "答复", "text", min_length=2, max_length=4000),)
QUESTION = (
    Ask("text", "问题", "text", min_length=4, max_length=1000, help="写单位的问题,不写个人姓名"),
    Ask("owner", "由谁答复", "choice", choices=()),
    Ask("due", "哪天以前答复", "date", earliest=0),
    Ask(
        "words",
        "凭哪些词找到",
        "line",
        required=False,
        max_length=300,
        help="用顿号隔开;同类项目的页面上会看到这个问题和答复",
    ),
)


def question_asks(people: Sequence[tuple[str, str]]) -> tuple[Ask, ...]:
    """The form of a question, with the people of the section to choose from."""
    return tuple(
        Ask(one.name, one.label, "choice", choices=tuple(people)) if one.name == "owner" else one
        for one in QUESTION
    )
