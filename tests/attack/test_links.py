"""Every link that a person meets from the menu on leads somewhere, and no form is a dead end."""

from __future__ import annotations

import html
import re
from collections import Counter
from urllib.parse import urljoin, urlsplit

from bihuan.kernel.desk.menu import MOST
from tests.stories.cast import Town

CAST = ("li", "zhou", "wang", "chen", "sun", "zhao", "liu", "tang", "qian", "admin", "security", "audit")
PAGES = 24
"""So many pages are opened for each of them, at most two of one shape."""
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#][^"]*)"')
MAIN = re.compile(r"<main.*</main>", re.DOTALL)
POSTS = re.compile(r'<form\b[^>]*method="post"')
WAY_BACK = re.compile(r'<a\b[^>]*href="[/?]')


def test_no_link_is_dead_and_every_form_has_a_way_back(town: Town) -> None:
    town.called_back()
    town.open(text="路灯不亮,请尽快维修。", matter="路灯不亮")
    assert [fault for username in CAST for fault in _walked(town, username)] == []


def _walked(town: Town, username: str) -> list[str]:
    """What one of the cast meets that is wrong on the way from the menu on."""
    client, opened, shapes, faults = town.as_(username), set[str](), Counter[str](), []
    begun = client.get("/account").context
    if len(begun["menu_first"]) > MOST:
        faults.append(f"{username}: the menu is too long")
    waiting = ["/account", *(address for _words, address in begun["menu"])]
    for address in waiting:
        shape = re.sub(r"\d+", "#", address.partition("?")[0])
        if address in opened or shapes[shape] == 2 or len(opened) == PAGES:
            continue
        opened.add(address)
        shapes[shape] += 1
        answer = client.get(address, follow=True)
        if answer.status_code != 200:
            faults.append(f"{username}: {address} answers {answer.status_code}")
        elif "html" in answer["Content-Type"]:
            page = answer.content.decode()
            main = MAIN.search(page)
            if not main or (POSTS.search(main[0]) and not WAY_BACK.search(main[0])):
                faults.append(f"{username}: {address} has no way back")
            waiting += _links(page, address)
    return faults


def _links(page: str, address: str) -> list[str]:
    """The addresses of this site that a page links to."""
    found = (urljoin(address, html.unescape(link)) for link in LINK.findall(page))
    return [one.partition("#")[0] for one in found if one.startswith("/") and urlsplit(one).path != "/logout"]
