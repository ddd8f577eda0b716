"""Numbers that identify people and organisations: shape, dates and check digits.

Source: rules.md I (GB 11643 citizen number, GB 32100 unified social credit code, GB 11714 organisation code).
"""

import re
import unicodedata
from datetime import date
from typing import Literal

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"
ID_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"(0[1-9][0-9]{1,2})?([2-8][0-9]{6,7})(?:转[0-9]{1,6})?")
SERVICE = re.compile(r"[48]00[0-9]{7}")
SHORT = re.compile(r"1[0-2][0-9]|1[0-9]{4}|9[56][0-9]{3,6}")

PhoneKind = Literal["mobile", "landline", "service", "short"]


def _compact(text: str) -> str:
    """Half-width, upper case, without blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()


def id_check_digit(first17: str) -> str:
    """Check character of a citizen number from its first 17 digits (GB 11643, weighted sum mod 11)."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, ID_WEIGHTS, strict=True))
    return ID_CHECK[total % 11]


def id_number_normal(text: str) -> str:
    """The number as it is stored: half-width, no blanks, lower-case x raised. Not a check of validity."""
    return _compact(text)


def id_number_fault(text: str, *, today: date | None = None) -> str | None:
    """Why this is no citizen number, in Chinese, naming the rule (GB 11643); None when it is valid.

    With `today`, a birth date after it is refused as well.
    """
    number = id_number_normal(text)
    if re.fullmatch(r"[0-9]{15}", number):
        return "身份证号码应为18位，15位旧号码须换为18位（GB 11643）"
    if len(number) != 18:
        return f"身份证号码应为18位，现为{len(number)}位（GB 11643）"
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return "身份证号码前17位应为数字，末位应为数字或X（GB 11643）"
    if not ID_PROVINCE.fullmatch(number[:2]):
        return "身份证号码前两位不是省级行政区划代码（GB 11643）"
    try:
        born = id_number_birth_date(number)
    except ValueError:
        return "身份证号码第7至14位不是有效的出生日期（GB 11643）"
    if today is not None and born > today:
        return "身份证号码的出生日期晚于今天（GB 11643）"
    if id_check_digit(number[:17]) != number[17]:
        return "身份证号码校验码不符（GB 11643）"
    return None


def id_number_birth_date(text: str) -> date:
    """Birth date of an 18-character number (places 7 to 14). ValueError when it is no date from 1800 on."""
    number = id_number_normal(text)
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    if born.year < 1800:
        raise ValueError("birth year before 1800")
    return born


def id_number_sex(text: str) -> Literal["male", "female"]:
    """Sex by the 17th digit: odd is male (GB 11643)."""
    return "male" if int(id_number_normal(text)[16]) % 2 else "female"


def uscc_check_digit(first17: str) -> str:
    """Check character of a unified social credit code from its first 17 characters (GB 32100, mod 31)."""
    pairs = zip(first17, USCC_WEIGHTS, strict=True)
    total = sum(USCC_ALPHABET.index(sign) * weight for sign, weight in pairs)
    return USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check_digit(first8: str) -> str:
    """Check character of an organisation code from its first 8 characters (GB 11714, mod 11, A = 10 … Z = 35)."""
    total = sum(int(sign, 36) * weight for sign, weight in zip(first8, ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def uscc_normal(text: str) -> str:
    """The code as it is stored: half-width, no blanks, upper case. Not a check of validity."""
    return _compact(text)


def uscc_fault(text: str) -> str | None:
    """Why this is no unified social credit code, in Chinese, naming the rule (GB 32100); None when it is valid."""
    code = uscc_normal(text)
    if len(code) != 18:
        return f"统一社会信用代码应为18位，现为{len(code)}位（GB 32100）"
    if any(sign not in USCC_ALPHABET for sign in code):
        return "统一社会信用代码只含数字和大写字母，不含I、O、S、V、Z（GB 32100）"
    if not code[2:8].isdigit():
        return "统一社会信用代码第3至8位应为登记机关行政区划代码（GB 32100）"
    if organisation_check_digit(code[8:16]) != code[16]:
        return "统一社会信用代码中的组织机构代码校验码不符（GB 11714）"
    if uscc_check_digit(code[:17]) != code[17]:
        return "统一社会信用代码校验码不符（GB 32100）"
    return None


def phone_normal(text: str) -> str:
    """Digits only, half-width, without +86 or 0086 and separators; an extension stays as 转N. Not a check."""
    plain = re.sub(r"[-—–－()（）.·]", "", _compact(text))
    plain = re.sub(r"(?:EXT|X|#)(?=[0-9]{1,6}$)", "转", plain)
    plain = re.sub(r"^(?:\+86|0086)", "", plain)
    return re.sub(r"^(?:86|0)(?=1[3-9][0-9]{9}$)", "", plain)


def phone_kind(text: str) -> PhoneKind | None:
    """Which kind of mainland number this is; None when it is none of them."""
    number = phone_normal(text)
    if MOBILE.fullmatch(number):
        return "mobile"
    if SERVICE.fullmatch(number):
        return "service"
    if SHORT.fullmatch(number):
        return "short"
    return "landline" if LANDLINE.fullmatch(number) else None


def phone_fault(text: str) -> str | None:
    """Why this is no mainland telephone number, in Chinese; None for mobile, landline, 400/800 and short numbers."""
    number = phone_normal(text)
    if phone_kind(number) is not None:
        return None
    if number.startswith("1") and number.isdigit() and len(number) >= 6:
        return f"手机号码应为11位且第二位为3至9，现为{len(number)}位"
    return "电话号码应为11位手机号、带区号的固定电话、400/800号码或短号"
