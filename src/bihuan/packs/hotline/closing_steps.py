"""Steps after the answer: review level by level, call-back, evaluation, and redo where it was not good enough.

国办发〔2020〕53号, rules.md A4-A6. How many review, and how often is called, is policy.
"""

from bihuan.kernel.evaluation import rules as call
from bihuan.kernel.review import rules as levels
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import REPORTER, clear, count, notify, start, step, stop
from bihuan.packs.hotline import rules

# fmt: off
reason_ask = Ask("reason", "理由", "text", min_length=4, max_length=1000)
remark_ask = Ask("remark", "说明", "text", required=False, max_length=1000)

told_by_caller = (
    Ask("grade", "满意度", "choice", choices=call.GRADES),
    Ask("contacted", "承办单位联系过", "yes", required=False),
    Ask("resolved", "问题已解决", "yes", required=False),
    Ask("understood", "理解并认可", "yes", required=False),
)

CLOSING = (
    step(
        "approve_up", "reviewing -> same", by=("bureau_head", "reviewer"), at_level=True, label="审核通过,报上一级",
        asks=(remark_ask,), when=levels.more_levels_follow, does=(count("level"),), duty="review", apart_from="handle",
    ),
    step(
        "approve", "reviewing -> calling_back", by=("bureau_head", "reviewer"), at_level=True, label="审核通过",
        asks=(remark_ask,), when=(levels.is_last_level, rules.ends_here), does=(stop("handle"), stop("return"), stop("objection"), start("call_back"), notify("answered", "reporter")),
        duty="review", apart_from="handle",
    ),
    step(
        "send_back", "reviewing -> handling", by=("bureau_head", "reviewer"), at_level=True, label="退回修改",
        asks=(reason_ask,), when=levels.is_unit_level, does=(clear("level"),), duty="review", apart_from="handle",
    ),
    step(
        "redo_after_review", "reviewing -> handling", by=("bureau_head", "reviewer"), at_level=True, label="审核不通过,重办",
        asks=(reason_ask,), when=levels.is_last_level, duty="review", apart_from="handle",
        does=(count("redo"), clear("level"), notify("redo", "holder")),
    ),
    step(
        "attempt", "calling_back -> same", by="caller_desk", label="未接通",
        when=(rules.appointment_is_ahead, call.attempts_are_left, call.attempt_is_at_another_time),
        asks=(
            Ask("result", "情况", "choice", choices=(("no_answer", "无人接听"), ("busy", "占线"), ("later", "约时再访"))),
            Ask("again", "再访时间", "moment", required=False),
        ),
        duty="call_back", apart_from=("handle", "review"),
    ),
    step(
        "evaluate", "calling_back -> closed", by=("caller_desk", REPORTER), label="回访办结", when=call.caller_is_content,
        asks=(
            *told_by_caller,
            Ask("words", "来电人的话", "text", required=False, max_length=1000),
        ),
        does=(stop("call_back"),), duty="call_back", apart_from=("handle", "review"),
    ),
    step(
        "redo", "calling_back -> handling", by=("caller_desk", REPORTER), label="重办", when=(call.caller_is_discontent, rules.redo_is_open),
        asks=(*told_by_caller, Ask("reason", "不满意的原因", "text", min_length=4, max_length=1000)),
        does=(
            count("redo"), clear("level"), stop("call_back"), start("handle"),
            notify("redo", "holder"),
        ),
        duty="call_back", apart_from=("handle", "review"),
    ),
    step(
        "redo_after_sample", "calling_back -> handling", by="bureau_head", label="抽访不满意,重办",
        when=(rules.sample_found_discontent, call.caller_is_discontent, rules.redo_is_open),
        asks=(*told_by_caller, Ask("reason", "不满意的原因", "text", min_length=4, max_length=1000)),
        does=(
            count("redo"), clear("level"), clear("sample_discontent"), stop("call_back"), start("handle"),
            notify("redo", "holder"),
        ),
        duty="call_back", apart_from="handle",
    ),
    step(
        "close_unreached", "calling_back -> closed", by="caller_desk", label="未接通办结", asks=(remark_ask,),
        when=call.attempts_are_exhausted, does=(stop("call_back"),), duty="call_back", apart_from=("handle", "review"),
    ),
    step(
        "explain", "calling_back -> closed", by="supervisor", label="解释办结", when=rules.is_lawfully_impossible,
        asks=(Ask("answer", "向来电人的解释", "text", min_length=10),), does=(stop("call_back"), notify("explained", "reporter")),
        apart_from=("handle", "review"),
    ),
)
