"""The site for a WSGI server: `web.wsgi:app`, opened by the settings in the environment."""

from __future__ import annotations

from archive.backends import open_backends
from archive.language import lexicon
from archive.settings import read_settings
from web.app import create_app

app = create_app(open_backends(read_settings(), create=False))
lexicon.keep_ready()
