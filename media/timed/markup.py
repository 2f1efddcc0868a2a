"""Tags and character references, taken off alike in every format, and kept apart where somebody wrote them as letters.

Subtitles are passed from one program to the next with `<i>`, `<br>` and `&nbsp;` in them, whatever the format; people
who read the transcript want neither. Only names that such programs write are taken for tags: `<left>` stays.
"""

from __future__ import annotations

import html
import re

_TAGS = "b|i|u|s|em|strong|strike|font|span|c|v|lang|ruby|rt|sub|sup|small|big|tt|a"
_BREAKS = "br|p|div|li"
_TAG = re.compile(rf"</?(?:{_TAGS})(?=[\s/>.])[^<>]*+>", re.IGNORECASE)
_BREAK = re.compile(rf"</?(?:{_BREAKS})(?=[\s/>])[^<>]*+>", re.IGNORECASE)
_OPENS = re.compile(rf"<(?=/?(?:{_TAGS}|{_BREAKS})[\s/>.])", re.IGNORECASE)
_AROUND = re.compile(r"(?<![ \t])[ \t]*+\n\s*+")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")


def plain(text: str) -> str:
    """The words of a text; what broke a line keeps them apart."""
    if "<" in text:
        broken = _BREAK.sub("\n", text)
        text = _TAG.sub("", text if broken == text else _AROUND.sub(" ", broken))
    return unescaped(text)


def unescaped(text: str) -> str:
    """Character references resolved, each once; one with more digits than any character has stands for none."""
    if "&" not in text:
        return text
    text = _NO_CHARACTER.sub("\ufffd", text)
    return _REFERENCE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    found = html.unescape(match[0])
    return " " if found == "\u00a0" else found


def guarded(text: str) -> str:
    """The same text, written so that `plain` gives it back: for what somebody typed that only looks like markup."""
    if "&" in text:
        text = re.sub(r"&(?=#|[A-Za-z])", lambda match: _guard(match, text), text)
    return _OPENS.sub("&lt;", text)


def _guard(match: re.Match[str], text: str) -> str:
    at = match.start()
    return "&amp;" if _REFERENCE.match(text, at) or _NO_CHARACTER.match(text, at) else "&"
