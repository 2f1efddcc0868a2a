"""English words brought to one form, so that "borrowed", "borrowing" and "she borrows" are one word.

Only what a verb or a noun takes on by being said: endings, and the old verbs that change inside. Words made of other
words (harassment from harass) stay what they are; whoever lists words gives their beginning instead.
"""

from __future__ import annotations

import re
from functools import lru_cache

_IRREGULAR = """
be am is are was were been being; have has had; do does did done; go goes went gone; take took taken;
give gave given; get got gotten; come came; become became; say said; tell told; think thought; know knew known;
make made; send sent; lend lent; spend spent; sell sold; buy bought; pay paid; lose lost; leave left; keep kept;
sleep slept; feel felt; fall fell fallen; beat beaten; hit; hurt; hold held; break broke broken; burn burnt;
drive drove driven; throw threw thrown; steal stole stolen; speak spoke spoken; hide hid hidden; eat ate eaten;
drink drank drunk; catch caught; teach taught; bring brought; fight fought; find found; sew sewn; sing sang sung;
stand stood; sit sat; run ran; begin began begun; choose chose chosen; forget forgot forgotten; grow grew grown;
plough plow; rise rose risen; write wrote written; win won; build built; dig dug; tear tore torn; swear swore sworn;
wake woke woken; bear bore born borne; bleed bled; feed fed; lead led; meet met; shoot shot; stick stuck;
strike struck stricken; swell swelled swollen; wear wore worn; weep wept; shut; put; cut; let; cost; set;
bite bit bitten; draw drew drawn; fly flew flown; ride rode ridden; shake shook shaken; understand understood;
forbid forbade forbidden; withdraw withdrew withdrawn; child children; woman women; man men; foot feet; tooth teeth;
person people; wife wives; policeman policemen; wage wages; die died dying dies; lay laid; lie lies lying;
tie tied tying ties; agree agreed; free freed; see seen saw
"""
_BASES = {
    form: forms.split()[0]
    for forms in re.split(r";\s*", _IRREGULAR.strip())
    for form in forms.replace("\n", " ").split()
}
_SHORT = {
    "n't": "not", "'m": "be", "'re": "be", "'ve": "have", "'ll": "will", "'d": "would", "'s": "",
}  # fmt: skip
_WHOLE = {"cannot": ("can", "not"), "can't": ("can", "not"), "won't": ("will", "not"), "shan't": ("shall", "not")}
_KEPT = frozenset({"cane", "this", "his", "thing"})  # whose bare form is another word
_VOWEL = re.compile("[aeiouy]")
_DOUBLED = re.compile(r"([bdgklmnprt])\1$")


@lru_cache(maxsize=1 << 14)
def parts(word: str) -> tuple[str, ...]:
    """A written word as the words it is said for: `couldn't` is `could` and `not`."""
    word = word.lower().replace("\u2019", "'")
    if word in _WHOLE:
        return _WHOLE[word]
    for ending, said in _SHORT.items():
        if word.endswith(ending) and len(word) > len(ending):
            return (word.removesuffix(ending), said) if said else (word.removesuffix(ending),)
    return (word,)


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """The one form of a word in small letters, which is not always a word itself: `owe` and `owing` are `ow`."""
    if word in _KEPT:
        return word
    base = _BASES.get(word)
    return _bare(base if base is not None else _without_ending(word))


def _without_ending(word: str) -> str:
    if len(word) < 4:
        return word
    if word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 1 and _VOWEL.search(rest) and not word.endswith("eed"):
            return rest
    if word.endswith("es") and word[-3] in "sxzh":
        return word[:-2]
    return word[:-1] if word.endswith("s") and word[-2] not in "us" else word


def _bare(word: str) -> str:
    word = _DOUBLED.sub(r"\1", word) if len(word) > 3 else word
    if word.endswith("y") and len(word) > 2 and word[-2] not in "aeiou":
        return word[:-1] + "i"
    return word.removesuffix("e") if len(word) > 2 else word
