"""The figures of this pack that may stand beside a method: ids of promises, and what they tell."""

from django.utils.translation import gettext_noop

FIGURES = (
    ("S0-18", gettext_noop("在承诺时限内办结")),
    ("S0-17", gettext_noop("提前核查的时段")),
    ("S0-07", gettext_noop("标准冲突的裁定")),
    ("S0-21", gettext_noop("项目和单体")),
    ("S0-13", gettext_noop("工地覆盖率和面积")),
    ("S0-16", gettext_noop("事故和无事故天数")),
)
