"""What the loops of fire review share: who acts, what is asked, receiving at the window, and the chief's signature."""

from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import (
    REPORTER,
    SYSTEM,
    Guard,
    State,
    Step,
    count,
    notify,
    start,
    step,
    stop,
)
from bihuan.packs.fire import rules
from bihuan.packs.fire.materials import CERTAIN_MARKS, ITEMS, MARKS, MATERIALS, RESULTS

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
WINDOW, REVIEWER, INSPECTOR, CHIEF = "fire_window", "fire_reviewer", "fire_inspector", "fire_chief"
ROLES = frozenset((WINDOW, REVIEWER, INSPECTOR, CHIEF))
STATIONS = {"found": "申请", "numbered": "收件", "reviewed": "签发"}
YES_NO = (("yes", "满足"), ("no", "不满足"))

reason_ask = Ask("reason", "理由和依据的条文", "text", min_length=4, max_length=1000)
supplied_ask = Ask("supplied", "补正了什么", "text", required=False, max_length=1000)
remark_ask = Ask("remark", "说明", "text", required=False, max_length=1000)
opinion_ask = Ask("opinion", "意见", "text", min_length=4, max_length=4000)
faults_ask = Ask("faults", "不合格的部位、实测值、条文和怎样改", "text", min_length=10, max_length=4000)
article_30_asks = tuple(Ask(code, label, "choice", choices=YES_NO) for code, label in rules.ARTICLE_30)
concluded_asks = (
    Ask("evaluation", "评定编号", "number"),
    open_ask := Ask("open_findings", "没有整改好的问题", "number", required=False),
    Ask("signed", "签字人数", "number", required=False),
    Ask("photos", "签字包括的照片(张)", "number", required=False),
    *(Ask(code, label, "choice", required=False, choices=RESULTS) for code, label in ITEMS),
)


def materials_asks(kind: str) -> tuple[Ask, ...]:
    """One line for each document of this kind of application."""
    return tuple(Ask(one.code, one.name, "choice", choices=MARKS if one.conditional else CERTAIN_MARKS) for one in MATERIALS[kind])


def reception(kind: str, accepted: str, *, asks: tuple[Ask, ...] = (), when: tuple[Guard, ...] = (), clocks: tuple[str, ...] = ("handle",)) -> tuple[Step, ...]:
    """Receiving at the window: accepted, what is missing told once, corrected, deemed accepted, declined, withdrawn (rules.md B1)."""
    materials = materials_asks(kind)
    begun = (stop("accept"), *(start(clock) for clock in clocks))
    return (
        step("accept", f"received -> {accepted}", by=WINDOW, label="受理", asks=(*materials, *asks), when=(rules.materials_are_complete, *when),
            does=begun, duty="accept"),
        step("notify_once", "received -> correcting", by=WINDOW, label="一次性告知补正", asks=(*materials, remark_ask),
            when=(rules.something_is_missing, rules.not_told_yet), does=(stop("accept"), start("correct")), duty="accept",
            caution="要补正的全部内容只告知这一次。"),
        step("corrected", "correcting -> received", by=(WINDOW, REPORTER), label="收到补正", asks=(supplied_ask,), does=(stop("correct"), start("accept"))),
        step("deem_withdrawn", "correcting -> withdrawn", by=SYSTEM, label="逾期未补正,视为撤回", when=rules.correction_term_has_passed, does=(stop("correct"),)),
        step("deem_accepted", f"received -> {accepted}", by=(SYSTEM, CHIEF), label="逾期未告知,视为受理", when=rules.acceptance_term_has_passed, does=begun),
        step("decline", "received -> declined", by=WINDOW, label="不予受理", asks=(reason_ask,), does=(stop("accept"),),
            caution="出具不予受理凭证,写明理由和应向哪个机关申请。"),
        step("withdraw", "received, correcting -> withdrawn", by=(WINDOW, REPORTER), label="申请人撤回", asks=(remark_ask,),
            does=(stop("accept"), stop("correct"))),
    )


def evaluated(where: str, after: str) -> tuple[Step, ...]:
    """What an on-site evaluation tells of itself, in the states `where`, and findings also in those `after` it."""
    return (
        step("site_pass", f"{where} -> same", by=SYSTEM, label="现场评定合格", asks=concluded_asks),
        step("site_fail", f"{where} -> same", by=SYSTEM, label="现场评定不合格", asks=concluded_asks),
        step("site_opened", f"{where} -> same", by=SYSTEM, label="现场评定有改动,要重新出结论"),
        step("findings_counted", f"{where}, {after} -> same", by=SYSTEM, label="问题整改有变", asks=(open_ask,)),
    )


def signed(back: str, *when: Guard) -> tuple[Step, ...]:
    """What the chief does with what was proposed, and signs as passed `when` this holds too; whoever proposed it signs nothing."""
    return (
        step("sign_pass", "to_pass -> passed", by=CHIEF, label="签发合格意见书", asks=(remark_ask,), when=(rules.nothing_is_left_to_rectify, *when), does=(stop("handle"),),
            duty="review", apart_from="handle", caution="签发后本件办结。"),
        step("sign_fail", "to_fail -> failed", by=CHIEF, label="签发不合格意见书", asks=(remark_ask,), does=(stop("handle"),),
            duty="review", apart_from="handle", caution="签发后本件办结,改好后重新申请。"),
        step("send_back", f"to_pass, to_fail -> {back}", by=CHIEF, label="退回重办", asks=(reason_ask,), does=(count("redo"), notify("redo", "holder")),
            duty="review", apart_from="handle"),
    )


RECEIVING = (
    State("received", "待受理", "numbered", waits_for=WINDOW),
    State("correcting", "待补正", "numbered", waits_for=WINDOW),
)
SIGNING = (
    State("to_pass", "拟合格,待签发", "reviewed", waits_for=CHIEF),
    State("to_fail", "拟不合格,待签发", "reviewed", waits_for=CHIEF),
)
LEFT = (
    State("declined", "不予受理", "closed", final=True),
    State("withdrawn", "已撤回", "closed", final=True),
)
