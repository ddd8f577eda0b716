"""What stands in the index of administration from here: other centres, what passed, and what was turned away."""

from bihuan.kernel.exchange.messages_kind import Doors, Exchanged
from bihuan.kernel.exchange.peers_kind import Peers

KINDS = (Peers, Exchanged, Doors)
