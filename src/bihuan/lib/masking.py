"""Masking of personal data by the server: what stays visible, and nothing more.

Source: rules.md I (defaults; there is no uniform standard). Names keep the surname, numbers 3 + 4, bank cards
the last 4, addresses down to village or street.
"""

import re
import unicodedata
from datetime import date

from bihuan.lib.identifiers import LANDLINE, MOBILE, SERVICE, SHORT, phone_normal

_SURNAMES = (
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 令狐 慕容 宇文 长孙 司徒 司空 夏侯 轩辕 南宫 西门 东郭 百里 "
    "呼延 端木 独孤 申屠 淳于 单于 太史 公冶 公羊 澹台 濮阳 赫连 闻人 钟离 万俟 仲孙 宗政 闾丘 拓跋 第五 "
    "南门 东门 左丘 梁丘 纳兰 完颜 叶赫 爱新觉罗"
)
COMPOUND_SURNAMES = frozenset(_SURNAMES.split())

_GAP = r"[ \u00a0\u3000\u200b\-–—－_.．]?"
_CARD_GAP = r"[ \u00a0\u3000\u200b\-－]?"
_ID_TEXT = re.compile(
    rf"(?<!\d)\d{{6}}{_GAP}\d{{4}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{3}}{_GAP}[\dXxＸｘ](?!\d)"
)
_OLD_ID_TEXT = re.compile(r"(?<!\d)\d{15}(?!\d)")
_BANK_TEXT = re.compile(rf"(?<!\d)\d{{4}}(?:{_CARD_GAP}\d{{4}}){{3}}(?:{_CARD_GAP}\d{{1,3}})?(?!\d)")
_MOBILE_TEXT = re.compile(
    rf"(?<!\d)(?:(?:[+＋]|00)?86{_GAP}|0)?(?=[1１][3-9３-９])"
    rf"(?:\d{{3}}{_GAP}\d{{4}}{_GAP}\d{{4}}|\d{{4}}{_GAP}\d{{3}}{_GAP}\d{{4}}|\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{5}}"
    rf"|\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{3}})(?!\d)"
)
_LANDLINE_TEXT = re.compile(
    rf"(?<!\d)[(（]?[0０][1-9１-９]\d{{1,2}}[)）]?{_GAP}[2-8２-８]\d{{2,3}}{_GAP}\d{{4}}(?!\d)"
)
_LABELLED_TEXT = re.compile(
    r"((?:电话|手机|座机|联系方式)(?:号码)?[：:是为\s]{0,4})(\d(?:[- ]?\d){6,17})(?!\d)"
)

_HOUSE = re.compile(
    r"(?<![0-9０-９A-Za-z一二三四五六七八九十百零〇甲乙丙丁-])[0-9０-９A-Za-z一二三四五六七八九十百零〇甲乙丙丁-]++"
    r"(?:号|栋|幢|座|楼|单元|室|户|组|排|弄)"
)
_LEVELS = (
    re.compile(r"(?:村|社区|居委会|村委会)(?!民|路|街|小区)"),
    re.compile(r"街道|镇(?!江)|乡|苏木"),
    re.compile(r"(?:大道|大街|路|街|巷|胡同)(?!道|口)"),
    re.compile(r"(?<!小)区|县|市|旗|州|省"),
)


def mask_name(name: str) -> str:
    """张三 → 张*, 张小三 → 张**, 欧阳锋 → 欧阳*; a single character → *. At most two stars, so length is not told."""
    name = name.strip()
    if len(name) <= 1:
        return "*" * len(name)
    surname = next(
        (name[:size] for size in (4, 2) if len(name) > size and name[:size] in COMPOUND_SURNAMES), name[0]
    )
    return surname + "*" * min(len(name) - len(surname), 2)


def mask_phone(phone: str) -> str:
    """13812341234 → 138****1234, 0635-8412345 → 0635-*****45, 400 numbers 400****567.

    Public short numbers (12345) stay; anything that is no telephone number becomes stars.
    """
    number = phone_normal(phone)
    if MOBILE.fullmatch(number):
        return f"{number[:3]}****{number[-4:]}"
    if SHORT.fullmatch(number):
        return number
    if SERVICE.fullmatch(number):
        return f"{number[:3]}****{number[-3:]}"
    landline = LANDLINE.fullmatch(number)
    if landline is None:
        return "*" * min(len(number), 8)
    area, local = landline.group(1), landline.group(2)
    return (f"{area}-" if area else "") + "*" * (len(local) - 2) + local[-2:]


def mask_id(number: str) -> str:
    """First 3 and last 4 characters of a citizen number or other document number; below 11 characters only stars."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", number)).upper()
    return "*" * len(plain) if len(plain) < 11 else plain[:3] + "*" * (len(plain) - 7) + plain[-4:]


def mask_bank(card: str) -> str:
    """Last 4 digits of a bank card; below 12 characters only stars."""
    plain = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", card))
    return "*" * len(plain) if len(plain) < 12 else "*" * (len(plain) - 4) + plain[-4:]


def mask_address(address: str) -> str:
    """The address down to village or community, else township or street, else road, else county; then ***.

    House, building and room never stay. Without any known level only *** is left.
    """
    address = address.strip()
    if not address:
        return ""
    house = _HOUSE.search(address)
    visible = address[: house.start()] if house else address
    for level in _LEVELS:
        ends = [match.end() for match in level.finditer(visible)]
        if ends:
            return visible[: ends[-1]] + "***"
    return "***"


def mask_text(text: str) -> str:
    """Free text with mobile and landline numbers, citizen numbers and bank cards masked; all else unchanged.

    Full-width digits and blanks or dashes inside a number do not hide it. Longer digit runs (case numbers) stay.
    """
    text = _ID_TEXT.sub(lambda match: _masked_long(match.group()), text)
    text = _BANK_TEXT.sub(lambda match: _masked_card(match.group()), text)
    text = _OLD_ID_TEXT.sub(lambda match: _masked_old_id(match.group()), text)
    text = _MOBILE_TEXT.sub(lambda match: _masked_mobile(match.group()), text)
    text = _LANDLINE_TEXT.sub(lambda match: mask_phone(_digits(match.group())), text)
    return _LABELLED_TEXT.sub(lambda match: match.group(1) + mask_phone(_digits(match.group(2))), text)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9X]", "", unicodedata.normalize("NFKC", text).upper())


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        return date(int(year), int(month), int(day)).year >= 1800
    except ValueError:
        return False


def _masked_long(found: str) -> str:
    """18 characters: a citizen number when a birth date is in it, even when its check digit is mistyped."""
    digits = _digits(found)
    born = 1800 <= int(digits[6:10]) <= 2100 and _is_date(digits[6:10], digits[10:12], digits[12:14])
    return mask_id(digits) if born or digits.endswith("X") else found


def _masked_old_id(found: str) -> str:
    digits = _digits(found)
    return mask_id(digits) if _is_date("19" + digits[6:8], digits[8:10], digits[10:12]) else found


def _masked_card(found: str) -> str:
    digits = _digits(found)
    return mask_bank(digits) if digits.startswith("62") or _luhn_holds(digits) else found


def _luhn_holds(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _masked_mobile(found: str) -> str:
    digits = _digits(found)[-11:]
    return f"{digits[:3]}****{digits[-4:]}"
