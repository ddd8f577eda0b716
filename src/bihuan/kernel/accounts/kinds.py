"""Where the screens of people, units and audit stand in the index of administration."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.administration.shape import Place

PLACES = (
    Place(
        "people", _("人员"), _("账号、角色、锁定、交接"), "organisation", ("system_admin", "security_admin")
    ),
    Place("units", _("组织机构"), _("单位、上下级、托管"), "organisation", ("system_admin",)),
    Place("audit", _("审计"), _("各登记簿的条目"), "audit", ("audit_admin",)),
)
