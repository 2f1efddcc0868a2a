"""What browser tests of the recorder share: opening a telephone, pressing what its step shows, and what lies in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from playwright.sync_api import BrowserContext, Page

Opened = Callable[[], AbstractContextManager[BrowserContext]]
SHOPS = "async () => (await indexedDB.databases()).map(({ name }) => name)"


def press(page: Page, what: str) -> None:
    page.locator(f"[data-step]:not([hidden]) {what}").click()
