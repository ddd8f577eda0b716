"""What the rules of an evaluation tell, in words of the page's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from bihuan.lib.declared import declared
from bihuan.packs.fire.evaluations.checklist import SUBS, Sub
from bihuan.packs.fire.evaluations.rules import MOST_PLACES, Judged, Told


def told_words(one: Told) -> str:
    """One thing told, with the name of its sub-item."""
    words = {
        "failed": _("不合格的位置:%s") % one.detail,
        "places": _("填现场有几处"),
        "more": _("还要查 %s 处") % one.detail,
        "again": _("有 1 处不合格,再抽 %s 处") % one.detail,
        "unwritten": _("还没有评定"),
        "must": _("这类建筑必须有这一项,不能选无此项"),
        "zero": _("各处都填了 0,请选无此项"),
    }[one.code]
    return f"{declared(one.sub)}:{words}" if one.sub else words


def judged_words(judged: Judged) -> list[str]:
    """Why an item failed, what is still to be done, and what failed within what passed."""
    said = [told_words(one) for one in (*judged.reasons, *judged.missing)]
    return [
        *said,
        *(
            _("%s。按抽样规则这个子项合格,这一处不影响结论,但要整改。") % told_words(one)
            for one in judged.faults
        ),
    ]


def version_told(item: str, sheet: Mapping[str, str]) -> list[str]:
    """A version of an item in lines, to be read beside another: each sub-item with how many places, and those that were checked."""
    lines = [_("无此项")] if sheet.get("none") == "on" else []
    for sub in SUBS[item]:
        spots = [_spot_told(sub, place, sheet) for place in range(1, MOST_PLACES + 1)]
        told = "; ".join(spot for spot in spots if spot)
        places = sheet.get(f"{sub.code}.places", "")
        if told or places:
            there = _("现场 %s 处") % (places or "–")
            lines.append(f"{declared(sub.name)} ({there}): {told or '–'}")
    return [*lines, *([sheet["remark"]] if sheet.get("remark") else [])]


def _spot_told(sub: Sub, place: int, sheet: Mapping[str, str]) -> str:
    where, result, measured = (
        sheet.get(f"{sub.code}.{place}.{name}", "") for name in ("where", "result", "measured")
    )
    said = f"{measured} {sub.unit}" if measured else {"pass": _("合格"), "fail": _("不合格")}.get(result, "")
    return f"{where or _('第 %s 处') % place}: {said}" if said else ""
