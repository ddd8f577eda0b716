"""The city's own centre for the demonstration of two tiers: its units, its people, and orders that it takes in."""

from __future__ import annotations

from bihuan.site.city.people import Person, Role
from bihuan.site.city.units import CITY_CODE, DISTRICT_CODE, CityUnit, Kind, units

CENTRE = f"{CITY_CODE}_12345"
OWN = (Kind.DEPARTMENT, Kind.DESK)
PEOPLE: tuple[Person, ...] = (
    Person("ma", "马静", CENTRE, Role.SEAT_AGENT, named=True),
    Person("gao", "高志强", CENTRE, Role.SUPERVISOR, named=True),
    Person("lin", "林慧敏", CENTRE, Role.REVIEWER, named=True),
    Person("he", "何晓燕", CENTRE, Role.CALLER_DESK, named=True),
    Person("admin", "市系统管理员", CENTRE, Role.SYSTEM_ADMIN, True, "City system administrator"),
    Person("security", "市安全管理员", CENTRE, Role.SECURITY_ADMIN, True, "City security administrator"),
    Person("audit", "市审计管理员", CENTRE, Role.AUDIT_ADMIN, True, "City audit administrator"),
    Person("city-market", "孟庆生", f"{CITY_CODE}_market", Role.HANDLER, named=True),
)
_ORDERS = (
    ("complaint", "消费退费纠纷", "柳园街道", "柳园南路66号", "在柳园南路某培训班交了5200元学费,一直没有开课,商家答应退费又不退。", "宋女士"),
    ("help", "路灯不亮", "古楼街道", "东关街西口", "东关街西口的三盏路灯坏了一个星期,晚上老人出门看不清路。", "刘先生"),
    ("complaint", "夜间施工噪声", "新区街道", "昌润路一工地", "昌润路工地夜里十二点还在打桩,家里有高三学生,睡不了觉。", "赵女士"),
    ("help", "供暖不热", "柳园街道", "振兴路某小区", "家里暖气不热,只有十五度,老人孩子都感冒了。", "孙先生"),
    ("enquiry", "", "闫寺街道", "", "请问闫寺街道办理残疾人两项补贴要带什么材料?", "周女士"),
)  # fmt: skip


def city_units() -> tuple[CityUnit, ...]:
    """The city, its places and offices, and the district's centre as one unit: what is inside the district is the district's."""
    return tuple(u for u in units() if not (u.parent == DISTRICT_CODE and u.kind in OWN))


def orders_first() -> list[dict[str, str]]:
    """Orders from the district's places, as the city's seat types them."""
    return [
        {
            "type": kind, "matter": matter, "territory": territory, "place": place, "text": text,
            "reporter": name, "phone": f"1990000010{number}", "external_id": f"tiers-{number}",
        }
        for number, (kind, matter, territory, place, text, name) in enumerate(_ORDERS)
    ]  # fmt: skip
