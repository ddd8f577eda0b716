"""The roles around sites, beside those of the fire section (`workflow.py`)."""

from bihuan.kernel.identity.roles import Role

SITE_SUPERVISOR, SITE_OFFICER, SITE_GATEWAY = "site_supervisor", "site_officer", "site_gateway"
SITE_ROLES = (
    Role(SITE_SUPERVISOR, "工地监管员", "Site supervisor", unmasks=True, hands_out=True, home="fire:sites"),
    Role(SITE_OFFICER, "工地安全员", "Site safety officer", unmasks=True, home="fire:sites"),
    Role(SITE_GATEWAY, "工地设备网关", "Site device gateway", acts="nowhere", sees="none"),
)
"""The gateway is a machine's account: its token sends readings."""
