"""Danger to life as data: which words tell of it, who is called at once, and who follows it up.

rules.md A2: 危及生命的,立即转 110/119/120/122. A word too many costs one call; a word too few may cost a
life. Pure: no Django.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

FRESH = timedelta(hours=24)
"""Words tell of present danger only in a message not older than this; a letter of last year does not."""


@dataclass(frozen=True, slots=True)
class Danger:
    """What the words of a message tell: the matter, the service to call, the words themselves."""

    matter: str
    service: str
    words: str


SERVICE_BY_MATTER = {"0305": "119", "1101": "110", "1102": "119", "1103": "120", "1104": "122"}
"""Emergency matters of the taxonomy to the service; another matter marked as an emergency goes to 110."""

FOLLOW_UP = {"110": "police", "119": "fire", "120": "health", "122": "traffic_police"}
"""The office (slug) of the place that follows up, where the directory names only the service itself."""

_GAS = "煤气|燃气|天然气|液化气"
_SIGNS: tuple[tuple[str, str, str], ...] = (
    (
        f"(?:{_GAS})(?:管道|管|罐|阀|灶)?[^。!?！？,，]{{0,4}}(?:泄漏|泄露|漏气)"
        f"|(?:很浓的|浓烈的|强烈的)(?:{_GAS})味",
        "0305",
        "119",
    ),
    ("(?:起火|着火|失火)(?:了|,|，|。|！|!)|火势|冒浓烟|正在燃烧|快派消防车", "1102", "119"),
    (
        "(?:被困|困在)(?:电梯|水|家|楼|车|火)|有人被困|人(?:落水|溺水)"
        "|有人(?:要)?跳(?:楼|河|桥)|(?:楼顶|桥上)要跳",
        "1101",
        "110",
    ),
    ("持刀|持械|被人绑架|绑架了|(?:想|要)自杀|要轻生|正在(?:打人|砍人|行凶)", "1101", "110"),
    (
        "(?:昏迷|晕倒|没有呼吸|没有意识|大出血|心脏骤停|煤气中毒|触电)"
        "(?:了|,|，|。|！|!|不醒|叫不醒)|快派救护车",
        "1103",
        "120",
    ),
    ("(?:车祸|交通事故|撞车|撞了人|撞人)[^。]{0,8}(?:受伤|伤者|流血|人员伤亡|被压)", "1104", "122"),
)
_NOT_NOW = re.compile(
    "(?:防止|避免|预防|以防|防范|可能|容易|易|担心|害怕|怕|"
    "曾|曾经|去年|前年|以前|之前|上次|"
    "假如|如果|万一|一旦|引发|导致|造成|发生过|没有|是否|经常|多次|数次|有时)"
    "[^。!?！？]{0,10}$|打不$"
)
_PATTERNS = tuple((re.compile(pattern), matter, service) for pattern, matter, service in _SIGNS)


def danger_found(text: str) -> Danger | None:
    """The first danger to life that `text` tells of as present, or None. Fears, past and "what if" do not
    count.
    """
    for pattern, matter, service in _PATTERNS:
        for found in pattern.finditer(text):
            if not _NOT_NOW.search(text[max(0, found.start() - 14) : found.start()]):
                return Danger(matter, service, found.group().strip("。,，!！"))
    return None
