"""Everything that can be pressed in the recorder has its words, and a place for its sound that a steward fills."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from archive.catalogue import about
from web.about.views import NAMES
from web.site.recorder_buttons import BUTTONS


def test_every_button_has_words_and_a_place_for_its_sound(
    client: FlaskClient, signed_in: Callable[..., FlaskClient]
) -> None:
    assert list(BUTTONS) == list(about.RECORDER_BUTTONS)
    assert set(NAMES) == set(about.SPOKEN)
    assert max(map(len, about.SPOKEN)) <= 40
    steward = signed_in("steward").get("/about/write").get_data(as_text=True)
    assert all(f'action="/about/aloud/{name}"' in steward for name in about.SPOKEN)
    page = client.get("/record/with?lang=en").get_data(as_text=True)
    told = re.findall(r'class="record-ear" data-say="([^"]+)"', page)
    assert len(told) == len(BUTTONS)
    assert {"Begin", "Not sure: no", "Landless", "Go on with it"} <= set(told)
