"""The forms of signing in, of the first password, and of one's own page."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from archive.accounts.accounts import LONGEST_NAME, SHORTEST
from archive.language.messages import languages
from web.site.language import _l, own_name

FILL = _l("Please fill this in.")
TOO_LONG = _l("This is too long.")


class SignInForm(FlaskForm):  # type: ignore[misc]
    """A name, a password, and whether others use the computer too, which is taken to be so unless somebody says no."""

    name = StringField(
        _l("Account name"),
        [InputRequired(FILL), Length(max=80, message=TOO_LONG)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(FILL), Length(max=1000, message=TOO_LONG)],
        render_kw={"autocomplete": "current-password"},
    )
    mine = BooleanField(_l("This is my own device"))


def _spoken() -> list[SelectChoice]:
    return [SelectChoice(one, own_name(one)) for one in languages()]


NOT_THE_SAME = _l("The two are not the same.")


class _NameFields(FlaskForm):  # type: ignore[misc]
    """The name that the site shows, and the language it speaks."""

    display_name = StringField(
        _l("Name that the site shows"),
        [InputRequired(FILL), Length(max=LONGEST_NAME, message=TOO_LONG)],
        render_kw={"autocomplete": "nickname"},
    )
    speaks = SelectField(_l("Language"), choices=_spoken)


class _NewPasswordFields(FlaskForm):  # type: ignore[misc]
    """A password that is chosen, twice, since it cannot be seen."""

    new_password = PasswordField(
        _l("New password"),
        [InputRequired(FILL), Length(max=1000, message=TOO_LONG)],
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST},
    )
    again = PasswordField(
        _l("Once more"),
        [InputRequired(FILL), EqualTo("new_password", message=NOT_THE_SAME)],
        render_kw={"autocomplete": "new-password"},
    )


class OwnNameForm(_NameFields):
    """How somebody is addressed."""


class OwnPasswordForm(_NewPasswordFields):
    """Another password, by whoever knows the present one."""

    old_password = PasswordField(
        _l("Present password"),
        [InputRequired(FILL), Length(max=1000, message=TOO_LONG)],
        render_kw={"autocomplete": "current-password"},
    )


class WelcomeForm(_NameFields, _NewPasswordFields):
    """What somebody chooses who follows a link; `key` is the link's token."""

    key = HiddenField()
