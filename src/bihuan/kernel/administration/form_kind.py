"""Forms as their administrator keeps them: what each asks now, its versions, and a new version from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import Drawn, LineField, TextField, day_field
from bihuan.kernel.administration.history import people_named
from bihuan.kernel.administration.shape import (
    Action,
    Asked,
    Column,
    Done,
    Effect,
    Kind,
    Mark,
    Table,
    Version,
    said,
)
from bihuan.kernel.forms.drawing import DrawnForm, form_drawn
from bihuan.kernel.forms.models import FormVersion
from bihuan.kernel.forms.rules import Field, Form, fields_walked
from bihuan.kernel.forms.schema import MAX_BYTES, form_read
from bihuan.kernel.forms.selectors import form_of
from bihuan.kernel.forms.services import STREAM, form_publish
from bihuan.kernel.forms.words import form_title, label_of
from bihuan.kernel.ledger.selectors import RegisterEntry
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal

ADMINISTRATOR = ("system_admin",)


class Forms(Kind):
    """For the system administrator who keeps what applicants and inspectors are asked."""

    name = "forms"
    label = gettext_lazy("表单")
    about = gettext_lazy("申请表、检查表问什么、什么时候问:一种表单一行,改动是新的版本,从某天起用。")
    group = "rules"
    roles = ADMINISTRATOR
    search = gettext_lazy("代码或标题")
    stream = STREAM
    empty = gettext_lazy("还没有表单。上传一个 JSON Schema 就有了。")
    page_template = "administration/form_version.html"
    columns = (
        Column("code", gettext_lazy("代码")),
        Column("title", gettext_lazy("标题")),
        Column("version", gettext_lazy("版本"), number=True),
        Column("valid_from", gettext_lazy("生效日期")),
        Column("fields", gettext_lazy("字段"), number=True),
        Column("state", gettext_lazy("状态")),
    )

    def rows(self, asked: Asked) -> Any:
        """Of each form its newest version."""
        found = FormVersion.objects.all()
        if asked.q:
            words = Q(code__icontains=asked.q) | Q(title__icontains=asked.q) | Q(title_en__icontains=asked.q)
            found = found.filter(words)
        return found.order_by("code", "-version").distinct("code")

    def cells(self, rows: Sequence[FormVersion], asked: Asked) -> list[tuple[Any, ...]]:
        today = timezone.localdate(asked.now)
        return [
            (
                r.code,
                form_title(form_of(r)),
                r.version,
                r.valid_from,
                len(_fields(form_of(r))),
                _state(r, today),
            )
            for r in rows
        ]

    def key(self, row: FormVersion) -> str:
        return row.code

    def found(self, key: str, asked: Asked) -> FormVersion | None:
        return FormVersion.objects.filter(code=key[:80].replace("\0", "")).order_by("-version").first()

    def title(self, row: FormVersion) -> str:
        return form_title(form_of(row))

    def facts(self, row: FormVersion, asked: Asked) -> list[tuple[Any, Any]]:
        return self.cells_named(row, asked)

    def versions(self, row: FormVersion, asked: Asked) -> list[Version]:
        """The latest first; of two that begin on one day the later recorded counts."""
        rows = list(FormVersion.objects.filter(code=row.code).order_by("-valid_from", "-version"))
        entries = self.history(row, asked)
        who = people_named([entry.by for entry in entries])
        by = {entry.data["version"]: who[entry.by] for entry in entries}
        today, until, made = timezone.localdate(asked.now), None, []
        current = next((one for one in rows if one.valid_from <= today), None)
        for one in rows:
            replaced = until == one.valid_from
            state = (
                "replaced"
                if replaced
                else "coming"
                if one.valid_from > today
                else "now"
                if one == current
                else "past"
            )
            words = _("第 %(version)s 版 · %(count)s 个字段") % {
                "version": one.version,
                "count": len(_fields(form_of(one))),
            }
            made.append(
                Version(
                    one.valid_from, until, words, one.basis, by.get(one.version, ""), one.recorded_at, state
                )
            )
            until = one.valid_from
        return made

    def tables(self, row: FormVersion, asked: Asked) -> list[Table]:
        fields = tuple(
            (path, label_of(one), str(KINDS[one.kind]), _asked_when(one))
            for path, one in _fields(form_of(row))
        )
        return [Table(_("字段"), (_("名称"), _("标题"), _("种类"), _("什么时候问")), fields)]

    def history_match(self, row: FormVersion) -> Mapping[str, Any]:
        return {"code": row.code}

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        names = (
            ("version", _("版本")),
            ("valid_from", _("生效日期")),
            ("basis", _("依据")),
            ("sha256", "SHA-256"),
        )
        return said([(label, entry.data.get(name)) for name, label in names])

    def page_context(self, row: FormVersion, asked: Asked) -> dict[str, Any]:
        return {
            "numbers": FormVersion.objects.filter(code=row.code)
            .order_by("-version")
            .values_list("version", flat=True)
        }


KINDS = {
    "line": gettext_lazy("一行文字"),
    "long": gettext_lazy("多行文字"),
    "date": gettext_lazy("日期"),
    "uscc": gettext_lazy("统一社会信用代码"),
    "id-number": gettext_lazy("身份证号码"),
    "phone": gettext_lazy("电话"),
    "place": gettext_lazy("地点"),
    "integer": gettext_lazy("整数"),
    "number": gettext_lazy("数"),
    "yes": gettext_lazy("是或否"),
    "agree": gettext_lazy("必须勾选"),
    "one": gettext_lazy("单选"),
    "many": gettext_lazy("多选"),
    "file": gettext_lazy("文件"),
    "group": gettext_lazy("一组字段"),
    "rows": gettext_lazy("表格行"),
}
"""What each kind of field is called."""


def _fields(form: Form) -> list[tuple[str, Field]]:
    return list(fields_walked(form.fields))


def _asked_when(one: Field) -> str:
    when = _("看前面怎么填") if one.when else _("总是")
    return _("%s,必填") % when if () in one.needed or one.when in one.needed else when


def _told(one: Field) -> tuple[Any, ...]:
    """What a field says itself; what is in a group speaks for itself."""
    said = {name: one.schema.get(name) for name in one.schema if one.kind != "group" or "title" in name}
    return one.kind, said, one.when, one.needed


def _state(row: FormVersion, today: date) -> Mark:
    return Mark(_("将生效"), "near") if row.valid_from > today else Mark(_("现行"), "done")


class PublishForm(Drawn):
    """Code, schema as a file or as text, from when and by what."""

    data: Any
    code = LineField(
        label=gettext_lazy("代码"),
        max_length=80,
        help_text=gettext_lazy("小写字母、数字和 . _ -,如 market.stall;定了不改。"),
    )
    file = forms.FileField(
        label=gettext_lazy("JSON 文件"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        help_text=gettext_lazy("选了文件就不用填下面的框。"),
    )
    schema = TextField(
        label=gettext_lazy("表单定义(JSON Schema 2020-12)"),
        max_length=MAX_BYTES,
        required=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "form-control schema"}),
    )
    valid_from = day_field(gettext_lazy("生效日期"))
    basis = LineField(
        label=gettext_lazy("依据"), max_length=300, help_text=gettext_lazy("哪个文件、哪一条要求这样问。")
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file = given.pop("file", None)
        if file:
            self._file_take(given, file)
        elif not given.get("schema") and "schema" not in self.errors:
            self.add_error("schema", _("请选择文件,或填写表单定义。"))
        if given.get("schema") and not self.errors:
            try:
                form_read(given["schema"])
            except Refusal as refusal:
                self.add_error("file" if file else "schema", told(refusal))
        return given

    def _file_take(self, given: dict[str, Any], file: Any) -> None:
        """The text of the file, which then stands in the box as if typed."""
        try:
            given["schema"] = file.read(MAX_BYTES + 1).decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", _("文件要是 UTF-8 编码的 JSON。"))
            return
        self.data = self.data.copy()
        self.data["schema"] = given["schema"]

    @cached_property
    def preview(self) -> DrawnForm | None:
        """The form that would be published, drawn; None while nothing can be read."""
        schema = getattr(self, "cleaned_data", {}).get("schema")
        return form_drawn(form_read(schema), {}) if schema and not self.errors else None


def _form(row: FormVersion | None, data: Any, asked: Asked) -> PublishForm:
    today = timezone.localdate(asked.now)
    if row is None:
        return PublishForm(data, asked.files, initial={"valid_from": today})
    initial = {"code": row.code, "schema": row.schema, "basis": row.basis, "valid_from": today}
    form = PublishForm(data, asked.files, initial=initial)
    form.fields["code"].disabled = True
    return form


def _publish(row: FormVersion | None, given: dict[str, Any], asked: Asked) -> Done:
    if row is None and FormVersion.objects.filter(code=given["code"]).exists():
        raise Refusal("code", _("这个代码已有表单:请打开它,再上传新的版本。"), field="code")
    made = form_publish(**given, now=asked.now, by=asked.by)
    words = {"title": made.title, "version": made.version, "day": made.valid_from}
    address = f"/administration/forms/of/{made.code}"
    return Done(_("“%(title)s”第 %(version)s 版已登记,%(day)s 起用。") % words, address=address)


def form_effect(row: FormVersion | None, given: Mapping[str, Any], asked: Asked) -> Effect:
    """Which fields come, go and change, against the newest version."""
    before = dict(_fields(form_of(row))) if row else {}
    after = dict(_fields(form_read(given["schema"])))
    parts = (
        (_("新增"), [path for path in after if path not in before], after),
        (_("取消"), [path for path in before if path not in after], before),
        (
            _("改动"),
            [path for path in after if path in before and _told(after[path]) != _told(before[path])],
            after,
        ),
    )
    rows = tuple((words, path, label_of(fields[path])) for words, paths, fields in parts for path in paths)
    counts = {words: len(paths) for words, paths, _fields_ in parts}
    lines = (
        _("%(day)s 起新办的件按这一版填写;以前填写的不变。") % {"day": given["valid_from"]},
        "、".join(f"{words} {count}" for words, count in counts.items()),
    )
    cautions = (_("取消的字段,以前填写过的不再带到新的申请里。"),) if counts[_("取消")] else ()
    return Effect(
        lines, (Table(_("字段"), (_("变化"), _("名称"), _("标题")), rows),) if rows else (), cautions
    )


Forms.list_actions = (
    Action(
        "publish",
        gettext_lazy("新建表单"),
        ADMINISTRATOR,
        _publish,
        _form,
        form_effect,
        template="administration/form_publish.html",
    ),
)
Forms.actions = (
    Action(
        "publish",
        gettext_lazy("上传新的版本"),
        ADMINISTRATOR,
        _publish,
        _form,
        form_effect,
        template="administration/form_publish.html",
    ),
)
