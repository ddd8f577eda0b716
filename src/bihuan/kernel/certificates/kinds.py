"""The kinds of certificates that the packs declare."""

from __future__ import annotations

from functools import cache

from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.pack import packs
from bihuan.lib.refusals import Refusal


@cache
def certificate_kinds() -> dict[str, CertificateKind]:
    """Every kind by its code, which is of all packs once (ValueError)."""
    found: dict[str, CertificateKind] = {}
    for pack in packs().values():
        for kind in pack.certificates:
            if kind.code in found:
                raise ValueError(f"证照种类 {kind.code} 声明了两次。")
            found[kind.code] = kind
    return found


def kind_of(code: str) -> CertificateKind:
    """The kind of this code; Refusal when no pack declares it."""
    found = certificate_kinds().get(code)
    if found is None:
        raise Refusal("certificate_kind", f"没有“{code[:40]}”这种证照。", field="kind")
    return found
