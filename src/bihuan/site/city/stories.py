"""The sources' stories in which months pass (S1): from 宋女士's refund to the head's account, and the alley until it rains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Move, Moved, case_move_many
from bihuan.kernel.cases.opening import Opening, case_open_many
from bihuan.kernel.clocks.calendar import day_number
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.promises.rehearsal import BETWEEN
from bihuan.kernel.desk.promises.stories import PREFIX, Acting, Begun, Scene, Story, after, scene_take
from bihuan.kernel.desk.scores.tables import rate_told
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import day_of, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.kernel.review.models import Sample, Sampled
from bihuan.kernel.review.sampling import count_of, drawn
from bihuan.kernel.review.services import sample_sign
from bihuan.kernel.scoring.keeping import scores_keep
from bihuan.kernel.scoring.measures import MEASURES
from bihuan.kernel.scoring.models import Account, Month
from bihuan.kernel.scoring.months import bottom_units, months_close
from bihuan.kernel.scoring.selectors import counted, day_span, month_before, next_month
from bihuan.kernel.scoring.words import LABELS
from bihuan.kernel.sentences import in_line, named
from bihuan.lib.text import SHANGHAI
from bihuan.packs.hotline import stories as hotline
from bihuan.packs.hotline.services import order_take
from bihuan.packs.hotline.tenth.drawing import tenth_call, tenths_draw
from bihuan.packs.supervision.services import task_open

CENTRE = "371502_12345"
MARKET, MUNICIPAL = hotline.MARKET, "371502_municipal"
RANKED = (MARKET, "371502_education", "371502_housing", "371502_transport", "371502_health", MUNICIPAL)
"""The departments that have orders in the story's two months."""
ORDERS = 10
"""So many each: fewer are not ranked."""


def working_morning(at: datetime) -> datetime:
    """Nine o'clock of the next working day."""
    return _at_nine(at.astimezone(SHANGHAI).date() + timedelta(days=1))


def month_morning(at: datetime) -> datetime:
    """Half past six on the fourth of the next month: when the month that has ended is closed."""
    first = next_month(at.astimezone(SHANGHAI).date())
    return datetime.combine(first.replace(day=4), time(6, 30), SHANGHAI)


def _at_nine(day: date) -> datetime:
    calendar = rulebook().calendar
    while not calendar.is_working(day_number(day)):
        day += timedelta(days=1)
    return datetime.combine(day, time(9), SHANGHAI)


def refund_answered(key: str, now: datetime) -> Begun:
    """宋女士's refund as the story before tells it, to where it waits for the call-back for the second time."""
    begun, at = hotline.refund_begin(key, now), now
    for scene in hotline.STORIES[0].scenes[:-1]:
        at += BETWEEN
        scene_take(scene, case=begun.case, now=at)
    return begun


def tenth_drawn(acting: Acting) -> str:
    """The daily tenth of every unit; of all seeds one that draws the story's order, so that it goes on."""
    number = Case.objects.values_list("number", flat=True).get(pk=acting.case)
    with transaction.atomic():
        first = next(one for one in tenths_draw(now=acting.now, seed="0") if number in one.listed)
        transaction.set_rollback(True)
    many = count_of(len(first.listed), percent=first.rule["percent"], rounding=first.rule["rounding"])
    seed = next(s for s in map(str, count()) if number in drawn(first.listed, seed=s, count=many))
    tenths_draw(now=acting.now, seed=seed)
    return gettext("名单上有 %(n)s 件,抽 %(many)s 件,种子是 %(seed)s(故事里选了能抽中这一件的种子),谁都可以照着再抽一遍。") % {
        "n": len(first.listed), "many": many, "seed": seed,
    }  # fmt: skip


def _sheet(acting: Acting) -> Sample:
    return Sample.objects.filter(cases__case=acting.case).latest("pk")


def sheet_called(acting: Acting) -> str:
    """The head calls 宋女士, and then everybody else on the sheet."""
    rows = sorted(Sampled.objects.filter(sample=_sheet(acting)), key=lambda one: one.case_id != acting.case)
    said = {"reached": "yes", "grade": "5", "contacted": "on", "resolved": "on", "understood": "on"}
    for place, row in enumerate(rows):
        tenth_call(sampled=row.pk, typed=said, by=acting.person, now=acting.now + timedelta(minutes=place))
    told, more = gettext("来电人说:联系过,解决了,满意。"), len(rows) - 1
    return told + (gettext("同一张单子上另有 %s 位,也逐个打过了。") % more if more else "")


def sheet_signed(acting: Acting) -> str:
    """The head signs."""
    signed = sample_sign(sample=_sheet(acting).pk, by=acting.person, now=acting.now)
    return gettext("已签字,上报中心:抽 %s 件,当天办完。") % signed.cases.count()


def day_scored(acting: Acting) -> str:
    """What the unit's day counts for."""
    scores_keep(now=acting.now)
    unit = Case.objects.values_list("unit_id", flat=True).get(pk=acting.case)
    span = day_span(day_of(acting.now), closed=acting.now + timedelta(minutes=1))
    counts = counted(pack="hotline", span=span, unit=unit).get(str(unit), {})
    return " · ".join(f"{LABELS[m]} {rate_told(m, counts[m])}" for m in MEASURES if m in counts)


def month_ranked(*worse: str) -> Callable[[Acting], str]:
    """The month that has just ended: every department's orders, of which the market bureau signs for none in time and the two
    `worse` ones for some; then it is closed, as every morning by the clock.
    """

    def act(acting: Acting) -> str:
        month = month_before(day_of(acting.now))
        orders_signed(month, {MARKET: 0, worse[0]: 2, worse[1]: 4})
        months_close(now=acting.now)
        row = Month.objects.get(pack="hotline", month=month)
        names = [named(u) for u in Unit.objects.filter(pk__in=bottom_units(row.ranked)["departments"])]
        told = gettext("%(month)s 部门后三名:%(units)s。") % {
            "month": f"{month:%Y-%m}",
            "units": in_line(names),
        }
        called = Account.objects.filter(matter="accountability", at=acting.now).values_list(
            "reason", flat=True
        )
        return "".join((told, *(gettext("启动问责:%s。") % reason for reason in called)))

    return act


def orders_signed(month: date, in_time: Mapping[str, int]) -> None:
    """Ten orders for each department of `RANKED` in a month, so many of them (or all) signed for in time."""
    morning = _at_nine(month.replace(day=10))
    units = dict(Unit.objects.filter(code__in=(CENTRE, *RANKED)).values_list("code", "pk"))
    handlers = {code: "wang" if code == MARKET else f"{code}_handler" for code in RANKED}
    people = dict(
        Person.objects.filter(username__in=("li", *handlers.values())).values_list("username", "pk")
    )
    with kernel_writes():
        opened = case_open_many(
            [_order(units[CENTRE], people["li"], morning) for _ in range(ORDERS * len(RANKED))]
        )
        owners = [code for code in RANKED for _ in range(ORDERS)]
        _taken(
            Move(one.case, "dispatch", 0, morning, data={"unit": units[code]})
            for one, code in zip(opened, owners, strict=True)
        )
        _taken(
            Move(one.case, "sign_for", people[handlers[code]], morning + timedelta(hours=1 if fit else 48))
            for place, (one, code) in enumerate(zip(opened, owners, strict=True))
            for fit in [place % ORDERS < in_time.get(code, ORDERS)]
        )


def _order(centre: int, by: int, now: datetime) -> Opening:
    return Opening(
        pack="hotline", title="演示:当月其他工单", text="故事里这个月的其他工单。", unit=centre, opened_by=centre, by=by, now=now,
        reported_at=now, region=settings.REGION, facts={"type": "complaint"}, passes_on=True,
    )  # fmt: skip


def _taken(moves: Any) -> None:
    for result in case_move_many(moves=list(moves)):
        if not isinstance(result, Moved):
            raise result


ACCOUNT = "@accountability"


def _summons(now: datetime) -> Mapping[str, Any]:
    return {"unit": MARKET, "at": (now + timedelta(days=1)).isoformat(), "place": "中心三楼会议室"}


def _statement(now: datetime) -> Mapping[str, Any]:
    return {
        "statement": "我单位对连续两个月排名靠后负全部责任,立即整改。",
        "measures": "每天调度未签收工单,超过两小时未签收的由分管负责人到场督促。",
        "until": (day_of(now) + timedelta(days=15)).isoformat(),
    }


STRUCK = {"found": "抽查近十天工单二十件,均按时签收。"}
CALLED_TO_ACCOUNT = (
    Scene("", "", "第二天早上,各单位当天要抽访的件自动抽出:每天10%", act=tenth_drawn, when=working_morning),
    Scene("sun", "", "一把手抽访:局长自己给宋女士打电话", act=sheet_called, when=after(minutes=20)),
    Scene("sun", "", "局长签字,上报中心", act=sheet_signed, when=after(hours=2)),
    Scene("liu", "evaluate", "中心回访:收到了,满意,办结", {"grade": "5", "contacted": "on", "resolved": "on", "understood": "on", "words": "钱收到了,谢谢"}),
    Scene("", "", "日考核:市场监管局当天的各项", act=day_scored),
    Scene("", "", "次月4日,上月关账排名:这个月它签收都超了时", act=month_ranked("371502_education", "371502_housing"), when=lambda at: month_morning(month_morning(at))),
    Scene("", "", "又过一个月:连续两个月在后三名,按《工作问责办法(试行)》自动启动问责", act=month_ranked("371502_transport", "371502_health"), when=month_morning),
    Scene("tang", "summon", "中心通知约谈", _summons, at=ACCOUNT, when=after(hours=3)),
    Scene("tang", "interview", "约谈并记录", {"present": "孙国强、唐伟", "words": "就连续两个月后三名约谈,要求逐件说明超时签收的原因。"}, at=ACCOUNT, when=after(days=1)),
    Scene("sun", "state", "局长表态:措施和日期", _statement, at=ACCOUNT, when=after(hours=3)),
    Scene("sun", "report", "整改到位,报结果", {"proof": "近十天工单均在两小时内签收,签收记录附后。"}, at=ACCOUNT, when=after(days=10)),
    Scene("tang", "strike_off", "马上就想销号,规则不许", STRUCK, at=ACCOUNT, refused=True),
    Scene("tang", "strike_off", "七天以后回头看:整改站住了,销号", STRUCK, at=ACCOUNT, when=after(days=7)),
)  # fmt: skip

ALLEY = {
    "title": "湖北社区东侧南北胡同雨后积水倒灌",
    "text": "湖北社区东侧的南北胡同地势低洼,长约50米、宽3米,红砖路面,每到夏天下雨就积水倒灌进院子,希望解决。",
    "type": "help",
    "matter": "道路积水",
    "territory": "古楼街道",
    "place": "湖北社区东侧南北胡同",
}
CALLERS = (("刘先生", "19900000002"), ("陈女士", "19900000003"), ("赵大爷", "19900000004"))
HEAD, HANDLER = f"{MUNICIPAL}_bureau_head", f"{MUNICIPAL}_handler"
WORKS = "@works"


def alley_begin(key: str, now: datetime) -> Begun:
    """The first caller of the alley."""
    li = Person.objects.get(username="li").pk
    caller = {"reporter": "孙奶奶", "phone": "19900000005", "external_id": f"{PREFIX}{key}"}
    taken = order_take(data={**ALLEY, **caller}, by=li, now=now)
    return Begun(taken.case, taken.seconds, taken.reasons)


def alley_again(acting: Acting) -> str:
    """Three more callers, each with an order of the own."""
    numbers = [
        order_take(data={**ALLEY, "reporter": name, "phone": phone}, by=acting.person, now=acting.now).number
        for name, phone in CALLERS
    ]
    return gettext("又登记了 %s,都派到了同一个单位。") % in_line(numbers)


def alley_merged(acting: Acting) -> str:
    """The supervisor finds them to be one problem."""
    first = Case.objects.get(pk=acting.case)
    alike = _alike(first)
    for one in alike:
        case_act(
            case_id=one.pk, step="merge", by=acting.person, now=acting.now, data={"case": first.pk, "remark": "同一条胡同"}
        )  # fmt: skip
    return gettext("%(n)s 件并入 %(number)s:以后只办这一件,每位来电人都要单独回访。") % {
        "n": len(alike), "number": first.number,
    }  # fmt: skip


def _alike(first: Case) -> Sequence[Case]:
    """The story's other orders: opened after the first, of the same title and place."""
    return list(
        Case.objects.filter(pk__gt=first.pk, title=first.title, place=first.place, parent=None).order_by("pk")
    )


def alley_works(acting: Acting) -> str:
    """The problem is to be mended at its root."""
    scope = scope_of(person=acting.person, at=acting.now, roles=roles())
    number = task_open(
        scope=scope, kind="works", unit=Unit.objects.get(code=MUNICIPAL).pk, title="湖北社区东侧胡同硬化抬高、新砌排水口",
        text="50米长、3米宽,下雨不再积水。", due=None, origin=acting.case, key=f"{PREFIX}{acting.case}", now=acting.now,
    )  # fmt: skip
    return gettext("立了治本工程 %s:下一场雨验证有效才办结。") % number


def alley_called(acting: Acting) -> str:
    """Every caller is called back."""
    for one in _alike(Case.objects.get(pk=acting.case)):
        case_act(
            case_id=one.pk, step="evaluate", by=acting.person, now=acting.now,
            data={"grade": "5", "contacted": "on", "resolved": "on", "understood": "on"},
        )  # fmt: skip
    return gettext("另外 %s 位来电人也逐个回访,都满意,全部办结。") % len(CALLERS)


def _plan(now: datetime) -> Mapping[str, Any]:
    until = (day_of(now) + timedelta(days=20)).isoformat()
    return {"works": "路面混凝土硬化抬高,长50米、宽3米;新砌排水口三处。", "cost": "86000", "until": until}


def _rain(ahead: int) -> Callable[[datetime], Mapping[str, Any]]:
    return lambda now: {
        "on": (day_of(now) + timedelta(days=ahead)).isoformat(), "found": "大雨后到场看过,没有积水。",
        "answer": "胡同已硬化抬高,新砌了排水口,大雨后没有再积水。如果又出现,请告诉我们。",
    }  # fmt: skip


MENDED = (
    Scene("li", "", "下雨天,又有三位居民打来", act=alley_again, when=after(hours=1)),
    Scene("tang", "", "并排一看是同一个问题,并成一件", act=alley_merged),
    Scene(HANDLER, "sign_for", "市政签收:时限归它"),
    Scene(HANDLER, "self_call_back", "先给来电人回电话", {"reached": "yes", "understood": "on", "note": "已说明要从根上治,居民认可"}),
    Scene(HEAD, "ask_pause", "申请挂起:要等施工和下一场雨", {"ground": "works", "days": "180", "reason": "要等施工和下一场雨"}),
    Scene("tang", "grant_pause", "中心同意挂起"),
    Scene("tang", "", "交办治本工程", act=alley_works),
    Scene(HEAD, "plan", "定方案:做什么、多少钱、哪天完", _plan, at=WORKS, when=after(days=1)),
    Scene(HANDLER, "complete", "完工,报佐证", {"proof": "胡同已硬化抬高50米,新砌排水口三处,验收单附后。"}, at=WORKS, when=after(days=14)),
    Scene("tang", "prove", "还没有下雨就想验证,规则不许", _rain(3), at=WORKS, refused=True),
    Scene("tang", "prove", "下了一场大雨,没有积水:验证有效,原件和并入的件自动转回访", _rain(0), at=WORKS, when=after(days=3)),
    Scene("liu", "evaluate", "回访第一位来电人:满意", {"grade": "5", "contacted": "on", "resolved": "on", "understood": "on", "words": "下雨不淹了"}),
    Scene("liu", "", "回访其余来电人", act=alley_called),
)  # fmt: skip

STORIES = (
    Story(
        "account", "S1-35", "退费之后:抽访、考核、问责、回头看",
        "宋女士的退费重办以后,局长抽到这一件,亲自打电话、签字;当天计入日考核。这个局连续两个月在后三名,到日子自动启动问责,直到回头看销号。",
        "li", "tang", refund_answered, CALLED_TO_ACCOUNT,
    ),
    Story(
        "alley", "S1-26", "每到夏天就积水的胡同",
        "许多来电,一个问题:并成一件,立治本工程,等下一场雨验证;验证有效,每一位来电人都回访到。",
        "li", "tang", alley_begin, MENDED,
    ),
)  # fmt: skip
