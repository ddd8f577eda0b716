"""Which header means which field of an item, and rows read by it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from unicodedata import normalize

from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.catalogue.codes import Scheme, code_read

NEEDED = ("code", "name", "kind", "organ")
SYNONYMS: dict[str, tuple[str, ...]] = {
    "code": (
        "事项编码",
        "实施编码",
        "事项实施编码",
        "基本编码",
        "事项代码",
        "权力编码",
        "职权编码",
        "编码",
        "itemCode",
    ),
    "name": (
        "事项名称",
        "政务服务事项名称",
        "服务事项名称",
        "办理项名称",
        "子项名称",
        "权力名称",
        "职权名称",
        "名称",
    ),
    "kind": ("事项类型", "事项类别", "权力类型", "职权类型", "权力类别", "类型", "taskType"),
    "organ": (
        "实施机关",
        "实施主体",
        "实施机关名称",
        "实施主体名称",
        "实施机构",
        "实施单位",
        "实施部门",
        "责任部门",
        "主管部门",
        "办理部门",
        "行使主体",
        "部门",
        "department",
    ),
    "unit": ("审批单位",),
    "theme": ("主题", "主项名称", "main_item"),
    "name_en": ("英文名称",),
    "statutory_days": ("法定办结时限", "法定时限", "法定期限", "法定办理时限"),
    "promised_days": ("承诺办结时限", "承诺时限", "承诺期限", "承诺办理时限"),
    "instant": ("办件类型", "即办件"),
    "materials": ("申请材料", "申报材料", "材料清单", "材料名称", "材料"),
    "conditions": ("受理条件", "办理条件", "申请条件"),
    "legal_basis": ("设定依据", "法律依据", "实施依据"),
    "special": ("特别程序",),
    "fees": ("收费", "是否收费", "收费情况", "收费标准"),
    "results": ("办理结果", "结果名称", "审批结果"),
    "valid_months": ("证照有效期", "结果有效期", "有效期限", "有效期"),
    "conditions_en": ("办理条件(英文)",),
    "places": ("办理地点", "办公地址"),
    "places_en": ("办理地点(英文)",),
    "hours": ("办理时间", "办公时间"),
    "hours_en": ("办理时间(英文)",),
    "enquiries": ("咨询电话", "咨询方式"),
    "complaints": ("监督投诉电话", "监督投诉方式", "投诉电话"),
    "link": ("链接", "网址", "办事指南链接"),
}
"""The fields that can be read, each with the headers that lists in use give it."""
KIND_WORDS = {
    "01": ("许可", "审批", "行政审批"), "02": ("处罚",), "03": ("强制", "行政强制措施"), "04": ("征收", "行政征用"), "05": ("给付",), "06": ("检查", "行政监督检查"),
    "07": ("确认",), "08": ("奖励",), "09": ("裁决",), "10": ("其他", "其他权力", "其他职权", "其他行政职权", "其他类"), "20": ("公共服务事项", "服务事项"),
}  # fmt: skip
"""What lists call the types besides their names."""
LOOKED_FOR: tuple[Scheme, ...] = ("national", "sichuan", "guizhou", "hubei")
DAYS = re.compile(r"(\d{1,3})\s*个?(?:工作日|天|日)?")
AT_ONCE = ("0", "当场", "当场办结", "即办", "即时办结", "即时", "立等可取")
INSTANT = ("即办件", "即办", "即时办结", "当场办结", "是", "1", "true")
FREE = ("不收费", "否", "无", "免费", "0", "不涉及", "false")
CHARGED = ("收费", "是", "有", "1", "true")
"""That something is charged, not what."""
TERM = re.compile(r"(\d{1,3})\s*(年|个?月)?")
ENDLESS = ("长期", "长期有效", "永久", "无", "无期限")


def columns_detected(headers: Sequence[str]) -> dict[str, str]:
    """For each field the header that means it, as far as one does: its own name, or a word that lists use."""
    plain = {_plain(header): header for header in reversed(headers)}
    found = {}
    for field, words in SYNONYMS.items():
        known = next((plain[_plain(word)] for word in (field, *words) if _plain(word) in plain), None)
        if known is not None:
            found[field] = known
    return found


def scheme_detected(codes: Sequence[str]) -> Scheme:
    """The scheme by which most of these codes can be read; the national one when none reads any."""
    return max(LOOKED_FOR, key=lambda scheme: sum(_reads(code, scheme) for code in codes))


def _reads(code: str, scheme: Scheme) -> bool:
    with suppress(FieldError):
        return bool(code_read(code, scheme))
    return False


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
    return {**row_worded(row, kinds=kinds), "scheme": scheme}


def row_worded(row: Mapping[str, str], *, kinds: Mapping[str, str]) -> dict[str, str]:
    """A row by the fields' names with its words made ours, as `row_read` says. What it does not tell of fees is left out."""
    row = dict(row)
    told = row.get("kind", "")
    labels = {word: code for code, words in KIND_WORDS.items() for word in words} | {
        label: code for code, label in kinds.items()
    }
    row["kind"] = labels.get(told, told.zfill(2) if told.isdecimal() else told)
    at_once = row.get("instant", "") in INSTANT
    if "instant" in row:
        row["instant"] = "是" if at_once else ""
    for field in ("statutory_days", "promised_days"):
        if field in row:
            row[field] = _days(row[field])
    if at_once and not row.get("promised_days"):
        row["promised_days"] = "1"
    if "materials" in row:
        row["materials"] = "\n".join(_parts(row["materials"]))
    if "valid_months" in row:
        row["valid_months"] = _months(row["valid_months"])
    return _fees_worded(row)


def _days(text: str) -> str:
    text = normalize("NFKC", text)
    found = DAYS.fullmatch(text)
    days = found[1] if found else text
    return "" if days in AT_ONCE else days


def _months(text: str) -> str:
    text = normalize("NFKC", text)
    found = TERM.fullmatch(text)
    if text in ENDLESS:
        return "0"
    return str(int(found[1]) * (12 if found[2] == "年" else 1)) if found else text


def _parts(text: str) -> list[str]:
    """Materials that stand in one cell, parted by lines, semicolons or numbers of their own."""
    parts = re.split(r"[\n;；]|(?:(?<=^)|(?<=[。\s]))(?=\d{1,2}[.、．)）]\D)", text)
    return [
        bare
        for part in parts
        if (bare := re.sub(r"^\s*[(（]?\d{1,2}[.、．)）]\s*(?=\D)", "", part).strip(" 。\t"))
    ]


def _fees_worded(row: dict[str, str]) -> dict[str, str]:
    told = row.pop("fees", None)
    if told is None or told in CHARGED or not told:
        return row
    return {**row, "fees": "" if told in FREE else told}


def _plain(text: str) -> str:
    """A header without what stands in brackets, blanks and marks; if nothing is left, with it."""
    return re.sub(r"[\s_*:：]", "", re.sub(r"[(（][^()（）]*[)）]", "", text) or text).lower()
