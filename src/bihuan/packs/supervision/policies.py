"""The first limits of supervision, which each centre then sets for itself. S1 gives no figures: all are to be set locally."""

from typing import Any

from django.utils.translation import gettext_noop

LOCAL = "演示设定:来源没有给出期限,由本地《工作问责办法》规定"
DAY_BEFORE = [{"number": 1, "unit": "working_day"}]
LONG = [{"number": 3, "unit": "working_day"}]
EXTENSION = {"max_number": 1, "max_length": 30}


def _limit(number: int, unit: str, warnings: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"default": {"number": number, "unit": unit, "warnings": warnings, **more}}


POLICIES: tuple[tuple[str, Any, str, str], ...] = (
    ("supervision.interview", _limit(5, "working_day", DAY_BEFORE), "limit", LOCAL),
    ("supervision.state", _limit(3, "working_day", DAY_BEFORE), "limit", LOCAL),
    ("supervision.sign", _limit(1, "working_day", []), "limit", LOCAL),
    ("supervision.handle", _limit(30, "working_day", LONG, extension=EXTENSION), "limit", LOCAL),
    ("supervision.check", _limit(5, "working_day", DAY_BEFORE), "limit", LOCAL),
    ("supervision.look_back", _limit(30, "natural_day", LONG), "limit", LOCAL),
    ("supervision.look_back_days", 7, "days", "演示设定:整改结果报来满这些天才回头看"),
    ("supervision.plan", _limit(10, "working_day", LONG), "limit", LOCAL),
    (
        "supervision.prove",
        _limit(12, "month", LONG),
        "limit",
        "演示设定:治本工程最迟一年内验证(来源:等下一场雨)",
    ),
)
RULE_LABELS = {
    "supervision.interview": gettext_noop("约谈时限"),
    "supervision.state": gettext_noop("表态时限"),
    "supervision.sign": gettext_noop("签收时限"),
    "supervision.handle": gettext_noop("办理时限"),
    "supervision.check": gettext_noop("核查时限"),
    "supervision.look_back": gettext_noop("回头看时限"),
    "supervision.look_back_days": gettext_noop("回头看最早在整改后几天"),
    "supervision.plan": gettext_noop("定方案时限"),
    "supervision.prove": gettext_noop("验证时限"),
}
CLOCK_LABELS = {
    "interview": gettext_noop("约谈时限"),
    "state": gettext_noop("表态时限"),
    "check": gettext_noop("核查时限"),
    "look_back": gettext_noop("回头看时限"),
    "plan": gettext_noop("定方案时限"),
    "prove": gettext_noop("验证时限"),
}
CLOCKS = {
    kind: {"promised": f"supervision.{kind}"}
    for kind in ("interview", "state", "sign", "handle", "check", "look_back", "plan", "prove")
}
