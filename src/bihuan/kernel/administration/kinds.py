"""The kinds of object that the kernel's administrators keep here; people and units stand in `accounts`."""

from bihuan.kernel.administration.appointments import HoursChanges, Resources
from bihuan.kernel.administration.calendar import Calendars
from bihuan.kernel.administration.form_kind import Forms
from bihuan.kernel.administration.numbering import Numbering
from bihuan.kernel.administration.policies import Policies
from bihuan.kernel.administration.sent import Sent
from bihuan.kernel.administration.webhooks import Webhooks
from bihuan.kernel.administration.wording import Wordings

KINDS = (Policies, Calendars, Forms, Wordings, Webhooks, Sent, Numbering, Resources, HoursChanges)
