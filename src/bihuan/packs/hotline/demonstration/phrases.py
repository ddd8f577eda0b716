"""How citizens word their matters: the phrases of every matter, and what is said whatever the matter.

Each matter has at least 4 statements, 3 details and 2 demands of its own: 24 patterns before openings,
durations and endings are chosen. All of it is written for this product.
"""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.packs.hotline.demonstration import phrases_life, phrases_place


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said about one matter. `where` is the kind of place; statements hold {p}, some {a}."""

    where: str
    statements: tuple[str, ...]
    details: tuple[str, ...]
    demands: tuple[str, ...]


def _split(line: str, mark: str) -> tuple[str, ...]:
    if not line.startswith(mark):
        raise ValueError(f"expected a line of {mark!r}: {line}")
    return tuple(line[1:].replace(",", "，").split("|"))


def _parsed(text: str) -> dict[str, Phrases]:
    lines = [line for line in text.split("\n") if line]
    table = {}
    for head, said, detail, demand in zip(*(lines[i::4] for i in range(4)), strict=True):
        code, where = head.split(" ")
        table[code] = Phrases(where, _split(said, "+"), _split(detail, "-"), _split(demand, "?"))
    return table


PHRASES: dict[str, Phrases] = _parsed(phrases_place.TEXT) | _parsed(phrases_life.TEXT)
"""The phrases of every matter by the matter's code."""

OPENINGS = (
    "", "您好，", "你好，我想反映个情况，", "来电人反映，", "市民反映，", "我是附近的居民，",
    "麻烦您给记一下，", "我打过电话了，", "帮忙看看，", "替家里老人反映，", "群众反映，", "我实在没办法了，",
)  # fmt: skip
DURATIONS = (
    "今天早上发现的", "已经三天了", "有一个多星期了", "快半个月了", "从上个月到现在", "断断续续两个多月",
    "去年就有这个问题", "昨天晚上开始的", "找过几次没人管", "一直没有解决", "这几天更严重了",
)  # fmt: skip
WISHES = ("请", "希望", "要求", "麻烦", "恳请", "盼望有关部门", "希望相关单位", "请政府")
ENDINGS = ("。", "，谢谢。", "，请尽快回电。", "，不要再推了。", "，等您答复。", "！")
QUESTIONS = (
    "请问归哪个部门管？", "请问多长时间能解决？", "请问需要准备什么材料？", "请问有没有相关规定？",
    "请问应该去哪里办理？", "请问联系电话是多少？",
)  # fmt: skip
PRAISES = (
    "反映的{m}当天就有人来处理，特此表扬。", "{m}的事解决了，工作人员耐心负责，提出感谢。",
    "上次打电话说{m}，办得又快又好，想表扬一下。", "对处理{m}的师傅表示感谢，天热还坚持干完。",
)  # fmt: skip
INVALIDS = (
    "接通后无人说话，回拨无人接听。", "来电人称拨错号码，没有诉求。", "内容重复无意义，无法辨认诉求。",
    "来电人未说明事由即挂断，多次回拨未接。",
)  # fmt: skip
TITLES = ("{p}{m}", "反映{p}{m}问题", "{t}{m}问题", "关于{p}{m}的诉求", "{m}（{t}）")
SURNAMES = (
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱",
    "高", "林", "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于",
    "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈",
)  # fmt: skip
GIVEN = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟",
    "涛", "明", "超", "霞", "平", "刚", "桂兰", "玉兰", "建军", "建国", "秀英", "海燕", "志强", "晓东",
    "春梅", "红梅", "立新", "国庆", "金凤", "长河", "雨桐", "子涵", "浩然", "文博", "思远", "佳琪", "振华",
)  # fmt: skip
