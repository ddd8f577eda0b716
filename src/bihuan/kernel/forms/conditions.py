"""What a condition may say: no more than the server and a device without a network judge alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from bihuan.lib.refusals import Refusal

RULE = "JSON Schema 2020-12"
PARTS = ("allOf", "anyOf")
PLAIN = {"const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
MAY = {*PLAIN, *PARTS, "properties", "required", "not", "contains"}


def condition_check(where: str, schema: Any) -> None:
    """Refusal unless the condition keeps to what both judge, and requires each field that it speaks of.

    Without `required` a condition also holds where the field is not answered at all, which nobody means.
    """
    if not isinstance(schema, Mapping) or not schema:
        raise schema_refusal(where, _("条件要是一个不空的对象"))
    unknown = sorted(set(schema) - MAY)
    if unknown:
        raise schema_refusal(where, _("条件里不能用“%s”") % unknown[0][:40])
    if set(schema.get("properties", {})) - set(schema.get("required", ())):
        raise schema_refusal(where, _("条件里提到的字段要同时写进 required"))
    if not all(
        isinstance(one, (str, int, bool)) for one in (schema.get("const", ""), *schema.get("enum", ()))
    ):
        raise schema_refusal(where, _("条件里的 const、enum 只能是文字、整数或是否"))
    inner = [schema[name] for name in ("not", "contains") if name in schema]
    inner += [part for name in PARTS for part in schema.get(name, ())]
    for part in (*inner, *schema.get("properties", {}).values()):
        condition_check(where, part)


def names_in(schema: Mapping[str, Any]) -> set[str]:
    """The fields of its own level that a condition speaks of."""
    names = set(schema.get("properties", {})) | set(schema.get("required", ()))
    parts = [part for name in PARTS for part in schema.get(name, ())]
    for part in [*parts, *([schema["not"]] if "not" in schema else [])]:
        names |= names_in(part)
    return names


def schema_refusal(where: str, why: str) -> Refusal:
    """The refusal of a form's schema: the place in it, and why."""
    told = _("表单定义“%(where)s”:%(why)s。") % {"where": where[:80], "why": why}
    return Refusal("schema", told, field="schema", rule=RULE)
