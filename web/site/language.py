"""Which language a page speaks, and how templates and views say a thing in it.

English stands where it is said, `_("Songs")`, and is the key to the other languages, which have a file each: whoever
corrects a Khmer label opens `archive/language/locales/km.po` and no code. Flask-Babel keeps the locale and writes its
dates and numbers; the texts come from `archive.language.messages`, which the archive below the site reads too.

Khmer is what a newcomer gets, whatever the browser asks for: on shared computers in a drop-in centre the browser's
language is whoever set the machine up. `?lang=en` on any address changes it, and a cookie remembers. Where nobody has
chosen in this browser, whoever signs in gets the language of their account.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from babel import Locale
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, format_datetime, get_locale
from flask_babel.speaklater import LazyString
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from archive import time_zone
from archive.days import Day
from archive.errors import ArchiveError
from archive.language.day_words import day_in_words, years_in_words
from archive.language.messages import FIRST, FilledMessage, Message, catalogue, gettext_in, languages, ngettext_in
from archive.language.numerals import in_digits_of
from web.site.whole_words import whole

COOKIE: Final = "language"
YEAR_SECONDS: Final = 365 * 24 * 3600


def _select() -> str:
    account = g.get("account")
    for wanted in (request.args.get("lang"), request.cookies.get(COOKIE), account and account.language):
        if wanted in languages():
            return wanted
    return FIRST


def language() -> str:
    """The language this page speaks, one of `archive.language.messages.languages`; Khmer outside a request."""
    locale = get_locale() if has_request_context() else None
    return str(locale.language) if locale is not None else FIRST


def _(text: str | Message | FilledMessage | ArchiveError, /, **values: object) -> str:
    """The text, written in English, in the language of the page; `{name}` filled in, whole numbers in its digits.

    What the archive below the site says comes as a `Message`, with its values as a `FilledMessage`, and what could not
    be done as an error.
    """
    if isinstance(text, ArchiveError | FilledMessage):
        return text.said(language())
    if isinstance(text, Message):
        return text.said(language(), **values)
    return gettext_in(language(), text, **values)


def pgettext(context: str, text: str, /, **values: object) -> str:
    """As `_`, where the same English means two things; the context tells which."""
    return gettext_in(language(), text, context, **values)


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """As `_`, for `{n}` of something."""
    return ngettext_in(language(), one, many, n, **values)


def _l(text: str) -> LazyString:
    """As `_`, put into words when it is shown: for what is written down before there is a request."""
    return LazyString(_, text)


def lazy_pgettext(context: str, text: str) -> LazyString:
    """As `pgettext`, put into words when it is shown."""
    return LazyString(pgettext, context, text)


def both(text: str) -> str:
    """The text in Khmer and in English, for a sheet that goes to people of either."""
    return f"{gettext_in('km', text)} · {text}"


def either(km: str, en: str) -> str:
    """What the archive holds in one or both languages, in the page's where it is there and else in the other."""
    return (km or en) if language() == "km" else (en or km)


def either_marked(km: str, en: str) -> Markup:
    """As `either`, with the language marked where it is not the page's, for voices, fonts and line breaks."""
    text = either(km, en)
    spoken = "km" if text == km else "en"
    if spoken == language() or not text:
        return Markup("{}").format(text)
    return Markup('<span lang="{}">{}</span>').format(spoken, text)


def number(value: int) -> str:
    """A whole number in the digits of the page's language."""
    return in_digits_of(language(), str(value))


def own_name(language: str) -> str:
    """What a language calls itself."""
    return str(Locale.parse(language).language_name)


def clock(milliseconds: int | None) -> str:
    """A length or a moment as minutes and seconds, `3:07`, in the page's digits."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return in_digits_of(language(), text)


def exact_clock(milliseconds: int) -> str:
    """A moment as `clock` shows it, with what is left of its second: it can be written back as it was."""
    rest = f"{milliseconds % 1000:03}".rstrip("0")
    return clock(milliseconds) + (in_digits_of(language(), f".{rest}") if rest else "")


def day(value: Day | date | datetime | None) -> str:
    """A day in words, as far as it is known, its numerals in the page's digits; of a moment, its day here."""
    if value is None:
        return ""
    return day_in_words(time_zone.day_of(value) if isinstance(value, datetime) else value, language())


def years(value: Day | None) -> str:
    """The year or years of a day, as short as a card needs it."""
    return years_in_words(value, language()) if value else ""


def moment(value: datetime | None) -> str:
    """A day and the time of it, as clocks where the archive is show it."""
    if value is None:
        return ""
    text = str(format_datetime(time_zone.local(value), "d MMMM y, H:mm", rebase=False))
    return in_digits_of(language(), text)


def _remember(response: Response) -> Response:
    response.headers["Content-Language"] = language()
    chosen = request.args.get("lang")
    if chosen in languages() and request.cookies.get(COOKIE) != chosen:
        keep_language(response, chosen)
    return response


def keep_language(response: BaseResponse, chosen: str) -> None:
    """Let this browser remember a language."""
    secure = bool(request.is_secure)
    response.set_cookie(COOKIE, chosen, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=secure)


def _language_link(other: str) -> str:
    if g.get("tells_nothing"):
        return f"/?lang={other}"
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{request.path}?{urlencode([*kept, ('lang', other)])}"


def init_app(app: Flask) -> None:
    """Give the app its languages, and templates what this module says things with.

    Raises:
        NotCompiled: a language has no compiled catalogue.
    """
    for one in languages():
        catalogue(one)
    Babel(app, default_locale=FIRST, locale_selector=_select)

    @app.after_request
    def remember(response: Response) -> Response:
        return response if g.get("no_language") else _remember(response)

    @app.context_processor
    def words() -> dict[str, object]:
        spoken = language()
        links = [(other, _language_link(other)) for other in languages() if other != spoken]
        return {"language": spoken, "languages": languages(), "language_links": links}

    app.jinja_env.globals.update(_=_, pgettext=pgettext, ngettext=ngettext)
    app.jinja_env.globals.update(gettext_in=gettext_in, both=both, either=either, either_marked=either_marked)
    app.jinja_env.filters.update(
        whole=whole,
        number=number,
        clock=clock,
        exact=exact_clock,
        day=day,
        years=years,
        moment=moment,
        own_name=own_name,
    )
