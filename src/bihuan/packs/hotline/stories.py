"""The hotline's own story in the source documents: 宋女士's refund (S1), and a joint unit that will not help."""

from __future__ import annotations

from datetime import datetime

from bihuan.kernel.desk.promises.stories import PREFIX, Begun, Scene, Story
from bihuan.kernel.identity.models import Person
from bihuan.packs.hotline.services import order_take

MARKET, EDUCATION, DISCIPLINE = "371502_market", "371502_education", "371502_discipline"
REFUND = {
    "text": "在柳园南路某培训班交了5200元学费,一直没有开课,商家答应退费又不退,请帮我要回来。",
    "type": "complaint",
    "matter": "消费退费纠纷",
    "territory": "柳园街道",
    "place": "柳园南路66号",
    "reporter": "宋女士",
    "phone": "19900000001",
}
CLAIM = {"claim": "退还学费5200元", "offer": "只同意退还一半"}


def refund_begin(key: str, now: datetime) -> Begun:
    """宋女士 calls; li writes it down."""
    li = Person.objects.get(username="li").pk
    taken = order_take(data={**REFUND, "external_id": f"{PREFIX}{key}"}, by=li, now=now)
    return Begun(taken.case, taken.seconds, taken.reasons)


def _answered(says: str, answer: str) -> tuple[Scene, ...]:
    return (
        Scene("wang", "self_call_back", "先给来电人回电话(回访自查)", {"reached": "yes", "understood": "on", "note": "已向来电人说明办理情况"}),
        Scene("wang", "answer", says, {"outcome": "done", "answer": answer}),
        Scene("sun", "approve_up", "单位负责人审核,报中心"),
    )  # fmt: skip


STORIES = (
    Story(
        "refund", "S1-23", "宋女士的退费",
        "协商退费未果,拨打热线;市场监管局组织多方协商,最后退费。每一步都是真的:点“下一步”,由那个人在他的工作台上办。",
        "li", "tang", refund_begin,
        (
            Scene("wang", "return", "承办人说不归他管,要退单", {"grounds": "duty", "reason": "培训机构应由教体局处理"}),
            Scene("tang", "refuse_return", "中心不同意:消费纠纷属市场监管,首接单位负责到底", {"reason": "消费纠纷属市场监管职责,首接单位负责到底"}),
            Scene("wang", "return", "他再退一次,规则不许", {"grounds": "duty", "reason": "培训机构应由教体局处理"}, refused=True),
            Scene("wang", "sign_for", "签收:时限归他"),
            Scene("wang", "assist", "请教体局协办,查办学资质", {"units": (EDUCATION,), "request": "请核实该培训机构的办学资质"}),
            Scene("wang", "answer", "协办没有回来就想答复,规则不许", {"outcome": "done", "answer": "商家同意退还学费,请等待。"}, refused=True),
            Scene(f"{EDUCATION}_handler", "sign_for", "教体局签收", at=EDUCATION),
            Scene(f"{EDUCATION}_handler", "report", "教体局报协办结果", {"answer": "该机构证照齐全,未按合同开课。"}, at=EDUCATION),
            Scene("wang", "mediate", "第一次调解:商家只退一半", {**CLAIM, "result": "again"}),
            *_answered("答复:商家已同意退费", "商家已同意退费,请等待到账。"),
            Scene("zhao", "redo_after_review", "中心审核:没有写明金额和日期,不达标的一律重办", {"reason": "答复没有写明退费的金额和日期"}),
            Scene("wang", "mediate", "再次调解:当日退还4800元", {"claim": "退还学费5200元", "offer": "当日退还4800元", "result": "agreed", "sum": "4800.00"}),
            *_answered("答复:写明金额和日期", "经多方协商,商家于当日退还学费4800元,来电人认可。"),
            Scene("zhao", "approve", "中心审核通过,转回访"),
            Scene("liu", "evaluate", "回访:钱还没有到账,想直接办结,规则不许", {"grade": "1"}, refused=True),
            Scene("liu", "redo", "来电人不满意:重办", {"grade": "1", "reason": "退费还没有到账"}),
            *_answered("答复:已核对到账", "已核对银行流水,4800元已到来电人账户。"),
            Scene("zhao", "approve", "中心审核通过,转回访"),
            Scene("liu", "evaluate", "回访:收到了,满意", {"grade": "5", "contacted": "on", "resolved": "on", "understood": "on", "words": "钱收到了,谢谢"}),
        ),
    ),
    Story(
        "joint", "S1-31", "不配合的联动单位",
        "首接单位请别的单位协办;不予配合的,报纪检监察机关处理,收到和结果都有记录。",
        "li", "tang", refund_begin,
        (
            Scene("wang", "sign_for", "市场监管局签收"),
            Scene("wang", "assist", "请教体局协办", {"units": (EDUCATION,), "request": "请核实该培训机构的办学资质"}),
            Scene(f"{EDUCATION}_bureau_head", "refuse_assistance", "教体局不予协办", {"reason": "本单位认为不属职责范围"}, at=EDUCATION),
            Scene("tang", "insist", "中心:联动单位必须全力配合", {"reason": "联动单位必须全力配合,不得推脱"}, at=EDUCATION),
            Scene(f"{EDUCATION}_bureau_head", "refuse_assistance", "教体局再次拒绝", {"reason": "本单位仍认为不属职责范围"}, at=EDUCATION),
            Scene("tang", "hand_over", "移送纪检监察", {"unit": DISCIPLINE, "reason": "两次拒绝协办,经要求仍不配合"}, at=EDUCATION),
            Scene(f"{DISCIPLINE}_discipline", "receive", "纪检监察接收移送", at=DISCIPLINE),
            Scene(f"{DISCIPLINE}_discipline", "conclude", "纪检监察反馈处理结果", {"answer": "已约谈有关负责人,责令配合办理。"}, at=DISCIPLINE),
        ),
    ),
)  # fmt: skip
