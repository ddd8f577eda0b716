"""Applications of the demonstration, at least one in every state, played through the services by the people of the city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.clocks.calendar import day_number
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.identifiers import id_check_digit, organisation_check_digit, uscc_check_digit
from bihuan.lib.text import SHANGHAI
from bihuan.packs.onewindow.applying.receiving import DATED, ORGANISATION, PERSON, received_clean
from bihuan.packs.onewindow.applying.services import (
    application_take,
    applications_by_the_clock,
)
from bihuan.packs.onewindow.asking.item_form import Answered
from bihuan.packs.onewindow.catalogue.selectors import version_on
from bihuan.packs.onewindow.demonstration.cards import cards_play
from bihuan.packs.onewindow.demonstration.certificates import certificates_play
from bihuan.packs.onewindow.demonstration.item_forms import ANSWERS
from bihuan.packs.onewindow.demonstration.items import DISTRICT, items_load
from bihuan.packs.onewindow.models import Commitment, Item

CLERK, ISSUER, OFFICER = "fang", "ren", "shen"
HALL = f"{DISTRICT}_approval"
FOOD, HYGIENE, LABOUR, SIGN, SHOP, HAULAGE, CATERING = (
    "食品经营许可(新办)", "公共场所卫生许可", "人力资源服务许可", "户外广告设施设置审批", "个体工商户设立登记", "道路货物运输经营许可",
    "小餐饮登记",
)  # fmt: skip
PEOPLE = (
    "周晓云",
    "马建国",
    "何玉兰",
    "韩志强",
    "郑丽",
    "冯大伟",
    "彭秀英",
    "曹明",
    "田春花",
    "袁立军",
    "于海洋",
    "杜娟",
    "魏国庆",
    "任小红",
)
FIRMS = (
    "东昌府区水城面馆",
    "聊城古楼宾馆有限公司",
    "聊城运河人力资源有限公司",
    "东昌府区湖滨广告部",
    "聊城通达货运有限公司",
)
Steps = tuple[tuple[str, str, Mapping[str, Any]], ...]

EXAMINED: Steps = (("handler", "examine", {"advice": "grant", "opinion": "材料齐全,经核查符合条件。"}),)
GRANTED: Steps = (*EXAMINED, ("section_chief", "grant", {"answer": "经审查,符合法定条件,准予许可。"}))
PAID: Steps = ((CLERK, "fee_pay", {"amount": "10.00", "receipt": "演示票据 00012345"}),)
MADE: Steps = (*GRANTED, (ISSUER, "make", {}))
DELIVERED: Steps = (*MADE, (ISSUER, "deliver", {"way": "window"}))
BAD: Steps = (
    *DELIVERED,
    ("", "complain", {"grade": "2", "reason": "第一次来没有说全要带的材料,多跑了一趟。"}),
)
CONTACTED: Steps = (*BAD, (OFFICER, "contact", {"note": "已打电话致歉,问清了经过。"}))
CONFIRMED: Steps = (
    *CONTACTED,
    (OFFICER, "confirm", {"unit": HALL, "difficulty": "default", "found": "属实:告知时漏说了健康证明。"}),
)
RECTIFIED: Steps = (
    *CONFIRMED, (CLERK, "rectify", {"measures": "告知单改成逐项打勾、双方签字,全体窗口人员已学习。"}),
)  # fmt: skip
MENDED: Steps = (*RECTIFIED, (OFFICER, "revisit", {"note": "已回访,申请人认可整改,愿意追评。"}))


def graded(grade: str, words: str = "") -> Steps:
    """To its end with one grade."""
    return (*DELIVERED, ("", "evaluate", {"grade": grade, **({"words": words} if words else {})}))


@dataclass(frozen=True, slots=True)
class Life:
    """An application: for what, taken in so many working days ago, what was done at once, and the steps since; `lacks`: numbers
    of materials that were not there, `again`: the place of the life whose applicant comes again."""

    item: str
    days: int
    steps: Steps = ()
    outcome: str = "accept"
    lacks: tuple[str, ...] = ()
    again: int | None = None


LIVES = (
    Life(FOOD, 0, outcome="keep", lacks=("5",)),
    Life(FOOD, 1, outcome="tell_missing", lacks=("4", "6")),
    Life(HYGIENE, 0, ((CLERK, "ask_approver", {"question": "美容美发店在二楼,方位图要画到街道吗?"}),), "keep", ("3",)),
    Life(FOOD, 1),
    Life(FOOD, 1, outcome="accept_lacking", lacks=("4",)),
    Life(LABOUR, 1, outcome="accept_commitment", lacks=("3", "4")),
    Life(SIGN, 2, (("handler", "begin_special", {"ground": "expert_review", "until": "+12", "answer": "需专家评审,预计十二天,不计入办理期限。"}),)),
    Life(HAULAGE, 2, EXAMINED),
    Life(FOOD, 2, GRANTED),
    Life(SHOP, 0, MADE),
    Life(HAULAGE, 4, (("handler", "examine", {"advice": "refuse", "opinion": "车辆检测已过期。"}), ("section_chief", "refuse", {"answer": "车辆检测合格证明已过有效期,不符合条件。", "remedy": "六十日内可以申请行政复议,或六个月内起诉。"}))),
    Life(FOOD, 3, DELIVERED),
    Life(SHOP, 1, BAD),
    Life(HYGIENE, 4, CONTACTED),
    Life(FOOD, 5, CONFIRMED),
    Life(SHOP, 6, RECTIFIED),
    Life(LABOUR, 7, MENDED),
    Life(FOOD, 8, (*CONTACTED, (OFFICER, "ask_exclusion", {"ground": "mistaken", "reason": "申请人称点错了,本意是满意。"}))),
    Life(FOOD, 12, (*CONTACTED, (OFFICER, "ask_exclusion", {"ground": "malicious", "reason": "同一人当天对多件未办的事项差评。"}), ("bureau_head", "approve_exclusion", {}))),
    Life(FOOD, 10, graded("5", "一次就办好了,谢谢")),
    Life(SHOP, 9, graded("5")),
    Life(HYGIENE, 11, graded("4")),
    Life(LABOUR, 12, graded("3", "还可以再快一点")),
    Life(HAULAGE, 14, (*GRANTED, *PAID, *MENDED[len(GRANTED):], ("", "evaluate_again", {"grade": "4", "words": "改得挺快"}))),
    Life(SIGN, 15, (*MENDED, ("", "complain_again", {"grade": "2", "reason": "结果出来还是慢"}))),
    Life(FOOD, 16, DELIVERED),
    Life(SHOP, 13, ((CLERK, "withdraw", {"reason": "申请人改日再办"}),), "keep"),
    Life(SIGN, 2, ((CLERK, "not_ours", {"organ": "聊城市城市管理局", "answer": "高速公路沿线的广告请向聊城市城市管理局申请。"}),), "keep"),
    Life(FOOD, 8, outcome="keep", lacks=("1",)),
    Life(HAULAGE, 9),
    Life(SHOP, 3, ((CLERK, "decline", {"ground": "other", "answer": "今天暂时不收这个事项。"}),), "keep"),
    Life(SHOP, 3, outcome="accept_at_once"),
    Life(CATERING, 0, outcome="accept_at_once"),
    Life(CATERING, 1, (("", "evaluate", {"grade": "5", "words": "十分钟就拿到了"}),), "accept_at_once", again=31),
    *(Life(LABOUR, days, graded("4"), "accept_commitment", ("3", "4")) for days in (12, 11, 10, 9)),
    Life(HYGIENE, 2, ((CLERK, "ask_approver", {"question": "二楼的店,方位图要画到街道吗?"}), ("handler", "answer_desk", {"reply": "要画到相邻的街道,标出两边的门牌。"})), "keep", ("3",)),
    Life(HAULAGE, 1, GRANTED),
)  # fmt: skip


CHECKS: tuple[Steps, ...] = (
    (("handler", "find_true", {"found": "现场查看,场所和人员与承诺一致。"}),),
    (
        ("handler", "find_untrue", {"found": "登记的地址是住宅,没有经营场所,与承诺不符。"}),
        ("section_chief", "revoke", {"answer": "承诺的经营场所不存在,撤销许可。", "remedy": "六十日内可以申请行政复议,或六个月内起诉。"}),
    ),
    (("handler", "find_untrue", {"found": "专职工作人员只有一名,与承诺的三名不符。"}),),
)  # fmt: skip
"""What became of the first commitments; the others are still to be checked."""


def window_play(*, until: datetime) -> int:
    """Enter the items and play the applications up to `until`, once; returns how many were played (0: they were there).

    None begins before there are rules for it: a city that was there before the window begins today.
    """
    if Item.objects.exists():
        return 0
    units = dict(Unit.objects.values_list("code", "pk"))
    people = dict(Person.objects.values_list("username", "pk"))
    with kernel_writes():
        items = items_load(units=units, now=_morning(until, 40))
    for place, life in enumerate(LIVES):
        _play(life, place, items[life.item], units, people, (begun_at(until, life.days, place), until))
    with kernel_writes():
        checks = list(Commitment.objects.order_by("pk").values_list("pk", flat=True))
    for case, steps in zip(checks, CHECKS, strict=False):
        steps_take(case, steps, (until - timedelta(minutes=4), until), units, people)
    applications_by_the_clock(now=until)
    cards_play(until=until, people=people)
    certificates_play(until=until, people=people)
    return len(LIVES)


def begun_at(until: datetime, days: int, place: int) -> datetime:
    """When the application at this place of its list came, so many working days before: not before there were rules for it."""
    first = PolicyRule.objects.filter(code="onewindow.notice").earliest("valid_from").valid_from
    begun = max(
        _morning(until, days) + timedelta(minutes=7 * place), datetime.combine(first, time(), SHANGHAI)
    )
    return min(begun, until - timedelta(minutes=5))


def _play(
    life: Life,
    place: int,
    item: int,
    units: Mapping[str, int],
    people: Mapping[str, int],
    span: tuple[datetime, datetime],
) -> None:
    begun, _until = span
    version = version_on(item, begun.astimezone(SHANGHAI).date())
    assert version is not None
    present = [
        str(n)
        for n, one in enumerate(version.materials, 1)
        if (not one["held"] or one["register"]) and str(n) not in life.lacks
    ]
    issued = (begun - timedelta(days=60)).date().isoformat()
    received = received_clean(
        {
            **applicant_made_up(place if life.again is None else life.again), "item": str(item), "outcome": life.outcome, "signed": "on",
            **{f"{DATED}{number}": issued for number in present},
        },
        present=present,
        today=begun.date(),
    )  # fmt: skip
    answered = Answered(ANSWERS[version.form]) if version.form else None
    taken = application_take(received=received, by=people[CLERK], now=begun, verified=True, answered=answered)
    steps_take(taken.case, life.steps, span, units, people)


def steps_take(
    case: int,
    steps: Steps,
    span: tuple[datetime, datetime],
    units: Mapping[str, int],
    people: Mapping[str, int],
) -> None:
    """Take these steps on a case, spread over the span, by the people of the city."""
    begun, until = span
    gap = (until - begun) / (len(steps) + 1)
    for n, (who, step, data) in enumerate(steps, 1):
        at = begun + gap * n
        with kernel_writes():
            row = Case.objects.select_related("unit").get(pk=case)
        move: dict[str, Any] = {
            "case_id": case, "step": step, "by": _person(who, row, people), "now": at,
            "data": {name: _value(value, units, at) for name, value in data.items()},
        }  # fmt: skip
        # A reason that the form would refuse came in by another way: the card is for that.
        write = case_move if step == "decline" else packs()["onewindow"].writers.get(step, case_move)
        write(**move)


def _person(who: str, case: Case, people: Mapping[str, int]) -> int:
    """The applicant (""), somebody by name, or whoever holds the role in the unit that holds the case."""
    if not who:
        return BY_REPORTER
    cast = {"handler": "wang", "section_chief": "chen", "bureau_head": "sun"}
    of_unit = cast.get(who, who) if case.unit.code == f"{DISTRICT}_market" else f"{case.unit.code}_{who}"
    return people[who] if who in people else people[of_unit]


def _value(value: Any, units: Mapping[str, int], at: datetime) -> Any:
    if value in units:
        return units[value]
    if isinstance(value, str) and value.startswith("+"):
        return (at.astimezone(SHANGHAI).date() + timedelta(days=int(value))).isoformat()
    return value


def applicant_made_up(place: int) -> dict[str, str]:
    """Made-up people and firms in turn, with right check digits and telephone numbers that nobody has."""
    phone = f"199000{place + 100:05}"
    if place % 3 == 2:
        body = f"MA3D{place:04}"
        first = f"92{settings.REGION}{body}{organisation_check_digit(body)}"
        return {"applicant": ORGANISATION, "name": FIRMS[place // 3 % len(FIRMS)], "id_number": first + uscc_check_digit(first), "phone": phone}  # fmt: skip
    first = f"{settings.REGION}19{70 + place % 30}0{1 + place % 9}1{place % 10}{place:03}"
    return {"applicant": PERSON, "name": PEOPLE[place % len(PEOPLE)], "id_number": first + id_check_digit(first), "phone": phone}  # fmt: skip


def _morning(until: datetime, days: int) -> datetime:
    """Nine o'clock of the day so many working days before, or of the last working day that has begun by then."""
    calendar, day = rulebook().calendar, (until - timedelta(hours=9)).astimezone(SHANGHAI).date()
    while days or not calendar.is_working(day_number(day)):
        days -= calendar.is_working(day_number(day))
        day -= timedelta(days=1)
    return datetime.combine(day, time(9), SHANGHAI)
