"""The site: one factory that states, in order, everything it is made of."""

from __future__ import annotations

from flask import Blueprint, Flask

from archive.backends import Backends
from web.about.views import about
from web.account.routes import account
from web.api.media import media
from web.api.routes import api
from web.campaigns.routes import campaign, campaigns
from web.desk.routes import desk
from web.exchange.iiif import iiif
from web.exchange.oai import oai
from web.exchange.records import records
from web.explore.views import explore
from web.exports.views import exports
from web.gathering.routes import gathering
from web.ingest.routes import ingest
from web.installed.views import installed
from web.listening.lists import lists
from web.listening.views import listening
from web.narrators.routes import narrators
from web.own_words.routes import own_words
from web.packs.views import packs
from web.record.routes import invited, record
from web.review.exporting import transcript
from web.review.views import review
from web.search.concordance import words
from web.search.kept_searches import kept
from web.search.views import search
from web.sets.routes import sets
from web.sharing.routes import sharing
from web.site import (
    compression,
    errors,
    files,
    language,
    list_pages,
    navigation,
    not_found,
    security,
    signed_out,
    viewer,
)
from web.song.second_screen import second
from web.song.views import song
from web.steward import steward
from web.studio.views import studio
from web.testimony.routes import testimony
from web.thesaurus.routes import theme, thesaurus

BLUEPRINTS: tuple[Blueprint, ...] = (
    listening,
    lists,
    installed,
    song,
    second,
    sharing,
    exports,
    media,
    api,
    account,
    own_words,
    about,
    search,
    explore,
    words,
    oai,
    iiif,
    records,
    kept,
    gathering,
    testimony,
    desk,
    campaigns,
    campaign,
    sets,
    packs,
    narrators,
    review,
    transcript,
    ingest,
    record,
    invited,
    steward,
    thesaurus,
    theme,
    studio,
)


def create_app(backends: Backends, shared: int | None = None) -> Flask:
    """The Flask application over an opened archive; `shared` as in `web.site.security.init_app`."""
    app = Flask(__name__, static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # After-request hooks run last registered first: headers are set on what compression leaves, and then is waited.
    not_found.init_app(app)
    security.init_app(app, backends, shared)
    compression.init_app(app)
    language.init_app(app)
    viewer.init_app(app, backends)
    signed_out.init_app(app)
    navigation.init_app(app)
    list_pages.init_app(app)
    errors.init_app(app)
    files.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
