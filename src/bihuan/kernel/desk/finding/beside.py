"""Two cases beside each other: what is the same in both is marked, as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.cases.personal import parties_of_case
from bihuan.kernel.desk.pack_words import matter_name
from bihuan.kernel.desk.templatetags.desk import moment, named
from bihuan.kernel.desk.words import state_label
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.sentences import in_line
from bihuan.lib.masking import mask_text

SPAN = 4
"""So many letters in a row that stand in both texts are marked."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is told of both."""

    label: str
    left: str
    right: str
    same: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """`lines` of facts; the words of both, with what they share in <mark>."""

    lines: list[Line]
    said: tuple[SafeString, SafeString]
    answers: tuple[str, str]


def cases_beside(left: Case, right: Case, *, scope: Scope) -> Beside:
    """Two cases that the scope sees; personal data masked as on their pages."""
    both = (left, right)
    texts = tuple(mask_text(case.content.text) for case in both)
    return Beside(
        lines=[
            _line(gettext("标题"), *(mask_text(case.title) for case in both)),
            _line(
                gettext("事项"),
                *(matter_name(case.pack, case.matter) for case in both),
                same=left.matter == right.matter,
            ),
            _line(gettext("地点"), *(mask_text(case.place) for case in both), same=left.place == right.place),
            _line(gettext("属地"), *(named(case.territory) for case in both)),
            _callers(left, right, scope),
            _line(gettext("提出时间"), *(moment(case.reported_at) for case in both), same=False),
            _line(gettext("承办单位"), *(named(case.unit) for case in both)),
            _line(gettext("环节"), *(state_label(case.workflow, case.state) for case in both), same=False),
        ],
        said=(_shared(texts[0], texts[1]), _shared(texts[1], texts[0])),
        answers=(mask_text(left.content.answer), mask_text(right.content.answer)),
    )


def _line(label: str, left: str, right: str, *, same: bool | None = None) -> Line:
    alike = left == right if same is None else same
    return Line(label, left, right, bool(left and right) and alike)


def _callers(left: Case, right: Case, scope: Scope) -> Line:
    """Who reported, masked. That it is the same person is told only where the reader may read both numbers with a reason."""
    told = [
        [party for party in parties_of_case(case, scope) if party["role"] == Party.Role.REPORTER]
        for case in (left, right)
    ]
    ids = [party["id"] for parties in told for party in parties if party["may_unmask"]]
    phones: list[set[str]] = [set(), set()]
    for case, phone in Party.objects.filter(pk__in=ids).exclude(phone="").values_list("case_id", "phone"):
        phones[case == right.pk].add(phone)
    words = [_names(parties) for parties in told]
    return _line(gettext("反映人"), words[0], words[1], same=bool(phones[0] & phones[1]))


def _names(parties: Sequence[dict[str, str]]) -> str:
    return in_line([f"{party['name']} {party['phone']}".strip() for party in parties])


def _shared(text: str, other: str) -> SafeString:
    """The text escaped, with every run of letters that stands in the other one too in <mark>."""
    known = {other[at : at + SPAN] for at in range(len(other) - SPAN + 1)}
    marked = [False] * len(text)
    for at in range(len(text) - SPAN + 1):
        piece = text[at : at + SPAN]
        if piece in known and piece.isalnum():
            marked[at : at + SPAN] = [True] * SPAN
    out, begun = [], 0
    for at in range(1, len(text) + 1):
        if at == len(text) or marked[at] != marked[begun]:
            words = escape(text[begun:at])
            out.append(f"<mark>{words}</mark>" if marked[begun] else words)
            begun = at
    return mark_safe("".join(out))  # noqa: S308  each part is escaped
