"""The kinds of object that the kernel's administrators keep here; people and units stand in `accounts`."""

from bihuan.kernel.administration.numbering import Numbering
from bihuan.kernel.administration.policies import Policies

KINDS = (Policies, Numbering)
