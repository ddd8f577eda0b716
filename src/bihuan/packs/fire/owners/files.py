"""The materials on an owner's form: which are asked for, which are missing, and the files that were sent, kept until the rest of the
form is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from bihuan.kernel.attachments.kept import KeptFile, files_keep, files_kept
from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.sentences import told
from bihuan.packs.fire.materials import MATERIALS, Material
from bihuan.packs.fire.owners.rules import materials_required

OF_LEGACY = ("file", "after")
"""Kinds of the files that a legacy project's owner sends: papers, and photographs of what was rectified."""
CODES = {one.code for some in MATERIALS.values() for one in some}


@dataclass(frozen=True, slots=True)
class MaterialShown:
    """A material on the form: whether it must be handed in, whether it is missing from what was sent, its files that need not be chosen
    again (the name of the control that drops one, and the file), and why others of it did not come in.
    """

    material: Material
    required: bool
    missing: bool = False
    kept: Sequence[tuple[str, KeptFile]] = ()
    unfit: str = ""


def files_sent(request: HttpRequest, kind: str = "") -> dict[str, list[Any]]:
    """The files that came, now or with the same form before, by the code of their material: of one kind of application, or of any."""
    codes = [one.code for one in MATERIALS[kind][1:]] if kind else [*sorted(CODES), *OF_LEGACY]
    dropped, kept = request.POST.getlist("drop"), dict[str, list[Any]]()
    for control, file in files_kept(request, _form(request)).items():
        if control not in dropped:
            kept.setdefault(_code(control), []).append(file)
    return {code: some for code in codes if (some := [*kept.get(code, ()), *request.FILES.getlist(code)])}


def files_held(request: HttpRequest, files: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """Keep the files of a form that is drawn anew, so that nobody chooses them twice; they stay after it was taken, so that a second
    click is the same application. Returns why some did not come in, by the code of their material.
    """
    if not (form := _form(request)):
        return {}
    named = {f"{code}.{place}": file for code, some in files.items() for place, file in enumerate(some)}
    wrong = files_keep(request, form, named, now=request.now)
    held = files_kept(request, form)
    said: dict[str, list[str]] = {}
    for control, file in named.items():
        if control not in held:
            why = told(wrong[control]) if control in wrong else gettext("一次留不下这么多文件。")
            said.setdefault(_code(control), []).append(f"“{file.name[:80]}”:{why}")
    return {code: " ".join(some) for code, some in said.items()}


def _form(request: HttpRequest) -> str:
    return request.POST.get("key", "")[:64]


def _code(control: str) -> str:
    return control.partition(".")[0]


def materials_asked(kind: str) -> list[MaterialShown]:
    """The materials of a kind of application, in order, before anything was sent."""
    required = {one.code for one in materials_required(kind, {})}
    return [MaterialShown(one, one.code in required) for one in MATERIALS[kind][1:]]


def materials_shown(kind: str, request: HttpRequest) -> list[MaterialShown]:
    """The materials of a kind of application, in order, after what was sent was refused: what of it is kept and what is missing."""
    required = {one.code for one in materials_required(kind, request.POST)}
    sent = files_sent(request, kind)
    unfit, kept = files_held(request, sent), files_kept(request, _form(request))
    return [
        MaterialShown(
            one,
            one.code in required,
            one.code in required - set(sent),
            [(control, file) for control, file in kept.items() if _code(control) == one.code],
            unfit.get(one.code, ""),
        )
        for one in MATERIALS[kind][1:]
    ]


def materials_kept(
    kind: str, files: Sequence[Attachment]
) -> list[tuple[Material, list[tuple[Attachment, str]]]]:
    """The materials of a kind of application, each with what was handed in of it, under the owner's own names; nothing where nobody handed
    in any.
    """
    told = [
        (material, [(one, one.name.removeprefix(f"{material.name}-")) for one in files if str(one.kind) == material.code])
        for material in MATERIALS.get(kind, ())[1:]
    ]  # fmt: skip
    return told if any(some for _material, some in told) else []
