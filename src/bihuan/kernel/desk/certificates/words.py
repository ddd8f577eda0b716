"""Certificates in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.selectors import notes_of
from bihuan.kernel.desk.words import language
from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.sentences import in_line


def kind_name(kind: CertificateKind | None, code: str = "") -> str:
    """A kind's official name; the code of one that is no longer declared."""
    if kind is None:
        return code
    return kind.name_en if language() == "en" else kind.name


def may_open(certificate: Certificate, names_read: bool) -> bool:
    """May the paper be opened by somebody who sees the certificate and reads names in full, or not?"""
    kind = certificate_kinds().get(certificate.kind)
    return bool(certificate.token) and kind is not None and (names_read or not kind.personal)


def certificates_told(
    found: Iterable[Certificate], *, today: date, names_read: bool = False
) -> list[tuple[Certificate, str, str, str, bool]]:
    """Each certificate with its kind's name, its standing, the words for it with what else must be known, and whether its paper may be
    opened."""
    known, found = certificate_kinds(), list(found)
    rows, notes = [], notes_of(found)
    for one in found:
        standing = one.standing(today)
        name = kind_name(known.get(one.kind), one.kind)
        words = in_line([str(Certificate.State(standing).label), *notes.get(one.pk, ())])
        rows.append((one, name, standing, words, may_open(one, names_read)))
    return rows
