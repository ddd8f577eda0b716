"""The kinds of object that the kernel's administrators keep here; people and units stand in `accounts`."""

from bihuan.kernel.administration.numbering import Numbering

KINDS = (Numbering,)
