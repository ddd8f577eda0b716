"""Invented places of the generated orders, in the real townships of 东昌府区.

Which township is whose is a fact of the city's unit tree; the codes stand here because the generator belongs
to the pack, which knows no city. A test compares both.
"""

from __future__ import annotations

from random import Random

RUN_BY_DISTRICT: dict[str, tuple[str, float]] = {
    "371502001": ("古楼街道", 20), "371502002": ("柳园街道", 22), "371502003": ("新区街道", 20),
    "371502005": ("道口铺街道", 5), "371502006": ("闫寺街道", 5), "371502100": ("侯营镇", 4),
    "371502101": ("沙镇镇", 5), "371502102": ("堂邑镇", 4), "371502103": ("梁水镇", 4),
    "371502104": ("斗虎屯镇", 3), "371502105": ("郑家镇", 3), "371502106": ("张炉集镇", 3),
    "371502400": ("香江光彩大市场服务中心", 2),
}  # fmt: skip
"""Townships that the district runs itself: code to name and weight."""

RUN_BY_ZONES: dict[str, tuple[str, float]] = {
    "371502004": ("湖西街道", 3), "371502008": ("北城街道", 3), "371502009": ("东城街道", 3),
    "371502010": ("蒋官屯街道", 2), "371502011": ("李海务街道", 2), "371502107": ("于集镇", 1),
    "371502108": ("许营镇", 1), "371502109": ("朱老庄镇", 1), "371502110": ("顾官屯镇", 1),
    "371502115": ("韩集镇", 1), "371502116": ("广平镇", 1),
}  # fmt: skip
"""Townships with a code of the district that functional zones run: code to name and weight."""

KINDS = ("road", "compound", "village", "shop", "school", "hospital", "site", "hall", "any")
POOL = 48
"""Places of one kind in one township."""

_FIRST = (
    "锦澜",
    "望淮",
    "鲁棠",
    "青葵",
    "汇泽",
    "昌樾",
    "云栖",
    "枫岚",
    "凤栎",
    "泰棠",
    "文渡",
    "和苒",
    "东屿",
    "玉汀",
)
_STREETS = ("路", "街", "大街", "北路", "南路", "胡同", "巷")
_HOMES = ("花园", "家园", "小区", "新村", "公寓", "名苑", "雅居", "华庭")
_CLANS = ("栾", "郗", "亓", "逄", "咸", "蔺", "鹿", "苗", "种", "仝", "凌", "柴", "裴", "荆")
_HAMLETS = ("家洼村", "家桥村", "家园子村", "老庄村", "家河口村", "家槐村", "新庄村", "家集村")
_SHOPS = (
    "沿街门市",
    "临街商铺",
    "商场一楼",
    "商业街",
    "广场二楼",
    "商贸城",
    "综合市场",
    "生活广场",
    "购物中心",
)
_SITES = ("安置区", "产业园", "物流园", "工业园", "开发地块", "北侧地块", "加工园区")
_SCHOOLS = ("小学", "实验小学", "中学", "幼儿园", "实验中学")
_HOSPITALS = ("卫生院", "社区卫生服务站", "门诊部", "康复医院")
_HALLS = ("便民服务中心", "政务服务大厅", "办事大厅", "综合服务窗口")
_SPOTS = ("中段", "南头", "北首", "东侧", "西侧路口", "桥头", "与{b}路交叉口", "公交站旁", "菜市场门口")
_BUILDINGS = ("", "1号楼", "3号楼", "5号楼二单元", "7号楼", "12号楼", "北门", "南门", "东区", "西区")


def _place(*, kind: str, rural: bool, rng: Random) -> str:
    one, two = rng.sample(_FIRST, 2)
    if kind == "any":
        kind = "village" if rural else "compound"
    if kind == "village" or (rural and kind == "compound" and rng.random() < 0.7):
        return rng.choice(_CLANS) + rng.choice(_HAMLETS)
    if kind == "road":
        return one + rng.choice(_STREETS) + rng.choice(_SPOTS).replace("{b}", two)
    if kind == "compound":
        return one + rng.choice(_HOMES) + rng.choice(_BUILDINGS)
    kinds = {"shop": _SHOPS, "site": _SITES, "school": _SCHOOLS, "hospital": _HOSPITALS, "hall": _HALLS}
    street = one + rng.choice(_STREETS[:5]) if kind in ("shop", "site") else one
    return street + ("" if kind not in ("shop", "site") else two) + rng.choice(kinds[kind])


def _pools() -> dict[tuple[str, str], tuple[str, ...]]:
    rng = Random(371502)
    pools = {}
    for code, (name, _) in (RUN_BY_DISTRICT | RUN_BY_ZONES).items():
        for kind in KINDS:
            rural = name.endswith("镇")
            pools[code, kind] = tuple(name + _place(kind=kind, rural=rural, rng=rng) for _ in range(POOL))
    return pools


PLACES: dict[tuple[str, str], tuple[str, ...]] = _pools()
"""(township code, kind) to invented places that begin with the township's name; the same for every seed."""

HOT_SPOT = ("371502001", "古楼街道锦渡胡同")
"""An alley that is flooded summer after summer until it is raised and drained (after the story in S1)."""
