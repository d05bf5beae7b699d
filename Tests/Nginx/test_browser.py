"""Headless Chromium goes through the page of the demo, and everything that JavaScript can reach is
searched for tokens."""
import json
import os
import shutil

import pytest
from conftest import TOP
from harness import Site, Upstream

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

# Keeps what the page's own scripts read; runs before them.
RECORD = """(() => {
    const answers = window.readAnswers = [], ask = window.fetch;
    window.fetch = async (...asked) => {
        const answer = await ask(...asked);
        answers.push(await answer.clone().text() + JSON.stringify([...answer.headers]));
        return answer;
    };
})()"""

# What a script of the page can get at; run in the page.
REACH = """async () => {
    const seen = { cookie: document.cookie, html: document.documentElement.outerHTML, name: window.name,
                   referrer: document.referrer, history: JSON.stringify(history.state), url: location.href };
    seen.local = JSON.stringify(localStorage); seen.session = JSON.stringify(sessionStorage);
    seen.databases = JSON.stringify(await indexedDB.databases());
    seen.caches = JSON.stringify(await caches.keys());
    seen.resources = JSON.stringify(performance.getEntries().map((entry) => entry.name));
    for (const path of ["/auth/session", "/api/me", "/auth/nothing", "/auth/callback?code=1&state=2"]) {
        const answer = await fetch(path);
        seen[path] = await answer.text() + JSON.stringify([...answer.headers]);
    }
    seen.read = window.readAnswers;
    return seen;
}"""


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def demo(provider, upstream):
    site = Site(provider, upstream)
    shutil.copytree(os.path.join(TOP, "nginx-example", "site"), site.path("site"), dirs_exist_ok=True)
    for folder, _, names in os.walk(site.path("site")):
        for path in [folder, *(os.path.join(folder, name) for name in names)]:
            os.chmod(path, 0o755)
    with site:
        yield site


@pytest.fixture
def tab(chromium, demo):
    context = chromium.new_context()
    yield open_tab(context, demo)
    context.close()


def open_tab(context, site):
    page = context.new_page()
    page.problems = []
    page.add_init_script(RECORD)
    page.on("console", lambda message: page.problems.append(message.text)
            if message.type == "error" and message.location["url"].startswith(site.origin) else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(site.origin)
    return page


def wait_for_renewal(page, number):
    """Until the page shows a later token than this one."""
    for _ in range(100):
        if int(page.locator("#generation").inner_text()) > number:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"the page still shows token {number}")


def sign_in(page):
    page.get_by_role("link", name="Sign in").click()
    page.get_by_text("Signed in as").wait_for()


def test_a_person_goes_through_the_page(tab, demo, provider):
    provider.access_seconds = 4
    tab.get_by_role("link", name="Sign in").wait_for()
    sign_in(tab)
    tab.get_by_text("Alice Example").first.wait_for()
    tab.get_by_role("button", name="Call /api/me").click()
    tab.get_by_text("200 OK").wait_for()
    number = int(tab.locator("#generation").inner_text())
    wait_for_renewal(tab, number)
    (cookie,) = tab.context.cookies(demo.origin)
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and len(cookie["value"]) == 43
    assert tab.locator("#held-cookies").inner_text() == "none"
    assert tab.locator("#held-storage").inner_text() == "empty"
    assert tab.locator("#held-answers").inner_text().endswith("none with a token")
    tab.get_by_role("button", name="Log out").click()
    tab.get_by_role("heading", name="Signed out").wait_for()
    assert tab.url.startswith(provider.origin + "/logout")
    assert tab.context.cookies(demo.origin) == []
    tab.goto(demo.origin)
    tab.get_by_role("link", name="Sign in").wait_for()
    assert not tab.problems, tab.problems


def test_the_page_works_with_the_keyboard_alone(tab):
    tab.get_by_role("link", name="Sign in").wait_for()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the content"
    for _ in range(5):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.id") == "login":
            break
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/")


def test_two_tabs_share_the_session_and_its_end(chromium, demo):
    context = chromium.new_context()
    first, second = open_tab(context, demo), open_tab(context, demo)
    # Both are at the login at the same time; each comes back to its own page.
    first.evaluate("location.href = '/auth/login?return_to=/%3Ftab=1'")
    second.evaluate("location.href = '/auth/login?return_to=/%3Ftab=2'")
    first.wait_for_url("**/?tab=1")
    second.wait_for_url("**/?tab=2")
    for page in (first, second):
        page.get_by_text("Signed in as").wait_for()
    first.get_by_role("button", name="Log out").click()
    first.get_by_role("heading", name="Signed out").wait_for()
    second.get_by_text("The session has ended").wait_for(timeout=10_000)
    context.close()


def test_no_script_can_reach_a_token(tab, demo, provider):
    provider.access_seconds = 3
    tab.get_by_role("link", name="Sign in").wait_for()
    sign_in(tab)
    tab.get_by_text("Alice Example").first.wait_for()
    wait_for_renewal(tab, 1)
    (cookie,) = tab.context.cookies(demo.origin)
    seen = json.dumps(tab.evaluate(REACH))
    assert seen.count('\\"generation\\"') > 3, "the page's own answers were not recorded"
    secrets = [cookie["value"], *(token for token in provider.issued if not token.startswith("canary-code-"))]
    for secret in secrets:
        assert secret not in seen
        assert not [part for part in secret.split(".") if len(part) > 40 and part in seen]
    assert "Alice Example" in seen, "nothing was seen at all"


def test_a_form_of_another_site_changes_nothing(chromium, demo, upstream):
    with Upstream() as elsewhere:
        context = chromium.new_context()
        page = open_tab(context, demo)
        sign_in(page)
        page.goto(f"http://127.0.0.1:{elsewhere.port}/")
        upstream.arrivals.clear()
        page.set_content(f"<form method=post action='{demo.origin}/api/change'><button>Go</button></form>"
                         f"<img src='{demo.origin}/api/image'>")
        page.get_by_role("button", name="Go").click()
        page.wait_for_url(demo.origin + "/api/change")
        assert not [arrival for arrival in upstream.arrivals if arrival.token], "the session was used from elsewhere"
        context.close()


def test_a_link_from_another_site_finds_the_session(chromium, demo):
    context = chromium.new_context()
    page = open_tab(context, demo)
    sign_in(page)
    with Upstream() as elsewhere:
        page.goto(f"http://127.0.0.1:{elsewhere.port}/")
        page.set_content(f"<a href='{demo.origin}/api/me'>there</a>")
        page.get_by_role("link", name="there").click()
        page.wait_for_url(demo.origin + "/api/me")
        assert "target" in page.inner_text("body")
    context.close()
