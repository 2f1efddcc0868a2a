"""The sign-in form."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from web.site.language import later

FILL = later("សូមបំពេញកន្លែងនេះ។", "Please fill this in.")
TOO_LONG = later("វែងពេក។", "This is too long.")


class SignInForm(FlaskForm):  # type: ignore[misc]
    """A name, a password, and whether others use the computer too, which is taken to be so unless somebody says no."""

    name = StringField(
        later("ឈ្មោះគណនី", "Account name"),
        [InputRequired(FILL), Length(max=80, message=TOO_LONG)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True},
    )
    password = PasswordField(
        later("ពាក្យសម្ងាត់", "Password"),
        [InputRequired(FILL), Length(max=1000, message=TOO_LONG)],
        render_kw={"autocomplete": "current-password"},
    )
    mine = BooleanField(later("នេះជាឧបករណ៍របស់ខ្ញុំផ្ទាល់", "This is my own device"))
