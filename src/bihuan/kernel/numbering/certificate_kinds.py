"""What a pack declares of a kind of certificate that its offices issue: see `kernel/certificates`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bihuan.kernel.numbering.formats import NumberFormat


@dataclass(frozen=True, slots=True)
class CertificateKind:
    """One kind of permit, opinion or receipt.

    `code` is of all packs once; `name` and `name_en` are its official names. `lines` are its contents in the order of the
    paper: what each is called in Chinese, by its name for machines; those in `optional` may be left out. `months` is how
    long it holds (0: without end), `basis` the law that is printed on it. The format's mode must be "gapless".
    A "letter" (an opinion, a notice, a receipt) is addressed to its holder and says nothing of how long it holds. Where
    nothing in it is `personal`, whoever sees it may open its paper. The `public` lines are what the paper decides: its QR code
    and the page where anybody checks it say them too, so that a changed paper is found out. They name no person.
    """

    code: str
    name: str
    name_en: str
    number_format: NumberFormat
    lines: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    months: int = 0
    basis: str = ""
    look: Literal["certificate", "letter"] = "certificate"
    personal: bool = True
    public: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.number_format.mode != "gapless":
            raise ValueError(f"证照 {self.code} 的编号不能有空号。")
        if not 0 <= self.months <= 1_200:
            raise ValueError(f"证照 {self.code} 的有效期应为 0 至 1200 个月。")
        if not self.public <= self.lines.keys():
            raise ValueError(f"证照 {self.code} 公开的内容里有没有的行。")

    def public_lines(self, contents: Mapping[str, str]) -> list[tuple[str, str]]:
        """What everybody may know of these contents: label and value, in the order of the paper."""
        return [
            (label, contents[name])
            for name, label in self.lines.items()
            if name in self.public and contents.get(name)
        ]

    @property
    def longest(self) -> int:
        """Characters of one line of the contents."""
        return 4_000 if self.look == "letter" else 500
