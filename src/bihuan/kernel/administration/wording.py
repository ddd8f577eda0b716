"""The words of every notice by language and channel: what they say now, and saying it otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import Drawn, LineField, TextField
from bihuan.kernel.administration.shape import (
    Action,
    Asked,
    Change,
    Column,
    Done,
    Effect,
    Filter,
    Kind,
    Mark,
    Table,
)
from bihuan.kernel.cases.numbers import format_in_force
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.ledger.selectors import RegisterEntry
from bihuan.kernel.notices.defaults import LANGUAGES, TEXTS, default_text
from bihuan.kernel.notices.models import Notice, NoticeTemplate
from bihuan.kernel.notices.upkeep import CHANNELS, placeholders, template_reset, template_set
from bihuan.kernel.pack import packs
from bihuan.lib.refusals import Refusal

SAMPLE_CODE = "7K3M9P"
SEGMENT, SEGMENT_OF_MANY = 70, 67
"""Characters of one text message in Chinese, alone and as part of a longer one (3GPP TS 23.038, 23.040)."""
LANGUAGE_WORDS = {"zh-hans": gettext_lazy("中文"), "en": gettext_lazy("英文")}


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a notice as they are now; `own`: they were changed here."""

    code: str
    language: str
    channel: str
    subject: str
    text: str
    own: bool


def wordings() -> list[Wording]:
    """Every notice in every language, and the channels that have words of their own."""
    stored = {(row.code, row.language, row.channel): row for row in NoticeTemplate.objects.all()}
    found = []
    for code in TEXTS:
        for language in LANGUAGES:
            for channel in CHANNELS:
                row = stored.get((code, language, channel))
                if row is not None:
                    found.append(Wording(code, language, channel, row.subject, row.text, True))
                elif not channel:
                    found.append(_original(code, language))
    return found


def _original(code: str, language: str, channel: str = "") -> Wording:
    subject, text = default_text(code, language) or ("", "")
    return Wording(code, language, channel, subject, text, False)


class Wordings(Kind):
    """For the system administrator who is told that a text message reads badly."""

    name = "wording"
    label = gettext_lazy("通知文字")
    about = gettext_lazy("每种通知在各语言、各渠道怎么说。只能写编号,不写任何个人信息。")
    group = "messages"
    roles = ("system_admin",)
    search = gettext_lazy("标题或内容")
    stream = "notice"
    columns = (
        Column("subject", gettext_lazy("标题")),
        Column("language_words", gettext_lazy("语言")),
        Column("channel_words", gettext_lazy("渠道")),
        Column("text", gettext_lazy("内容")),
        Column("own", gettext_lazy("改写过")),
        Column("code", gettext_lazy("代码"), screen=False),
        Column("language", gettext_lazy("语言"), screen=False),
        Column("channel", gettext_lazy("渠道"), screen=False),
    )
    filters = (
        Filter("language", gettext_lazy("语言"), lambda: list(LANGUAGE_WORDS.items())),
        Filter("own", gettext_lazy("改写过"), lambda: [("yes", _("改写过的"))]),
    )
    import_columns = ("code", "language", "channel", "subject", "text")
    import_roles = roles

    def rows(self, asked: Asked) -> list[Wording]:
        language, own = asked.chosen.get("language"), asked.chosen.get("own")
        return [
            one
            for one in wordings()
            if asked.q in f"{one.subject} {one.text} {one.code}"
            and language in (None, one.language)
            and (not own or one.own)
        ]

    def cells(self, rows: Sequence[Wording], asked: Asked) -> list[tuple[Any, ...]]:
        return [
            (
                one.subject,
                str(LANGUAGE_WORDS[one.language]),
                _channel_words(one.channel),
                one.text,
                Mark(_("改写过"), "near") if one.own else None,
                one.code,
                one.language,
                one.channel,
            )
            for one in rows
        ]

    def key(self, row: Wording) -> str:
        return "~".join((row.code, row.language, row.channel))

    def found(self, key: str, asked: Asked) -> Wording | None:
        parts = key.split("~")
        if len(parts) != 3 or parts[0] not in TEXTS or parts[1] not in LANGUAGES or parts[2] not in CHANNELS:
            return None
        known = {(one.code, one.language, one.channel): one for one in wordings()}
        return known.get((parts[0], parts[1], parts[2])) or _original(*parts)

    def title(self, row: Wording) -> str:
        return f"{row.subject} · {LANGUAGE_WORDS[row.language]} · {_channel_words(row.channel)}"

    def facts(self, row: Wording, asked: Asked) -> list[tuple[Any, Any]]:
        original = _original(row.code, row.language)
        return [
            (_("标题"), row.subject),
            (_("内容"), row.text),
            (_("原文"), f"{original.subject}\n{original.text}" if row.own else None),
            (_("可用的占位"), _placeholders_words(row.code)),
            (_("样例"), _filled(row.text, asked)),
        ]

    def history_match(self, row: Wording) -> Mapping[str, Any]:
        return {"code": row.code, "language": row.language, "channel": row.channel}

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        if entry.kind != "template_set":
            return []
        return [(_("标题"), entry.data["subject"]), (_("内容"), entry.data["text"])]

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        wanted = {name: values[name] for name in self.import_columns}
        try:
            template_set(**wanted, now=asked.now, by=asked.by)
        except Refusal as refusal:
            if refusal.code != "same":
                raise
            return Change("same", wanted["subject"], wanted["text"])
        return Change("changed", wanted["subject"], wanted["text"])


class WordingForm(Drawn):
    """Subject and text, and for which channel."""

    subject = LineField(label=gettext_lazy("标题"), max_length=120)
    text = TextField(
        label=gettext_lazy("内容"),
        max_length=500,
        help_text=gettext_lazy("{number} 必须写上;不写姓名、电话、住址。"),
    )


class ChannelForm(WordingForm):
    """The same for one channel alone."""

    def __init__(self, data: Any, usable: str, **more: Any) -> None:
        super().__init__(data, **more)
        choices = [(code, _channel_words(code)) for code in CHANNELS]
        self.fields["channel"] = forms.ChoiceField(label=_("渠道"), choices=choices, required=False)
        self.fields["text"].help_text = f"{self.fields['text'].help_text} {usable}"
        self.draw()


def _channel_words(channel: str) -> str:
    return str(Notice.Channel(channel).label) if channel else _("所有渠道")


def _placeholders_words(code: str) -> str:
    words = {"number": _("编号"), "code": _("查询码(只发给反映人)")}
    return "\n".join(f"{{{name}}}: {words.get(name, name)}" for name in placeholders(code))


def _filled(text: str, asked: Asked) -> str:
    return text.replace("{number}", _sample_number(asked)).replace("{code}", SAMPLE_CODE)


def _sample_number(asked: Asked) -> str:
    on, found = timezone.localdate(asked.now), [pack for pack in packs().values() if pack.number_format]
    if not found:
        return "1"
    return format_in_force(found[0], region=settings.REGION, on=on, book=rulebook()).write(serial=1, on=on)


def _form(row: Wording, data: Any, asked: Asked) -> ChannelForm:
    initial = {"subject": row.subject, "text": row.text, "channel": row.channel}
    return ChannelForm(data, _placeholders_words(row.code), initial=initial)


def _set(row: Wording, given: dict[str, Any], asked: Asked) -> Done:
    template_set(
        code=row.code,
        language=row.language,
        channel=given["channel"],
        subject=given["subject"],
        text=given["text"],
        now=asked.now,
        by=asked.by,
    )
    return Done(_("已改写;以后发出的就用新的文字。"))


def _effect(row: Wording, given: dict[str, Any], asked: Asked) -> Effect:
    shown = _filled(given["text"], asked)
    lines = [
        _("以后发出的“%(subject)s”(%(language)s,%(channel)s)用新的文字;已发出的不变。")
        % {
            "subject": row.subject,
            "language": LANGUAGE_WORDS[row.language],
            "channel": _channel_words(given["channel"]),
        }
    ]
    cautions = []
    if given["channel"] in ("", "sms") and len(shown) > SEGMENT:
        parts = -(-len(shown) // SEGMENT_OF_MANY)
        cautions.append(_("短信共 %(n)s 个字,会分成 %(parts)s 条计费。") % {"n": len(shown), "parts": parts})
    if "code" in placeholders(row.code) and "{code}" not in given["text"]:
        cautions.append(_("新的文字里没有查询码 {code},收到的人不能上网查。"))
    rows = ((_("标题"), row.subject, given["subject"]), (_("内容"), _filled(row.text, asked), shown))
    return Effect(tuple(lines), (Table(_("样例"), ("", _("现在"), _("改后")), rows),), tuple(cautions))


def _reset(row: Wording, given: dict[str, Any], asked: Asked) -> Done:
    template_reset(code=row.code, language=row.language, channel=row.channel, now=asked.now, by=asked.by)
    return Done(_("已恢复原文。"))


Wordings.actions = (
    Action("set", gettext_lazy("改写"), ("system_admin",), _set, _form, _effect),
    Action(
        "reset",
        gettext_lazy("恢复原文"),
        ("system_admin",),
        _reset,
        warning=gettext_lazy("改写过的文字不再使用,以后发出的用产品的原文;改写的经过留在账本里。"),
        open_to=lambda row: row.own,
    ),
)
