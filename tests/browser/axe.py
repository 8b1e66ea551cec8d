"""What axe and the browser find wrong with a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Django's own admin is held to WCAG 2.2 AA; our pages to axe's best practices too.
WCAG_ONLY = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS_ONLY = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# The links of Django's admin change their colour by and by.
FADED_OVER = "Promise.allSettled(document.getAnimations().map(each => each.finished))"


def problems_on(page: Page, *, is_ours: bool = True) -> list[str]:
    """Refusals of the policy, violations of axe's rules in light and dark, and a page of ours wider than the screen.

    Light and dark differ in nothing but colours, so dark needs the rule of contrast alone.
    """
    page.wait_for_load_state()  # a click returns when the next document begins, before it has any element
    problems = [f"refused by the policy: {directive}" for directive in page.evaluate("window.refused")]
    problems += violations(page, {} if is_ours else WCAG_ONLY)
    page.emulate_media(color_scheme="dark")
    page.evaluate(FADED_OVER)
    problems += [f"dark: {problem}" for problem in violations(page, COLOURS_ONLY)]
    page.emulate_media(color_scheme="light")
    if is_ours and page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        problems.append("wider than the screen")
    return problems


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """Each rule that the page breaks, with the first element that does."""
    # Preloading would have axe write a style element, which the policy refuses. Without the type of results axe would
    # send back every element that passed.
    options = {"preload": False, "resultTypes": ["violations"], **rules}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{problem['id']}: {problem['nodes'][0]['html'][:150]}" for problem in found]
