"""Forms of log-in, account and administration. They check shape; the services decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.administration.forms import Drawn

LONGEST_PASSWORD = 128
MOMENT = "%Y-%m-%dT%H:%M"


def _password(label: Any, autocomplete: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=LONGEST_PASSWORD, strip=False, widget=widget)


def _code(label: Any) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric"}
    return forms.CharField(label=label, max_length=12, widget=forms.TextInput(attrs=attrs))


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, input_formats=[MOMENT], widget=widget)


class LoginForm(Drawn):
    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = _password(_("密码"), "current-password")


class CodeForm(Drawn):
    code = _code(_("动态码"))

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).replace(" ", "")


class NewPasswordForm(Drawn):
    """For somebody who must change the password before getting in."""

    password = _password(_("新密码"), "new-password")
    again = _password(_("再输一遍"), "new-password")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", _("两次输入的密码不一样。"))
        return given


class PasswordForm(NewPasswordForm):
    old = _password(_("原密码"), "current-password")
    field_order = ("old", "password", "again")


class LanguageForm(Drawn):
    language = forms.ChoiceField(label=_("语言"), choices=settings.LANGUAGES)


class DelegationForm(Drawn):
    grantee = forms.ChoiceField(
        label=_("委托给"), error_messages={"invalid_choice": _("没有这个人,或不在您的单位:请从名单中选。")}
    )
    step = forms.ChoiceField(label=_("步骤"), required=False)
    begins = _moment(_("开始"))
    ends = _moment(_("结束"))
    reason = forms.CharField(label=_("原因"), max_length=200)

    def __init__(
        self,
        *args: Any,
        people: Sequence[tuple[str, str]],
        steps: Sequence[tuple[str, str]],
        now: datetime,
        **more: Any,
    ) -> None:
        """`people` by their user names."""
        super().__init__(*args, **more)
        nobody = _("请选择") if people else _("本单位没有别的人")
        self.fields["grantee"].choices = [("", nobody), *people]
        self.fields["step"].choices = [("", _("全部步骤")), *steps]
        self.fields["begins"].initial = now
