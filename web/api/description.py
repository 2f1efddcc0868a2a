"""What the interface offers, once: the OpenAPI 3.1 document and the page that people read are both made of this.

Source: https://spec.openapis.org/oas/v3.1.0. `tests/web/test_api.py` holds it to the routes and to their answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archive.language.messages import Message
from web.api.schemas import SCHEMAS, Schema, ref

VERSION = "1.0.0"


@dataclass(frozen=True, slots=True)
class ApiParameter:
    """Something that is asked; `repeated` where any of several values will do."""

    name: str
    what: Message
    schema: Schema
    in_path: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """An address; `endpoint` is the view's name, and `answer` the name of the schema of what it says."""

    path: str
    endpoint: str
    what: Message
    answer: str
    parameters: tuple[ApiParameter, ...] = ()
    needs_token: bool = False


def _text(name: str, what: Message, **more: Any) -> ApiParameter:
    return ApiParameter(name, what, {"type": "string", **more})


def _number(name: str, what: Message) -> ApiParameter:
    return ApiParameter(name, what, {"type": "integer", "minimum": 1})


def _path(name: str, what: Message) -> ApiParameter:
    return ApiParameter(name, what, {"type": "string"}, in_path=True)


def _any_of(name: str, what: Message) -> ApiParameter:
    return ApiParameter(name, what, {"type": "array", "items": {"type": "string"}}, repeated=True)


PAGE = _number("page", Message("Which page, from 1"))
THEME = Message("The id of a theme; what is narrower counts too")
COMMUNITY = Message("farmer, sex-worker, garment-worker or landless")
PLACE = Message("A province: place- and its code, such as place-03")
YEAR = Message("A year, such as 2013")
SPOKEN = Message("The language spoken, such as km")
CODE = Message("The id of a code: passages with it")

ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute(
        "/testimonies",
        "testimonies",
        Message("The testimonies you may know of, narrowed as on Explore"),
        "Testimonies",
        (
            _text("q", Message("Words of a title, a synopsis or a name")),
            _text("theme", THEME),
            _text("community", COMMUNITY),
            _text("place", PLACE),
            _text("year", YEAR),
            _text("language", SPOKEN),
            _text("length", Message("Under ten minutes, up to forty, or longer"), enum=["short", "middle", "long"]),
            _text("open", Message("What may be had of it"), enum=["sound", "words", "closed"]),
            _text(
                "sort", Message("The newest first, unless you say otherwise"), enum=["newest", "told", "title", "long"]
            ),
            PAGE,
        ),
    ),
    ApiRoute(
        "/testimonies/{testimony_id}",
        "one_testimony",
        Message("A testimony with its words, as far as you may read them"),
        "TestimonyWithWords",
        (
            _path("testimony_id", Message("Its id")),
            _number("v", Message("The version of its transcript; the one that holds now, unless you say which")),
        ),
    ),
    ApiRoute(
        "/search",
        "search",
        Message("The moments and lines where something is said, as the search page finds them"),
        "SearchAnswer",
        (
            _text("q", Message("What the search page takes: words, “phrases”, fields")),
            _any_of("theme", THEME),
            _any_of("community", COMMUNITY),
            _any_of("place", PLACE),
            _any_of("year", YEAR),
            _any_of("language", SPOKEN),
            _text("sort", Message("The best first, or the newest"), enum=["relevance", "date"]),
            _text("exact", Message("1: only what is typed, without narrower terms and other names"), enum=["1"]),
            PAGE,
        ),
    ),
    ApiRoute("/songs", "songs", Message("The songs that came out, the newest first"), "Songs", (PAGE,)),
    ApiRoute(
        "/songs/{slug}",
        "one_song",
        Message("A song with its lines and the voices behind them"),
        "SongWithWords",
        (_path("slug", Message("What stands in its address")),),
    ),
    ApiRoute("/terms", "terms", Message("The themes you may know of"), "Terms", (PAGE,)),
    ApiRoute("/terms/{term_id}", "one_term", Message("A theme"), "Term", (_path("term_id", Message("Its id")),)),
    ApiRoute("/campaigns", "campaigns", Message("The campaigns"), "Campaigns", (PAGE,)),
    ApiRoute(
        "/campaigns/{slug}",
        "one_campaign",
        Message("A campaign with its songs and testimonies"),
        "CampaignWithMembers",
        (_path("slug", Message("What stands in its address")), PAGE),
    ),
    ApiRoute(
        "/collections",
        "own_collections",
        Message("Your collections, and those shared with you"),
        "Collections",
        (_text("q", Message("Words of its name")), PAGE),
        needs_token=True,
    ),
    ApiRoute(
        "/collections/{collection_id}",
        "one_collection",
        Message("A collection with its passages, as far as you may read them"),
        "CollectionWithPassages",
        (
            _path("collection_id", Message("Its id")),
            _text("q", Message("Words of a note or a code")),
            _text("code", CODE),
            _text("sort", Message("In the order in which it was told"), enum=["told"]),
            PAGE,
        ),
        needs_token=True,
    ),
)
ERRORS = {
    "401": Message("The token has ended, or was taken back"),
    "404": Message("There is nothing there, or nothing for you"),
    "429": Message("Too many requests: wait as long as Retry-After says"),
}


def document(language: str, server: str) -> dict[str, Any]:
    """The OpenAPI document, with what it says in a language."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": Message("Archive of the Messenger Band").said(language),
            "version": VERSION,
            "description": Message(
                "What the pages show, as JSON, and no more. Each narrator decides what that is, and can take it back "
                "at any time. Ask again before you use what you have read."
            ).said(language),
        },
        "servers": [{"url": server}],
        "security": [{}, {"token": []}],
        "paths": {one.path: {"get": _operation(one, language)} for one in ROUTES} | {"/openapi.json": _own(language)},
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {f"E{status}": _answer(said, "Problem", language, _ERROR) for status, said in ERRORS.items()},
        },
    }


_ERROR = "application/problem+json"


def _operation(one: ApiRoute, language: str) -> dict[str, Any]:
    return {
        "operationId": one.endpoint,
        "summary": one.what.said(language),
        "parameters": [_parameter(each, language) for each in one.parameters],
        **({"security": [{"token": []}]} if one.needs_token else {}),
        "responses": {
            "200": _answer(one.what, one.answer, language),
            **{status: {"$ref": f"#/components/responses/E{status}"} for status in ERRORS},
        },
    }


def _parameter(one: ApiParameter, language: str) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": "path" if one.in_path else "query",
        "required": one.in_path,
        "description": one.what.said(language),
        "schema": one.schema,
        **({"style": "form", "explode": True} if one.repeated else {}),
    }


def _answer(what: Message, schema: str, language: str, kind: str = "application/json") -> dict[str, Any]:
    return {"description": what.said(language), "content": {kind: {"schema": ref(schema)}}}


def _own(language: str) -> dict[str, Any]:
    what = Message("This description, as OpenAPI 3.1")
    content = {"application/json": {"schema": {"type": "object"}}}
    answered = {"200": {"description": what.said(language), "content": content}}
    return {"get": {"operationId": "openapi", "summary": what.said(language), "responses": answered}}
