"""The page on which testimonies are browsed: pictures with a table behind each, choices that are links, the gate."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import update

from archive.models import Narrator, Testimony, now
from tests.web.filling import Filling


def shown(client: FlaskClient, address: str = "/explore?lang=en") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_each_picture_has_a_table_behind_it_and_leads_to_the_passages(client: FlaskClient, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        session.execute(update(Narrator).values(province="06"))
    page = shown(client)
    tiles = [
        (" ".join(re.sub(r"<[^>]*>", "", name).split()), count)
        for name, count in re.findall(
            r'<a class="tile .*?<text class="tile-name.*?>(.*?)</text>.*?>(\d+)</text>', page, re.S
        )
    ]
    rows = re.findall(r'<th scope="row"><a href="[^"]*place=[^>]*>([^<]+)</a></th>\s*<td>(\d+)</td>', page)
    assert tiles
    assert tiles == rows
    assert "/search?place=place-06" in page
    assert re.search(r'<svg class="years".*?The years as a table', page, re.S)


def test_what_is_chosen_can_be_sent_on_and_taken_away(client: FlaskClient) -> None:
    page = shown(client, "/explore?lang=en&community=farmer&sort=title")
    assert re.search(r"\d+ of \d+ testimonies", page)
    assert 'href="/explore?sort=title"' in page
    assert "Nothing here is like that" in shown(client, "/explore?lang=en&community=farmer&year=1950")
    assert "Nothing here is like that" in shown(client, "/explore?lang=en&length=nonsense&open=&year=%00")


def test_what_is_taken_back_is_gone_with_the_next_request(
    client: FlaskClient, signed_in: Callable[..., FlaskClient], filled: Filling
) -> None:
    with filled.backends.database.read() as session:
        titles = {one.id: one.title_en for one in session.query(Testimony)}
    page = shown(client)
    listed = [one for one in titles if f"/testimony/{one}" in page]
    assert listed
    with filled.backends.database.write() as session:
        session.get_one(Testimony, listed[0]).withdrawn_at = now()
    after = shown(client)
    assert titles[listed[0]] not in after
    assert f"{len(listed) - 1} testimonies" in after
    assert f"/testimony/{listed[0]}" not in shown(signed_in("steward"))
