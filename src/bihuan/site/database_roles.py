"""The database roles, on the private server and on an operator's.

owner   migrates and owns every table
kernel  nobody logs in as it; the kernel's writers take it on with SET LOCAL ROLE
app     the web: may take on kernel but inherits nothing from it
worker  jobs and commands: the same
"""

import json
import os
import secrets
from typing import Any, LiteralString
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bihuan.site import postgres
from bihuan.site.postgres_files import PostgresError

OWNER, KERNEL = "bihuan_owner", "bihuan_kernel"
LOGINS = {"app": "bihuan_app", "worker": "bihuan_worker"}
EXTENSIONS = ("btree_gist", "ltree")

Connection = psycopg.Connection[Any]


def private_prepare(address: str, database: str) -> None:
    """Create, as the private server's superuser, what is missing: roles, extensions for every database, the database."""
    with psycopg.connect(address, dbname="postgres", autocommit=True) as connection:
        _role_create(connection, OWNER, "login createdb noinherit")
        roles_create(connection, dict.fromkeys(LOGINS))
        for role in (KERNEL, *LOGINS.values()):
            _execute(connection, "grant {} to {}", role, OWNER)
        # Databases made later, those of tests among them, are copies of template1.
        with psycopg.connect(address, dbname="template1", autocommit=True) as template:
            extensions_create(template)
        if not _exists(connection, "select 1 from pg_database where datname = %s", database):
            _execute(connection, "create database {} owner {}", database, OWNER)
    with psycopg.connect(address, dbname=database, autocommit=True) as connection:
        extensions_create(connection)


def provision(url: str) -> dict[str, str]:
    """Create the roles for an operator's database as its owner and keep their addresses in a file of mode 600.

    Returns role -> address. Does nothing if DATABASE_APP_URL and DATABASE_WORKER_URL say how to connect, or if it
    was done before. Raises PostgresError, changing nothing, if the owner may not, or if the roles exist already.
    """
    given = {role: os.environ.get(f"DATABASE_{role.upper()}_URL") for role in LOGINS}
    urls = postgres.provisioned_urls(url) | {role: found for role, found in given.items() if found}
    if urls.keys() >= LOGINS.keys():
        return urls
    passwords: dict[str, str | None] = {
        role: secrets.token_urlsafe(24) for role in LOGINS if role not in urls
    }
    try:
        with psycopg.connect(url) as connection:
            for role in passwords:
                if _exists(connection, "select 1 from pg_roles where rolname = %s", LOGINS[role]):
                    raise PostgresError(_not_ours(role))
            roles_create(connection, passwords)
            extensions_create(connection)
            urls |= {role: _url_as(url, LOGINS[role], password or "") for role, password in passwords.items()}
            _urls_write(url, urls)
    except psycopg.errors.InsufficientPrivilege as error:
        raise PostgresError(
            f"The owner in DATABASE_URL may not create roles or extensions ({error.diag.message_primary}): "
            f"create {', '.join((KERNEL, *LOGINS.values()))}, grant {KERNEL} to the other two with inherit false, "
            "create the extensions btree_gist and ltree, and set DATABASE_APP_URL and DATABASE_WORKER_URL."
        ) from error
    return urls


def roles_create(connection: Connection, passwords: dict[str, str | None]) -> None:
    """Create kernel and the named log-in roles where missing; None for a role that needs no password."""
    _role_create(connection, KERNEL, "nologin")
    for role, password in passwords.items():
        name = LOGINS[role]
        _role_create(connection, name, "login noinherit")
        if password is not None:
            statement = sql.SQL("alter role {} password {}").format(
                sql.Identifier(name), sql.Literal(password)
            )
            connection.execute(statement)
        # Before 16 the member's NOINHERIT says the same as these options.
        options = " with inherit false, set true" if connection.info.server_version >= 160000 else ""
        statement = sql.SQL("grant {} to {}" + options).format(sql.Identifier(KERNEL), sql.Identifier(name))
        connection.execute(statement)


def extensions_create(connection: Connection) -> None:
    """Create the extensions that the tables need, in the connected database."""
    for name in EXTENSIONS:
        _execute(connection, "create extension if not exists {}", name)


def _role_create(connection: Connection, name: str, attributes: LiteralString) -> None:
    if not _exists(connection, "select 1 from pg_roles where rolname = %s", name):
        _execute(connection, "create role {} " + attributes, name)


def _exists(connection: Connection, query: LiteralString, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None


def _execute(connection: Connection, statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _not_ours(role: str) -> str:
    return (
        f"The role {LOGINS[role]} exists already and its password is not known here: set DATABASE_{role.upper()}_URL, "
        f"or copy {postgres.provisioned_file().name} from the machine that made it."
    )


def _url_as(url: str, user: str, password: str) -> str:
    split = urlsplit(url)
    place = split.netloc.rpartition("@")[2]
    return urlunsplit(split._replace(netloc=f"{quote(user)}:{quote(password, safe='')}@{place}"))


def _urls_write(owner_url: str, urls: dict[str, str]) -> None:
    path = postgres.provisioned_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as file:
        json.dump({"database": postgres.database_key(owner_url), **urls}, file)
    unfinished.rename(path)
