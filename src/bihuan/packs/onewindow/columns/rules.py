"""Which header means which field of an item, and rows read by it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

NEEDED = ("code", "name", "kind", "organ")
SYNONYMS: dict[str, tuple[str, ...]] = {
    "code": ("事项编码", "实施编码", "基本编码", "编码", "itemCode"),
    "name": ("事项名称", "名称", "办理项名称"),
    "kind": ("事项类型", "类型", "taskType"),
    "organ": ("实施机关", "实施主体", "实施部门", "部门", "department"),
    "unit": ("审批单位",),
    "theme": ("主题", "主项名称", "main_item"),
    "name_en": ("英文名称",),
    "statutory_days": ("法定办结时限", "法定时限", "法定期限"),
    "promised_days": ("承诺办结时限", "承诺时限", "承诺期限"),
    "materials": ("申请材料", "材料清单", "材料"),
    "conditions": ("受理条件", "办理条件"),
    "legal_basis": ("设定依据", "法律依据"),
    "results": ("办理结果", "结果名称"),
    "places": ("办理地点",),
    "hours": ("办理时间",),
    "link": ("链接", "网址"),
}
"""The fields that can be read, each with the headers that lists in use give it."""
DAYS = re.compile(r"(\d{1,3})\s*个?(?:工作日|天|日)?")


def columns_detected(headers: Sequence[str]) -> dict[str, str]:
    """For each field the header that means it, as far as one does: its own name, or a word that lists use."""
    plain = {_plain(header): header for header in reversed(headers)}
    found = {}
    for field, words in SYNONYMS.items():
        known = next((plain[_plain(word)] for word in (field, *words) if _plain(word) in plain), None)
        if known is not None:
            found[field] = known
    return found


def columns_fault(columns: Mapping[str, str], headers: Sequence[str]) -> tuple[str, str] | None:
    """Why these columns cannot be read by: the field and which rule; None when they can."""
    for field in NEEDED:
        if not columns.get(field):
            return field, "required"
    used = list(columns.values())
    for field, header in columns.items():
        if header not in headers:
            return field, "choice"
        if used.count(header) > 1:
            return field, "duplicate"
    return None


def row_read(
    values: Mapping[str, str], columns: Mapping[str, str], *, scheme: str, kinds: Mapping[str, str]
) -> dict[str, str]:
    """A row by the fields' names: types by their labels or numbers become codes, "20个工作日" becomes 20."""
    row = {field: values.get(header, "") for field, header in columns.items()}
    told = row.get("kind", "")
    labels = {label: code for code, label in kinds.items()}
    row["kind"] = labels.get(told, told.zfill(2) if told.isdecimal() else told)
    for field in ("statutory_days", "promised_days"):
        found = DAYS.fullmatch(row.get(field, ""))
        if found:
            row[field] = found[1]
    return {**row, "scheme": scheme}


def _plain(text: str) -> str:
    return re.sub(r"[\s_()（）*:：]", "", text).lower()
