"""A form that comes after its session has ended: what was typed is kept until whoever typed it has signed in again.

It is kept nowhere here. It travels, encrypted and signed, in the page that asks to sign in, comes back with the name
and the password, and is then sent again by the browser to where it was going, with a fresh token. So nothing of it is
left on a shared computer when that page is closed, and no withdrawal has another place to reach.

Only a session that ended by itself may leave a form: whoever signed out, or was shut out, has nothing waiting. It is
bound to that browser, by the token of the session that ended, and to that account; and it holds for half an hour. A
form whose own token is right goes on by itself. One without is shown first and sent by a press, since a page from
elsewhere may have made it; browsers send no session with such a form anyway.

Files are not kept: where there were some, the page names them and asks for them again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from functools import lru_cache

import pyrage
from flask import current_app, request
from flask_wtf.csrf import validate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from pyrage import x25519
from werkzeug.exceptions import HTTPException
from wtforms.validators import ValidationError

from archive.accounts import sessions
from web.site.bodies import SIGNED_IN_BYTES
from web.site.uploads import drops_files
from web.site.viewer import COOKIE, account, database

FIELD = "kept"
TOKEN = "csrf_token"  # noqa: S105 - the name of a field
HOLDS_SECONDS = 30 * 60
_SALT = "kept form"


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form as it was sent.

    Attributes:
        address: of this site, with what stood behind its question mark.
        fields: name and value, in order, without the form's token.
        files: name of the field and of the file, of each file that was chosen.
        account_id: whose session had ended.
        sure: the form's own token was right.
    """

    address: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    account_id: str
    sure: bool


def sent() -> KeptForm | None:
    """The form of this request, with whose it is; None where it is none, or nobody's that is known here."""
    me = account()
    whose = me.id if me else _ended()
    if whose is None or request.method != "POST" or request.is_json or _wants_json():
        return None
    request.max_content_length = request.max_form_memory_size = SIGNED_IN_BYTES
    try:
        with drops_files():
            fields = [(name, value) for name, value in request.form.items(multi=True) if name not in {TOKEN, FIELD}]
            files = [(name, one.filename or "") for name, one in request.files.items(multi=True) if one.filename]
    except HTTPException:
        return None
    return KeptForm(request.full_path.rstrip("?"), tuple(fields), tuple(files), whose, _sure())


def carried(form: KeptForm) -> str:
    """A form as a page can carry it."""
    said = {"a": form.address, "f": form.fields, "n": form.files, "w": form.account_id, "s": form.sure, "b": _browser()}
    sealed = pyrage.encrypt(json.dumps(said, ensure_ascii=False).encode(), [_identity(_secret()).to_public()])
    return str(_signer().dumps(base64.b85encode(sealed).decode()))


def kept(text: str) -> KeptForm | None:
    """What a page carried, where it is from this browser, whole, and not too old."""
    try:
        sealed = base64.b85decode(_signer().loads(text, max_age=HOLDS_SECONDS))
        said = json.loads(pyrage.decrypt(sealed, [_identity(_secret())]))
    except (BadData, ValueError, pyrage.DecryptError):
        return None
    if not hmac.compare_digest(said["b"], _browser()):
        return None
    fields, files = (tuple((name, value) for name, value in said[key]) for key in ("f", "n"))
    return KeptForm(said["a"], fields, files, said["w"], said["s"])


def _ended() -> str | None:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    with database().read() as session:
        return sessions.ended(session, token)


def _sure() -> bool:
    try:
        validate_csrf(request.form.get(TOKEN))
    except ValidationError:
        return not current_app.config["WTF_CSRF_ENABLED"]
    return True


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _browser() -> str:
    """Names the session that ended, from which nobody learns its token."""
    return hashlib.sha256(b"kept form of " + request.cookies.get(COOKIE, "").encode()).hexdigest()


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret(), salt=_SALT)


@lru_cache(maxsize=4)
def _identity(secret: str) -> x25519.Identity:
    """A key of the archive's secret, so that every process of the site has the same."""
    key = hmac.new(secret.encode(), _SALT.encode(), hashlib.sha256).digest()
    return x25519.Identity.from_str(_bech32("age-secret-key-", key).upper())


_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _bech32(name: str, data: bytes) -> str:
    """The text of a key as age reads it. Source: BIP 173."""
    bits = int.from_bytes(data, "big") << (-len(data) * 8 % 5)
    count = -(-len(data) * 8 // 5)
    values = [bits >> 5 * (count - 1 - at) & 31 for at in range(count)]
    expanded = [*(ord(one) >> 5 for one in name), 0, *(ord(one) & 31 for one in name)]
    check = 1
    for value in [*expanded, *values, *[0] * 6]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for at, generator in enumerate(_GENERATORS):
            check ^= generator if top >> at & 1 else 0
    ending = [(check ^ 1) >> 5 * (5 - at) & 31 for at in range(6)]
    return f"{name}1{''.join(_LETTERS[one] for one in [*values, *ending])}"
