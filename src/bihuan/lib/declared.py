"""Words that packs declare, in the page's language."""

from django.utils.translation import gettext, pgettext


def declared(word: str, kind: str = "") -> str:
    """A word in the page's language: as that of a "station", "state" or "step" where the catalogue has one of its own for
    this kind, else as the plain word. One Chinese word may be a button and a state, which are two in English.
    """
    if not word:
        return ""
    told = pgettext(kind, word) if kind else word
    return gettext(word) if told == word else told
