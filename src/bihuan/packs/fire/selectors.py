"""Reading what fire review holds."""

from datetime import date

from django.utils.translation import gettext

from bihuan.packs.fire.rules import KINDS, LEGACY

OTHERS = (("rectification", "问题整改"), ("hazard", "工地隐患"), ("blockage", "堵点"))


def matter_names(on: date | None = None) -> dict[str, str]:
    """What the kinds of cases are called, for lists and the case page; on every day the same."""
    return {kind: gettext(label) for kind, label in (*KINDS, LEGACY, *OTHERS)}
