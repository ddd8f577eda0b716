"""`bihuan token create USERNAME [--days N] [--only SUBJECT]`, `bihuan token revoke ID`, `bihuan token list USERNAME`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bihuan.kernel.desk.api.tokens import token_issue, token_revoke
from bihuan.kernel.desk.models import ApiToken
from bihuan.lib.refusals import Refusal


class Command(BaseCommand):
    help = "Access tokens for the API: create (shown once), revoke, list."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create")
        create.add_argument("username")
        create.add_argument("--days", type=int, default=90)
        create.add_argument("--only", default="", help="what alone it answers for, such as fire.site:3")
        actions.add_parser("revoke").add_argument("id", type=int)
        actions.add_parser("list").add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from None

    def _create(self, options: dict[str, Any]) -> None:
        token, row = token_issue(
            username=options["username"],
            days=options["days"],
            now=timezone.now(),
            by="command",
            subject=options["only"],
        )
        self.stderr.write(
            f"令牌 {row.pk},有效至 {timezone.localtime(row.expires_at):%Y-%m-%d %H:%M}。只显示这一次:"
        )
        self.stdout.write(token)

    def _revoke(self, options: dict[str, Any]) -> None:
        token_revoke(token_id=options["id"], now=timezone.now(), by="command")
        self.stdout.write(f"令牌 {options['id']} 已撤销。")

    def _list(self, options: dict[str, Any]) -> None:
        for row in ApiToken.objects.filter(person__username=options["username"]).order_by("pk"):
            state = (
                "已撤销" if row.revoked_at else f"有效至 {timezone.localtime(row.expires_at):%Y-%m-%d %H:%M}"
            )
            used = f"{timezone.localtime(row.last_used_at):%Y-%m-%d %H:%M}" if row.last_used_at else "未用过"
            self.stdout.write(f"{row.pk}\t{state}\t{used}")
