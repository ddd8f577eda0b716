"""Forms of log-in, account and administration. They check shape; the services decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.administration.forms import Drawn
from bihuan.kernel.identity.models import Person

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


class PersonField(forms.CharField):
    """Somebody named by the name used to log in; cleaned to the person."""

    def clean(self, value: Any) -> Person | None:
        name = super().clean(value)
        if not name:
            return None
        found = Person.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("没有这个人,或账号已停用。"))
        return found


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
    grantee = PersonField(label=_("委托给(用户名)"), max_length=60)
    step = forms.ChoiceField(label=_("步骤"), required=False)
    begins = _moment(_("开始"))
    ends = _moment(_("结束"))
    reason = forms.CharField(label=_("原因"), max_length=200)

    def __init__(self, *args: Any, steps: list[tuple[str, str]], now: datetime, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["step"].choices = [("", _("全部步骤")), *steps]
        self.fields["begins"].initial = now
