"""The stages of a project's chain (S0: 规范工程审批、施工监管、消防验收)."""

from django.utils.translation import gettext_noop

STAGES = (
    ("review", gettext_noop("设计审查")),
    ("permit", gettext_noop("施工许可")),
    ("construction", gettext_noop("施工监管")),
    ("acceptance", gettext_noop("消防验收")),
)
