"""The materials on an owner's form: which are asked for, which are missing, and the files that were sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from bihuan.kernel.attachments.models import Attachment
from bihuan.packs.fire.materials import MATERIALS, Material
from bihuan.packs.fire.owners.rules import materials_required

OF_LEGACY = ("file", "after")
"""Kinds of the files that a legacy project's owner sends: papers, and photographs of what was rectified."""
CODES = {one.code for some in MATERIALS.values() for one in some}


@dataclass(frozen=True, slots=True)
class MaterialShown:
    """A material on the form: whether it must be handed in, whether it is missing from what was sent, and whether its files have to be
    chosen again, since a browser keeps none.
    """

    material: Material
    required: bool
    missing: bool
    again: bool


def files_sent(request: HttpRequest, kind: str = "") -> dict[str, list[Any]]:
    """The files that came, by the code of their material: of one kind of application, or of any."""
    codes = [one.code for one in MATERIALS[kind][1:]] if kind else [*sorted(CODES), *OF_LEGACY]
    return {code: some for code in codes if (some := request.FILES.getlist(code))}


def materials_shown(
    kind: str, declared: Mapping[str, Any], files: Mapping[str, Sequence[Any]] | None
) -> list[MaterialShown]:
    """The materials of a kind of application, in order; `files` is what was sent, None before."""
    required = {one.code for one in materials_required(kind, declared)}
    sent = None if files is None else set(files)
    return [
        MaterialShown(
            one,
            one.code in required,
            sent is not None and one.code in required - sent,
            sent is not None and one.code in sent,
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
