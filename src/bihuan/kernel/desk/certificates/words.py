"""Certificates in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.desk.words import language
from bihuan.kernel.numbering.certificate_kinds import CertificateKind


def kind_name(kind: CertificateKind | None, code: str = "") -> str:
    """A kind's official name; the code of one that is no longer declared."""
    if kind is None:
        return code
    return kind.name_en if language() == "en" else kind.name


def certificates_told(
    found: Iterable[Certificate], *, today: date
) -> list[tuple[Certificate, str, str, str]]:
    """Each certificate with its kind's name, its standing and the words for it."""
    known = certificate_kinds()
    rows = []
    for one in found:
        standing = one.standing(today)
        name = kind_name(known.get(one.kind), one.kind)
        rows.append((one, name, standing, str(Certificate.State(standing).label)))
    return rows
