"""Who works in a hall besides the clerks at its windows."""

from __future__ import annotations

from bihuan.kernel.identity.roles import Role

HALL_ROLES = (
    Role("hall_manager", "大厅主管", "Hall manager", home="onewindow:hall"),
    Role("hall_guide", "导办员", "Hall guide", acts="nowhere", home="onewindow:hall_counter"),
    Role("hall_kiosk", "自助终端", "Kiosk", acts="nowhere", sees="none", home="onewindow:kiosk"),
)
"""The last is the account of a device: it sees no case, and what was typed on it is forgotten."""
