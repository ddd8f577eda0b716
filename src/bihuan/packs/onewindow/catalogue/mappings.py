"""How the columns of a file become the fields of an item: ours, and 四川's list as its platform gives it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bihuan.packs.onewindow.catalogue.codes import Scheme


@dataclass(frozen=True, slots=True)
class ItemMapping:
    """`columns`: header → field; `values`: field → their word → ours, then `read` makes the rest of a row ours; `needs` are the
    headers that a file must have."""

    name: str
    scheme: Scheme
    columns: Mapping[str, str]
    needs: frozenset[str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    read: Callable[[dict[str, str]], dict[str, str]] = dict


SICHUAN = ItemMapping(
    name="sichuan",
    scheme="sichuan",
    columns={
        "department": "organ",
        "main_item": "theme",
        "name": "name",
        "itemCode": "code",
        "taskType": "kind",
        "link": "link",
    },
    needs=frozenset(("department", "name", "itemCode", "taskType")),
    values={"kind": {str(number): f"{number:02}" for number in (*range(1, 11), 20)}, "theme": {"未分类": ""}},
)
MAPPINGS = {SICHUAN.name: SICHUAN}
