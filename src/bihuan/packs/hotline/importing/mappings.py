"""The mappings that we have: others' files by name, our own, and anybody's as a JSON file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bihuan.lib.refusals import Refusal
from bihuan.packs.hotline.importing.boston import BOSTON
from bihuan.packs.hotline.importing.mapping import AFTER_DAYS, MAPPED, Mapping, plain

_TEDDY = {
    "留言编号": "external_id", "留言用户": "reporter", "留言主题": "title", "留言时间": "reported_at",
    "留言详情": "text",
    "答复意见": "answer", "答复时间": "answered_at",
}  # fmt: skip

_OWN = {
    "external_id": ("外部编号", "来件编号"),
    "title": ("标题", "主题"),
    "text": ("诉求内容", "内容", "详情"),
    "channel": ("来源", "渠道", "来源渠道"),
    "type": ("诉求类型", "类型"),
    "territory": ("属地", "镇街", "所属区域"),
    "place": ("地点", "事发地点"),
    "matter": ("事项", "事项编码"),
    "reporter": ("反映人", "来电人", "姓名"),
    "phone": ("联系电话", "电话", "来电号码"),
    "id_number": ("身份证号", "身份证号码"),
    "address": ("联系地址",),
    "confidential": ("保密", "是否保密"),
    "urgent": ("紧急", "紧急程度"),
    "accused": ("被反映单位", "被举报单位"),
    "reported_at": ("反映时间", "来电时间", "受理时间"),
    "answer": ("答复", "答复内容"),
    "answered_at": ("答复时间", "办结时间"),
    "superior_number": ("上级编号",),
    "superior_due_at": ("上级期限",),
    "superior_return_days": ("上级退单天数",),
    "superior_return_count": ("上级退单次数",),
}

MAPPINGS: tuple[Mapping, ...] = (
    Mapping(
        "teddy",
        _TEDDY,
        fixed={"channel": "web"},
        needs=frozenset(("留言编号", "留言主题", "留言时间", "留言详情")),
        ignored=frozenset(("反对数", "点赞数")),
    ),
    Mapping(
        "teddy_validation",
        _TEDDY,
        fixed={"channel": "web"},
        needs=frozenset(("留言编号", "留言主题", "留言时间", "留言详情", "一级标签")),
        ignored=frozenset(("一级标签",)),
    ),
    Mapping(
        "fuzhou",
        {
            "id": "external_id", "区": "territory", "河流": "place", "性质": "type", "来源": "channel",
            "标题": "title",
            "时间": "reported_at", "投诉件内容": "text", "回复1": "answer", "首次回复天数": AFTER_DAYS,
        },
        values={"channel": {"e福州app": "app", "12345app": "app", "qq": "web", "QQ": "web", "微博": "web"}},
        needs=frozenset(("id", "区", "河流", "性质", "来源", "标题", "时间", "投诉件内容", "回复1")),
        ignored=frozenset(
            ("匿名", "内容长度", "回复长度", "转处理次数", "首次转处理天数", "首次敷衍回复天数",
             "首次解释天数",
             "首次实质进展天数", "诉求内容情绪", "价值取向个体规范", "政府工具")
        ),
        prefix="fuzhou-",
    ),
    BOSTON,
    Mapping(
        "bihuan",
        {header: name for name, headers in _OWN.items() for header in (name, *headers)}
        | {AFTER_DAYS: AFTER_DAYS},
    ),
)  # fmt: skip


def mapping_for(given: str | None, headers: Sequence[str]) -> Mapping:
    """The mapping named, read from a JSON file, or recognised by the headers; of its columns those that are
    there.

    Refusal tells what is wrong.
    """
    mapping = (_recognised(headers) if given is None else _given(given)).fitted(headers)
    if "text" not in mapping.columns.values():
        raise Refusal("mapping", f"按“{mapping.name}”找不到诉求内容的列;文件的列是:{_listed(headers)}。")
    return mapping


def _given(given: str) -> Mapping:
    return next((m for m in MAPPINGS if m.name == given), None) or mapping_read(Path(given))


def _recognised(headers: Sequence[str]) -> Mapping:
    here = set(map(plain, headers))
    fitting = [m for m in MAPPINGS if m.needs and set(map(plain, m.needs)) <= here]
    if fitting:
        return max(fitting, key=lambda m: len(m.needs))
    own = next(m for m in MAPPINGS if m.name == "bihuan")
    if "text" in own.fitted(headers).columns.values():
        return own
    names = "、".join(m.name for m in MAPPINGS)
    raise Refusal(
        "mapping", f"认不出这些列:{_listed(headers)}。请用 --mapping 指明({names},或一个 JSON 文件)。"
    )


def _listed(headers: Sequence[str]) -> str:
    return "、".join(header[:20] for header in headers[:20])


def mapping_read(path: Path) -> Mapping:
    """A mapping from a JSON file {"columns": {header: field}, "values", "fixed", "ignored", "prefix"}."""
    names = "、".join(m.name for m in MAPPINGS)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise Refusal("mapping", f"没有名为“{path}”的映射,也没有这个文件。自带的有:{names}。") from None
    except ValueError as error:
        raise Refusal("mapping", f"映射文件 {path.name} 不是有效的 JSON:{error}。") from None
    columns = content.get("columns") if isinstance(content, dict) else None
    if not isinstance(columns, dict) or not columns:
        raise Refusal("mapping", f"映射文件 {path.name} 里要有“columns”:表头到字段的对应。")
    values, fixed = content.get("values", {}), content.get("fixed", {})
    fine = (
        isinstance(values, dict)
        and isinstance(fixed, dict)
        and all(isinstance(v, dict) for v in values.values())
    )
    if not fine:
        raise Refusal("mapping", f"映射文件 {path.name} 的“values”和“fixed”应为对应表。")
    wrong = [str(name) for name in (*columns.values(), *values, *fixed) if name not in MAPPED]
    if wrong:
        raise Refusal(
            "mapping", f"映射文件 {path.name} 里没有这个字段:{wrong[0]}。可以用:{'、'.join(MAPPED)}。"
        )
    return Mapping(
        path.stem[:64],
        columns,
        values=values,
        fixed=fixed,
        ignored=frozenset(content.get("ignored", ())),
        prefix=str(content.get("prefix", ""))[:20],
    )
