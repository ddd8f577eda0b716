"""The columns of a case that its writers read and change. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Row:
    """A case as its writers hold it under the lock."""

    id: int
    number: str
    pack: str
    workflow: str
    state: str
    version: int
    unit_id: int
    opened_by_id: int
    handler_id: int | None
    territory_id: int | None
    matter: str
    region: str
    basis_date: Any
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    warn_at: datetime | None
    moved_at: datetime
    urgent: bool
    confidential: bool
    provisional: bool
    returnable: bool
    supervised: bool
    redo_count: int
    return_count: int
    urge_count: int
    parent_id: int | None
    merged_into_id: int | None
    superior: Mapping[str, Any] | None
    facts: dict[str, Any]
    progress: dict[str, Any]
    seq: int
    head: bytes


ROW = tuple(f.name for f in fields(Row))
