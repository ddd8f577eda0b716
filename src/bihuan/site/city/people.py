"""The cast of the demonstration city: made-up people, the same every time, at least one in every role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bihuan.site.city.units import CITY_CODE, DISTRICT_CODE, CityUnit, Kind, units


class Role(StrEnum):
    """What a person does in the loop; the last three are the separate administrators."""

    SEAT_AGENT = "seat_agent"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    SECTION_CHIEF = "section_chief"
    BUREAU_HEAD = "bureau_head"
    REVIEWER = "reviewer"
    CALLER_DESK = "caller_desk"
    SUPERVISOR = "supervisor"
    DISCIPLINE = "discipline"
    HALL_SCREEN = "hall_screen"
    WINDOW_CLERK = "window_clerk"
    ISSUING_CLERK = "issuing_clerk"
    REVIEW_OFFICER = "review_officer"
    HALL_MANAGER = "hall_manager"
    HALL_GUIDE = "hall_guide"
    HALL_KIOSK = "hall_kiosk"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


@dataclass(frozen=True, slots=True)
class Person:
    """One person with one role in the unit of code `unit`; `named` marks the standing cast."""

    username: str
    name: str
    unit: str
    role: Role
    named: bool = False
    name_en: str = ""


_CENTRE = f"{DISTRICT_CODE}_12345"
_MARKET = f"{DISTRICT_CODE}_market"
_APPROVAL = f"{DISTRICT_CODE}_approval"

CAST: tuple[Person, ...] = (
    Person("li", "李文静", _CENTRE, Role.SEAT_AGENT, named=True),
    Person("zhou", "周海洋", f"{DISTRICT_CODE}_desk", Role.DISPATCHER, named=True),
    Person("wang", "王建业", _MARKET, Role.HANDLER, named=True),
    Person("chen", "陈立新", _MARKET, Role.SECTION_CHIEF, named=True),
    Person("sun", "孙国强", _MARKET, Role.BUREAU_HEAD, named=True),
    Person("zhao", "赵慧", _CENTRE, Role.REVIEWER, named=True),
    Person("liu", "刘芳", _CENTRE, Role.CALLER_DESK, named=True),
    Person("tang", "唐伟", _CENTRE, Role.SUPERVISOR, named=True),
    Person("hall", "大厅屏幕", _CENTRE, Role.HALL_SCREEN, True, "Hall screen"),
    Person("fang", "方敏", _APPROVAL, Role.WINDOW_CLERK, named=True),
    Person("ren", "任洁", _APPROVAL, Role.ISSUING_CLERK, named=True),
    Person("shen", "沈悦", _APPROVAL, Role.REVIEW_OFFICER, named=True),
    Person("hou", "侯翔", _APPROVAL, Role.WINDOW_CLERK),
    Person("qin", "秦雨", _APPROVAL, Role.WINDOW_CLERK),
    Person("jiang", "蒋欣", _APPROVAL, Role.WINDOW_CLERK),
    Person("luyao", "陆瑶", _APPROVAL, Role.WINDOW_CLERK),
    Person("bai", "白雪松", _APPROVAL, Role.WINDOW_CLERK),
    Person("cheng", "程莉", _APPROVAL, Role.HALL_MANAGER, named=True),
    Person("dou", "窦小雨", _APPROVAL, Role.HALL_GUIDE, named=True),
    Person("kiosk", "自助终端一", _APPROVAL, Role.HALL_KIOSK, True, "Kiosk one"),
    Person("qian", "钱亮", f"{DISTRICT_CODE}_veterans", Role.HANDLER, named=True),
    Person("admin", "系统管理员", _CENTRE, Role.SYSTEM_ADMIN, True, "System administrator"),
    Person("security", "安全管理员", _CENTRE, Role.SECURITY_ADMIN, True, "Security administrator"),
    Person("audit", "审计管理员", _CENTRE, Role.AUDIT_ADMIN, True, "Audit administrator"),
)
"""The standing cast: qian is the outsider, who sees and changes nothing of the market bureau's orders."""

_DEPARTMENT_ROLES = (Role.HANDLER, Role.SECTION_CHIEF, Role.BUREAU_HEAD)
_CENTRE_ROLES = (Role.SEAT_AGENT, Role.REVIEWER, Role.CALLER_DESK, Role.SUPERVISOR)
_SURNAMES = "郭韩马高林何梁宋郑谢许邓冯曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢傅钟姜崔"
_GIVEN = (
    "志远", "秀兰", "建华", "晓燕", "德明", "丽娟", "海涛", "雪梅", "长青", "玉珍", "立军", "春霞", "庆生",
    "桂英", "世杰", "淑芳", "永刚", "翠萍", "文斌", "月红", "振东", "凤琴", "学礼", "红艳", "保国", "爱民",
    "新宇", "佳怡", "明哲", "雅琴", "兴旺",
)  # fmt: skip


def _roles_of(unit: CityUnit) -> tuple[Role, ...]:
    if unit.kind is Kind.CENTRE:
        return _CENTRE_ROLES
    if unit.kind is Kind.DESK:
        return (Role.DISPATCHER,)
    if unit.kind is Kind.TOWNSHIP:
        return (Role.HANDLER, Role.BUREAU_HEAD)
    if unit.kind is Kind.DEPARTMENT:
        discipline = unit.code in (f"{CITY_CODE}_discipline", f"{DISTRICT_CODE}_discipline")
        return (*_DEPARTMENT_ROLES, Role.DISCIPLINE) if discipline else _DEPARTMENT_ROLES
    return ()


def _generated() -> Iterator[Person]:
    cast = {(person.unit, person.role) for person in CAST}
    number = 0
    for unit in units():
        for role in _roles_of(unit):
            if (unit.code, role) in cast:
                continue
            # 40 surnames and 31 given names have no common divisor: 1,240 people before a name returns.
            name = _SURNAMES[number % len(_SURNAMES)] + _GIVEN[number % len(_GIVEN)]
            number += 1
            yield Person(f"{unit.code}_{role}", name, unit.code, role)


@cache
def people() -> tuple[Person, ...]:
    """The standing cast, then the people of every unit, whose user names are `<unit code>_<role>`."""
    return (*CAST, *_generated())
