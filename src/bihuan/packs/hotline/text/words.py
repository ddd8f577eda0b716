"""Words and features of a citizen's message, the same for raw and for already segmented text."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import rjieba

MAX_CHARACTERS = 4000  # what follows in a longer message no longer changes the class
MAX_WORD = 20  # of a longer run of letters and digits only the beginning counts
HEAD_WORDS = 10  # the subject comes first and weighs more
NEGATIONS = frozenset("不没未无拒")

STOP_WORDS = frozenset(
    [
        "的",
        "了",
        "在",
        "是",
        "我",
        "我们",
        "和",
        "有",
        "不",
        "也",
        "都",
        "没有",
        "为",
        "就",
        "到",
        "对",
        "与",
        "要",
        "还",
        "给",
        "等",
        "但",
        "这",
        "并",
        "上",
        "被",
        "又",
        "将",
        "去",
        "能",
        "可以",
        "而",
        "让",
        "来",
        "该",
        "不能",
        "他们",
        "向",
        "有关",
        "吗",
        "多",
        "作为",
        "个",
        "一",
        "本人",
        "会",
        "什么",
        "就是",
        "按",
        "这样",
        "把",
        "其",
        "从",
        "由",
        "自己",
        "以",
        "不是",
        "多次",
        "或者",
        "通过",
        "关于",
        "及",
        "这些",
        "可",
        "您",
        "这个",
        "为了",
        "其他",
        "或",
        "于",
        "根据",
        "因",
        "但是",
        "过",
        "因为",
        "任何",
        "为什么",
        "他",
        "才",
        "只有",
        "没",
        "内",
        "大",
        "而且",
        "之",
        "着",
        "所",
        "如果",
        "此",
        "地",
        "她",
        "你",
        "由于",
        "很",
        "很多",
        "更",
        "还是",
        "开始",
        "怎么",
        "时候",
        "基本",
        "这么",
        "呢",
        "们",
        "本",
        "且",
        "还有",
        "按照",
        "第",
        "谁",
        "必须",
        "二",
        "结果",
        "三",
        "均",
        "至",
        "经过",
        "如何",
        "所以",
        "可能",
        "同时",
        "看",
        "如此",
        "为何",
        "啊",
        "你们",
        "以及",
        "用",
        "并且",
        "那么",
        "那",
        "她们",
        "它",
        "它们",
        "吧",
        "啦",
        "呀",
        "嘛",
        "哦",
        "再",
        "得",
        "却",
        "则",
        "若",
        "即",
        "虽然",
        "已",
        "已经",
        "只",
        "只是",
        "比",
        "每",
        "某",
        "各",
        "另",
        "另外",
        "一个",
        "一些",
        "一种",
        "这里",
        "那里",
        "那些",
        "那个",
        "之前",
        "之后",
        "以后",
        "以前",
        "时",
        "中",
        "下",
        "后",
        "前",
        "里",
        "说",
        "做",
        "大家",
        "咱们",
        "自",
        "凡",
        "几",
        "怎样",
        "哪",
        "哪里",
        "一直",
        "非常",
        "太",
        "最",
        "请",
        "请问",
        "您好",
        "你好",
        "谢谢",
    ]
)
_WORD = re.compile(r"[0-9a-z\u3400-\u4dbf\u4e00-\u9fff]")
_CODE = re.compile(r"[a-z]?\d+|[a-z]")  # numbers, and places made anonymous such as "A3"
_SHEET_ESCAPE = re.compile(r"_x[0-9A-Fa-f]{4}_")  # what spreadsheets leave for a line end


@dataclass(frozen=True, slots=True)
class Word:
    """A word that counts: its normal form and where it stands in the original text, [start, end)."""

    form: str
    start: int
    end: int


@lru_cache(maxsize=1 << 16)
def _folded(character: str) -> str:
    return "".join(unicodedata.normalize("NFKC", character).lower().split())


def words_of(text: str) -> list[Word]:
    """Words of at most the first 4,000 characters: NFKC, lower case, blanks removed, then cut by `rjieba`.

    Blanks are removed before cutting, so that text segmented by another tool is cut again our way. Stop
    words, punctuation, numbers and single letters are dropped: segmented collections have lost them already.
    """
    text = _SHEET_ESCAPE.sub(lambda match: " " * len(match[0]), text[:MAX_CHARACTERS])
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        parts = _folded(character)
        if character.isascii() and character.isalnum() and _parted(text, place):
            parts = " " + parts
        for part in parts:
            folded.append(part)
            places.append(place)
    words: list[Word] = []
    at = 0
    for form in rjieba.cut("".join(folded)):
        end = at + len(form)
        if form not in STOP_WORDS and _WORD.match(form) and not _CODE.fullmatch(form):
            word = form[:MAX_WORD]
            words.append(Word(word, places[at], places[at + len(word) - 1] + 1))
        at = end
    return words


def _parted(text: str, place: int) -> bool:
    """Whether a blank before `place` parts two runs of Latin letters or digits, and so must stay."""
    return place > 1 and text[place - 1] == " " and text[place - 2].isascii() and text[place - 2].isalnum()


@lru_cache(maxsize=1 << 17)
def grams_of(form: str) -> tuple[str, ...]:
    """Character n-grams (1 to 3) inside one word; across words a stop word may be missing."""
    return tuple(form[i : i + n] for n in (1, 2, 3) for i in range(len(form) - n + 1))


@lru_cache(maxsize=1 << 15)
def _head_grams_of(form: str) -> tuple[str, ...]:
    return tuple("^" + gram for gram in grams_of(form)) * 2


def features_of(words: Sequence[Word]) -> list[str]:
    """All n-grams of the words with repetitions; those of the first 10 words again, marked, twice."""
    features: list[str] = []
    for index, word in enumerate(words):
        features += word_features(word.form, head=index < HEAD_WORDS)
    return features


def word_features(form: str, *, head: bool) -> tuple[str, ...]:
    """The features that one word gives; `head`: it stands among the first 10 words."""
    return grams_of(form) + _head_grams_of(form) if head else grams_of(form)


def fragments_of(
    text: str, words: Sequence[Word], weights: Sequence[float], *, most: int = 4
) -> tuple[str, ...]:
    """The pieces of `text`, blanks removed, that weigh most: heavy words, neighbours joined.

    `weights[i]` is what `words[i]` adds to the label; only words with a positive weight are named, and
    a negation right before one is shown with it. At most `most` pieces, the heaviest first.
    """
    totals: dict[str, float] = {}
    for word, weight in zip(words, weights, strict=True):
        totals[word.form] = totals.get(word.form, 0.0) + weight
    least = 0.1 * max(totals.values(), default=0.0)
    positive = [form for form in totals if totals[form] > max(least, 0.0)]
    heavy = sorted(positive, key=lambda form: (-totals[form], form))[: most + 2]
    runs: list[tuple[float, str]] = []
    last_end, last_weight = -1, 0.0
    for word in words:
        if word.form not in heavy:
            continue
        start, weight = word.start, totals[word.form]
        if runs and not text[last_end:start].strip(" \u3000") and len(runs[-1][1]) + len(word.form) <= 12:
            weight += last_weight
            runs[-1] = (weight, runs[-1][1] + _without_blanks(text[start : word.end]))
        else:
            if start > 0 and text[start - 1] in NEGATIONS:
                start -= 1
            runs.append((weight, _without_blanks(text[start : word.end])))
        last_end, last_weight = word.end, weight
    chosen: list[str] = []
    for _, fragment in sorted(runs, key=lambda run: -run[0]):
        if len(chosen) < most and not any(fragment in other or other in fragment for other in chosen):
            chosen.append(fragment)
    return tuple(chosen)


def _without_blanks(piece: str) -> str:
    return "".join(_SHEET_ESCAPE.sub("", piece).split())
