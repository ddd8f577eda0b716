"""The forms of fire review's own screens, and what was typed read into what the services take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop

from bihuan.kernel.desk.forms import Field
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.asks import Ask, asks_clean
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError, key_cleaned
from bihuan.packs.fire.materials import ITEMS
from bihuan.packs.fire.models import SingleWork
from bihuan.packs.fire.projects.deferring import Later
from bihuan.packs.fire.projects.services import Declared, Work
from bihuan.packs.fire.routes.rules import EXCLUDED
from bihuan.packs.fire.rulings.services import Ruled
from bihuan.packs.fire.special.cells import MOST_AREA, MOST_HEIGHT, measure_read
from bihuan.packs.fire.special.uses import vocabulary

WORKS, STOREYS, WORDS = 200, 300, 12
WORDS_FAULT = f"写 1 至 {WORDS} 个词,每个至少两个字"
LONGEST_KEY = 64

OWNER_UNIT = Ask(
    "owner_unit",
    "建设单位的账号",
    "unit",
    required=False,
    help="建设单位在本系统有账号的,选上:项目、申请和整改它自己看得到、办得了",
)
PROJECT = (
    Ask("name", "项目名称", "line", max_length=120),
    Ask("owner", "建设单位", "line", max_length=120),
    OWNER_UNIT,
    Ask("place", "地点", "line", max_length=120),
    Ask("use", "使用性质", "line", max_length=60, choices=tuple((word, "") for word in vocabulary()), help="用住建部令第51号第14条的词,如 医院病房楼、办公楼"),
    Ask("area_m2", "建筑面积(平方米)", "line", required=False, max_length=30),
    Ask("height_m", "建筑高度(米)", "line", required=False, max_length=30),
    Ask("contains", "设有", "line", required=False, max_length=400, help="用途:面积;用途:面积,如 歌舞厅:600;网吧:300"),
    Ask("works", "单体工程", "text", required=False, max_length=8000, help="一行一个:名称,面积,高度,层数"),
    Ask("standard", "适用的技术标准", "line", required=False, max_length=120, help="历史遗留项目按当时的标准(令51第40条)"),
    Ask("investment", "投资额(万元)", "line", required=False, max_length=30, help="低于限额的是限额以下小型工程,直接受理消防审验"),
    Ask("excluded", "不适用的情形", "choice", required=False, choices=EXCLUDED, help="令51第41条;都不是的不用选"),
    Ask("legacy", "历史遗留项目", "yes", required=False),
    Ask("crowded", "人员密集场所(第14条第一至六项的场所不用勾,系统自动认定)", "yes", required=False),
    Ask("punished", "建设单位曾因未依法备案受罚", "yes", required=False),
)  # fmt: skip
RULING = (
    Ask("title", "标题", "line", max_length=120),
    Ask("clauses", "相冲突的条文", "text", min_length=4, max_length=4000),
    Ask("ruling", "裁定", "text", min_length=4, max_length=4000),
    Ask("reason", "理由", "text", min_length=4, max_length=4000),
    Ask("scope", "适用范围", "line", max_length=400),
    Ask("words", "凭哪些词找到", "line", max_length=300, help="用顿号隔开,如 罐区、化工装置;项目名称、用途或单体含有其一的,页面上会提示"),
)  # fmt: skip
FINDING = (
    Ask("part", "部位", "line", max_length=120),
    Ask("words", "查出什么问题", "text", min_length=2, max_length=4000, help="写明实测值和要求值"),
    Ask("item", "评定项目", "choice", required=False, choices=ITEMS, help="选了以后,现场评定时在这一项里看得到"),
    Ask("clause", "依据的条文", "line", required=False, max_length=200),
)  # fmt: skip
LATER_ROWS = (1, 2, 3)
PRECHECK = tuple(
    ask
    for n in LATER_ROWS
    for ask in (
        Ask(f"later_name_{n}", "容后补交什么", "line", required=False, max_length=120),
        Ask(f"later_due_{n}", "哪天以前", "date", required=False, earliest=0),
    )
)
REVOKE = (Ask("reason", "理由", "line", min_length=4, max_length=200),)
REASON = (Ask("reason", "理由", "line", min_length=2, max_length=200),)


def works_asks(project: int | None) -> tuple[Ask, ...]:
    """In which single work of a project something lies, where the project has any. Who keeps a site does not keep its project: the names of
    its works are read for whoever may open the form.
    """
    with kernel_writes():
        works = SingleWork.objects.filter(project=project).order_by("pk").values_list("pk", "name")
        choices = tuple((str(pk), name) for pk, name in works) if project else ()
    help_ = gettext_noop("选了的,分阶段验收时只影响这个单体;不选的影响整个项目")
    label = gettext_noop("所在单体")
    return (Ask("work", label, "choice", required=False, choices=choices, help=help_),) if choices else ()


def project_declared(data: Mapping[str, Any]) -> Declared:
    """The project that a cleaned form declares. FieldError for a line of single works."""
    return Declared(
        name=data["name"], owner=data["owner"], owner_unit=data.get("owner_unit"), place=data["place"], use=data["use"],
        area=data.get("area_m2", ""), height=data.get("height_m", ""), contains=data.get("contains", ""),
        standard=data.get("standard", ""), legacy=bool(data.get("legacy")), crowded=bool(data.get("crowded")),
        punished=bool(data.get("punished")), investment=data.get("investment", ""), excluded=data.get("excluded", ""), works=works_read(data.get("works", "")),
    )  # fmt: skip


def works_read(text: str) -> list[Work]:
    """Single works, a line each: name, area, height, storeys, parted by commas. FieldError names the line."""
    lines = [line.strip() for line in text.replace("，", ",").split("\n") if line.strip()]
    if len(lines) > WORKS:
        raise FieldError("works", "too_many", f"单体工程不能多于 {WORKS} 个")
    works = [_work(line) for line in lines]
    names = [work.name for work in works]
    if again := next((name for name in names if names.count(name) > 1), ""):
        raise FieldError("works", "duplicate", f"单体工程“{again}”写了两次")
    return works


def _work(line: str) -> Work:
    name, area, height, storeys, *more = [*(part.strip() for part in line.split(",")), "", "", ""]
    if not name or any(more) or len(name) > 120:
        raise FieldError("works", "value", f"单体工程“{line[:40]}”要写成 名称,面积,高度,层数")
    floors = measure_read(storeys, field="works", name="层数", most=MOST_HEIGHT)
    if floors is not None and (floors != int(floors) or floors > STOREYS):
        raise FieldError("works", "range", f"单体工程“{name}”的层数应是不大于 {STOREYS} 的整数")
    return Work(
        name,
        measure_read(area, field="works", name="面积", most=MOST_AREA),
        measure_read(height, field="works", name="高度", most=MOST_HEIGHT),
        None if floors is None else int(floors),
    )


def ruling_ruled(data: Mapping[str, Any]) -> Ruled:
    """The ruling of a cleaned form. FieldError for words that find nothing or everything."""
    words = words_read(data["words"])
    if not words:
        raise FieldError("words", "value", WORDS_FAULT)
    return Ruled(
        **{name: data[name] for name in ("title", "clauses", "ruling", "reason", "scope")}, words=words
    )


def words_read(text: str) -> list[str]:
    """Words parted by commas, each once. FieldError for too many, or for one that would find everything."""
    words = dict.fromkeys(word.strip() for word in text.replace(",", "、").replace("，", "、").split("、"))
    found = [word for word in words if word]
    if len(found) > WORDS or any(not 2 <= len(word) <= 40 for word in found):
        raise FieldError("words", "value", WORDS_FAULT)
    return found


def later_read(data: Mapping[str, Any]) -> list[Later]:
    """The things of a cleaned form that may follow later. FieldError for a thing without a day, or a day without a thing."""
    found = []
    for n in LATER_ROWS:
        name, due = str(data.get(f"later_name_{n}") or ""), str(data.get(f"later_due_{n}") or "")
        if bool(name) != bool(due):
            raise FieldError(f"later_due_{n}", "empty", gettext("容后补交的每一样都要写名称和日子。"))
        if name:
            found.append(Later(name, date.fromisoformat(due)))
    return found


def typed_clean(request: HttpRequest, asks: Sequence[Ask]) -> dict[str, Any]:
    """What was typed, cleaned by its declaration."""
    typed = {ask.name: request.POST.get(ask.name, "").strip() for ask in asks}
    return asks_clean(asks, typed, today=day_of(request.now))


def typed_faults(request: HttpRequest, asks: Sequence[Ask]) -> dict[str, str]:
    """All that `typed_clean` would refuse, by the field, not the first alone."""
    found = {}
    for ask in asks:
        try:
            typed_clean(request, [ask])
        except FieldError as fault:
            found[fault.field] = told(fault)
    return found


def form_tried(
    request: HttpRequest, asks: Sequence[Ask], write: Callable[[], Any]
) -> tuple[Any, dict[str, Any], int]:
    """What `write` returns, or the context of the form with what was typed and what is wrong, and the status.

    NotPermitted and NotFound go through.
    """
    try:
        return write(), {}, 200
    except FieldError as fault:
        faults = typed_faults(request, [ask for ask in asks if ask.kind != "unit"])
        return None, form_context(request, asks, {**faults, fault.field: told(fault)}), 422
    except (NotPermitted, NotFound):
        raise
    except Refusal as refusal:
        return None, form_context(request, asks, {}, told(refusal)), refusal.status


def form_context(
    request: HttpRequest, asks: Sequence[Ask], errors: Mapping[str, str], refusal: str = ""
) -> dict[str, Any]:
    """Fields with what was typed kept, what is wrong, and the key that lets the form be sent once."""
    typed = request.POST if request.method == "POST" else request.GET
    fields = [
        Field(ask, (typed[ask.name],) if typed.get(ask.name) else (), errors.get(ask.name, ""))
        for ask in asks
    ]
    return {"fields": fields, "refusal": refusal, "key": form_key(request)}


def form_key(request: HttpRequest) -> str:
    """The key that was sent with the form, or a new one."""
    return key_cleaned(request.POST.get("key", ""), most=LONGEST_KEY) or uuid4().hex


def own_key(request: HttpRequest) -> str:
    """The form's key, where keys that the system makes stand in the same column: no browser can send one of those."""
    return f"form:{form_key(request)}"
