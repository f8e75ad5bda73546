"""The way through the menu, as a hand with a mouse takes it."""

from playwright.sync_api import Page


def by_menu(page: Page, heading: str, label: str) -> None:
    """Open a screen of the function at hand; its heading first, where that is folded."""
    group = page.locator("#side details", has_text=heading)
    if group.get_attribute("open") is None:
        group.locator("summary").click()
    group.get_by_role("link", name=label, exact=True).click()
