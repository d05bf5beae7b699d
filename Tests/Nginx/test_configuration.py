"""Mistakes in nginx.conf: found by `nginx -t`, with the line, the name and the reason."""
import os
import re

import pytest
from client import send

MISTAKES = [
    ({"client_idd": "x"}, {}, "", r"client_idd"),
    ({"issuer": None}, {}, "", r"issuer"),
    ({"issuer": "http://provider.example"}, {}, "", r"issuer.*(https|http)"),
    ({"issuer": "not-a-url"}, {}, "", r"issuer"),
    ({"origin": "http://example.org"}, {}, "", r"origin"),
    ({"origin": "https://example.org/path"}, {}, "", r"origin"),
    ({"origin": None}, {}, "", r"origin"),
    ({"client_secret_file": "/does/not/exist"}, {}, "", r"client_secret_file"),
    ({"scope": "profile"}, {}, "", r"openid"),
    ({"idle_timeout": "soon"}, {}, "", r"idle_timeout"),
    ({"idle_timeout": "-1s"}, {}, "", r"idle_timeout"),
    ({"prefix": "auth"}, {}, "", r"prefix"),
    ({"cookie_name": '"a b"'}, {}, "", r"cookie_name"),
    ({"same_site": "none"}, {}, "", r"same_site"),
    ({"id_token_algorithms": "HS256"}, {}, "", r"HS256"),
    ({"access_token_algorithms": "none"}, {}, "", r"none"),
    ({"authorization_parameters": "response_type=token"}, {}, "", r"response_type"),
    ({}, {"store": None}, "", r"store"),
    ({}, {"key_file": None}, "", r"key_file"),
    ({}, {"key_file": "/does/not/exist"}, "", r"key_file"),
    ({}, {"store": "relative/path"}, "", r"store"),
    ({}, {"development": "maybe"}, "", r"development"),
    ({}, {"development": "off"}, "", r"(development|https)"),
    ({}, {}, "location /m/ { cloakroom session nobody; }", r"nobody"),
    ({}, {}, "location /m/ { cloakroom bearer idp; }", r"audience"),
    ({}, {}, "location /m/ { cloakroom bearer idp,nobody audience=api; }", r"nobody"),
    ({}, {}, "location /m/ { cloakroom bearer idp,idp audience=api; }", r"idp.*twice"),
    ({}, {}, "location /m/ { cloakroom session idp,other; }", r"provider.*one"),
    ({}, {}, "location /m/ { cloakroom wrongmode idp; }", r"wrongmode"),
    ({}, {}, "location /m/ { cloakroom session idp nonsense=1; }", r"nonsense"),
    ({}, {}, "location /m/ { cloakroom session; }", r"cloakroom"),
    ({}, {}, "location /m/ { cloakroom session idp claim_headers=Cookie=sub; }", r"(Cookie|claim_headers)"),
    ({}, {}, "location /m/ { cloakroom off; cloakroom off; }", r"duplicate"),
]


@pytest.mark.parametrize("provided, settings, locations, named", MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_is_named_with_its_line(make_site, provided, settings, locations, named):
    site = make_site(start=False, provider_settings=provided, settings=settings, locations=locations)
    said, status = site.test()
    assert status != 0, f"nginx -t is content with {provided or settings or locations}"
    errors = [line for line in said.splitlines() if "[emerg]" in line]
    assert errors and re.search(named, " ".join(errors)), said
    assert re.search(r"nginx\.conf:\d+", said), f"no line is named: {said}"


def test_the_line_is_the_one_of_the_setting(make_site):
    site = make_site(start=False, provider_settings={"idle_timeout": "soon"})
    said, _ = site.test()
    line = int(re.search(r"nginx\.conf:(\d+)", said)[1])
    assert "idle_timeout soon" in site.read("nginx.conf").splitlines()[line - 1]


def test_a_setting_given_twice_is_an_error(make_site):
    site = make_site(start=False, provider_settings={"idle_timeout": "1h; idle_timeout 2h"})
    said, status = site.test()
    assert status != 0 and "idle_timeout" in said


def test_a_key_file_with_a_mistake_is_named_without_its_key(make_site):
    site = make_site(start=False)
    with open(site.keys, "w") as file:
        file.write("k1 too-short-canary\n")
    said, status = site.test()
    assert status != 0 and "key_file" in said and "canary" not in said


def test_a_good_configuration_passes_and_opens_no_store(make_site):
    site = make_site(start=False)
    said, status = site.test()
    assert status == 0, said
    assert not os.path.exists(site.store)


def test_a_reload_with_a_mistake_keeps_the_old_configuration(make_site):
    site = make_site()
    with open(site.path("nginx.conf")) as file:
        good = file.read()
    with open(site.path("nginx.conf"), "w") as file:
        file.write(good.replace("refresh_window 0s;", "refresh_window nonsense;"))
    site._master.send_signal(1)
    site.wait_for_log(r"\[emerg\].*refresh_window")
    assert send(site.origin + "/").status == 200
