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

BRIEF = 120
"""Whoever is in danger is brief: a longer message tells of the present only where it says so."""

_WHO = "(?:人|老人|孩子|小孩|娃|工人|学生|男子|女子|乘客|司机|老伴|爸|妈|父亲|母亲|丈夫|妻子|邻居)"
_GAS = "(?:煤气|燃气|天然气|液化气)"
_NOW = "(?:了|着|倒|,|，|。|！|!|不醒|叫不醒|在地|$)"
_SIGNS: tuple[tuple[str, str, str], ...] = (
    # A leak goes to the gas company as well (0305), the rest to the services themselves.
    (f"{_GAS}(?:管道|管|罐|阀|灶)?[^。!?！？,，]{{0,4}}(?:泄漏|泄露|漏气)", "0305", "119"),
    (f"(?:闻到|满屋|很浓|浓烈|强烈)[^。,，]{{0,6}}{_GAS}味?|{_GAS}味[^。]{{0,8}}(?:头晕|头疼|恶心|呛|受不了)", "0305", "119"),
    (f"(?:起火|着火|失火){_NOW}|着了火|烧起来|火势|冒(?:浓|黑|大)烟|正在燃烧|快派消防车|(?:发生|突然)爆炸|爆炸了", "1102", "119"),
    (f"被困|困(?:在|住|人)|有人困|困了[^。]{{0,4}}{_WHO}|关在[^。]{{0,8}}出不来", "1102", "119"),
    ("(?:掉|跌|摔|滑)(?:进|到|入|下)?[^。,，]{0,4}(?:井|坑|河|水|湖|塘|下水道|化粪池|沟)|落水(?![管口井斗])|溺水|沉下去", "1102", "119"),
    (f"(?:坍塌|倒塌|垮塌|塌方|塌)[^。]{{0,10}}(?:压|埋|砸|困|里面有)|(?:压|埋|砸)(?:着|住|到|伤|了)[^。,，]{{0,4}}{_WHO}", "1102", "119"),
    (f"(?:房子|墙|楼|桥|脚手架|塔吊|架子)[^。,，]{{0,4}}(?:要|快)(?:倒|塌|垮)[^。]{{0,12}}(?:里面|下面|{_WHO})", "1102", "119"),
    ("(?:拿|持|举|提)(?:着|了)?(?:刀(?!具)|枪(?!支)|斧|棍|凶?械)|砍人|砍伤|捅人|捅伤|杀人|行凶|(?:有人|正在|被|遭)(?:绑架|抢劫|劫持)|(?:绑架|抢劫|劫持)了", "1101", "110"),
    (f"(?:正在|现在|一直)[^。,，]{{0,4}}(?:打人|打架|殴打|打老婆|打{_WHO})|往死里打|{_WHO}[^。,，]{{0,4}}(?:走丢|走失|失踪|不见了|被拐|拐走)", "1101", "110"),
    ("不想活|(?:想|要|准备)(?:自杀|寻死|轻生|跳楼|跳河|跳桥)|割腕|喝(?:了)?农药|有人(?:要)?跳(?:楼|河|桥)|(?:楼顶|桥上|窗台)[^。,，]{0,4}要跳", "1101", "110"),
    (
        f"(?:昏迷|晕倒|昏倒|晕过去|休克|没有?(?:了)?(?:呼吸|心跳|意识)|没反应了|大出血|心脏骤停|心梗|心肌梗死|脑出血|中毒|触电|被电(?:到|击)|抽搐|吐血){_NOW}",
        "1103", "120",
    ),
    ("快不行|快死了|喘不(?:上|过)(?:来)?气|血流不止|口吐白沫|流了?(?:很多|好多|一地)血|救命(?:啊|呀|,|，|。|!|！|$)|快派救护车|从[^。,，]{0,8}(?:摔|掉|坠)(?:了)?下来", "1103", "120"),
    (
        f"(?:车祸|交通事故|撞车|撞(?:了|倒|到|伤)?{_WHO})[^。]{{0,12}}(?:(?<![擦刮工])伤|流血|伤亡|被压|不动|不醒|起不来)|撞(?:倒|飞)(?:了)?[^。,，]{{0,4}}{_WHO}",
        "1104", "122",
    ),
)  # fmt: skip
_PAST = r"曾|当时|去年|前年|上个?月|上周|昨天|前天|前几天|前些天|以前|之前|上次|\d{4}年|\d{1,2}月\d{1,2}|(?<!\d)[0-3]?\d[日号](?=[上下晚早中凌夜,，]|在|的时候)|\d+年前|多次|经常|常常|有时|每次|每年|发生过|出现过|差点|差一点|险些"
_FEARED = "千万别|防|避免|可能|容易|易|担心|害怕|怕|恐|万一|一旦|假如|如果|要是|若|是否|引发|导致|造成|没有(?!呼吸|心跳|意识|反应)|宣传|演练|培训|预案|打不"
_BEFORE = re.compile(
    f"(?:{_PAST})[^。!?！？]*$|(?:{_FEARED})[^。!?！？]{{0,10}}$|(?:会|得(?:人|我|我们|大家)?)$"
)
_AFTER = re.compile(
    "^(?:了)?(?:的|等)?(?:(?:好几|几|多|数)次|危险|风险|隐患|可能|事故|事件|原因|赔偿|责任|预案|演练|怎么办|症状|患者|病人|手术|应急)"
)
_PRESENT = re.compile("正在|现在|刚才|刚刚|此刻|马上|快来|快派|赶快|赶紧|救命|救人|紧急")
_SENTENCE = re.compile("[。!?！？\n]")
_PATTERNS = tuple((re.compile(pattern), matter, service) for pattern, matter, service in _SIGNS)


def danger_found(text: str) -> Danger | None:
    """The first danger to life that `text` tells of as present, or None. Fears, the past and "what if" do not count; in a
    message of more than BRIEF characters only a sentence that says "now" does.
    """
    for pattern, matter, service in _PATTERNS:
        for found in pattern.finditer(text):
            if _is_present(text, found.start(), found.end()):
                return Danger(matter, service, found.group().strip("。,，!！"))
    return None


def _is_present(text: str, start: int, end: int) -> bool:
    begin = max((m.end() for m in _SENTENCE.finditer(text, 0, start)), default=0)
    close = _SENTENCE.search(text, end)
    if _BEFORE.search(text[begin:start]) or _AFTER.match(text[end : end + 6]):
        return False
    return len(text) <= BRIEF or bool(_PRESENT.search(text[begin : close.start() if close else len(text)]))
