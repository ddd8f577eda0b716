"""Two centres on one machine: the city's and the district's, each with database, home, keys, web and worker of its own.

They share the private PostgreSQL server and nothing else; they know each other by address and public key alone.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from bihuan.kernel.exchange.signing import private_read, public_of
from bihuan.site.postgres_files import home_folder, server_folder


@dataclass(frozen=True, slots=True)
class Centre:
    """One of the two: its name for `up --tier`, code, what it is called, where it listens (after the port given)."""

    tier: str
    code: str
    name: str
    after: int


DISTRICT = Centre("district", "371502", "东昌府区12345市民热线受理中心", 0)
CITY = Centre("city", "371500", "聊城市12345政务服务便民热线中心", 1)
BOTH = (CITY, DISTRICT)


def home_of(centre: Centre) -> Path:
    """Where a centre keeps what it writes: the district, which is there without tiers too, in the usual place."""
    base = Path(os.environ.get("BIHUAN_TIERS_HOME", home_folder()))
    return base / "city" if centre is CITY else base


def environment_of(centre: Centre) -> dict[str, str]:
    """What tells a process which of the two it is."""
    base = Path(os.environ.get("BIHUAN_TIERS_HOME", home_folder()))
    return {
        **os.environ,
        "BIHUAN_TIERS_HOME": str(base),
        "BIHUAN_HOME": str(home_of(centre)),
        "BIHUAN_SERVER": str(server_folder()),
        "BIHUAN_DATABASE": "bihuan_city" if centre is CITY else "bihuan",
        "BIHUAN_REGION": centre.code,
        # Cookies know no ports: with one name, logging in here would log out there.
        "BIHUAN_COOKIE": centre.tier,
        "BIHUAN_DB_ROLE": "owner",
    }


def command_of(centre: Centre, host: str, port: int, orders: int) -> list[str]:
    """`up` of one of the two."""
    given = f"--host {host} --port {port + centre.after} --orders {orders} --tier {centre.tier}"
    return [sys.executable, "-m", "bihuan.site", "up", *given.split()]


def peer_command(centre: Centre, port: int) -> list[str]:
    """The command by which this centre, which listens on `port`, enters the other one."""
    other = DISTRICT if centre is CITY else CITY
    at = port - centre.after + other.after
    public = public_of(private_read(home_of(other) / "keys" / "exchange"))
    relation = (
        ["--relation", "subordinate", "--unit", f"{other.code}_12345"]
        if centre is CITY
        else ["--relation", "superior"]
    )
    peer = ["exchange", "peer", other.code, other.name, *relation]
    return [sys.executable, "-m", "bihuan.site", *peer, "--url", f"http://127.0.0.1:{at}", "--public", public]
