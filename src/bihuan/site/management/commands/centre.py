"""`bihuan centre init`: a real centre in an empty database, without anything of the demonstration."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.site.centre import Newcomer, centre_init


def newcomer(text: str) -> Newcomer:
    """USERNAME:NAME."""
    username, colon, name = text.partition(":")
    if not colon:
        raise ArgumentTypeError(_("写作 用户名:姓名"))
    return Newcomer(username, name)


class Command(BaseCommand):
    """Territory, centre, three administrators, the packs' rules, the calendar and the list of matters."""

    help = "建立一个真实的中心：单位、三名管理员、各业务的规则、工作日历、事项；没有演示人员"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What no product can know."""
        parts = parser.add_subparsers(dest="part", required=True, metavar="init")
        part = parts.add_parser("init", help="在空数据库里建立中心")
        part.add_argument("name", help="中心的名称，如 东昌府区12345热线中心")
        part.add_argument("territory", help="所属行政区的名称，如 东昌府区")
        part.add_argument(
            "--region", default=settings.REGION, help="行政区划代码（GB/T 2260），默认取 BIHUAN_REGION"
        )
        for option, label in (("system", "系统"), ("security", "安全"), ("audit", "审计")):
            part.add_argument(
                f"--{option}", required=True, type=newcomer, metavar="USER:NAME", help=f"{label}管理员"
            )

    def handle(self, *_args: Any, region: str, **options: Any) -> None:
        """Found it and print the three first passwords, which must be changed at the first log-in."""
        if region != settings.REGION:
            told_ = {"region": region, "set": settings.REGION}
            raise CommandError(
                _("服务按 BIHUAN_REGION=%(set)s 运行;请先设 BIHUAN_REGION=%(region)s 再建中心。") % told_
            )
        administrators = {f"{kind}_admin": options[kind] for kind in ("system", "security", "audit")}
        try:
            passwords = centre_init(
                name=options["name"],
                region=region,
                territory=options["territory"],
                administrators=administrators,
                now=timezone.now(),
            )
        except (Refusal, FieldError) as refusal:
            raise CommandError(told(refusal)) from None
        self.stdout.write(_("中心已建立。初始密码只显示这一次,首次登录时必须更改:"))
        for username, password in passwords.items():
            self.stdout.write(f"  {username:<20} {password}")
        self.stdout.write(
            _(
                "接着:系统管理员登记单位和人员,安全管理员授予角色,再导入派单目录(bihuan hotline directory import)。"
            )
        )
