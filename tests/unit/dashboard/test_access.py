"""Who may open the owner's dashboard, and for how long."""

import time
from typing import Any

import pytest

from functions.dashboard.access import COOKIE, SESSION_SECONDS, Access, new_access


def cookie(access: Access) -> str:
    return access.new_cookie().partition(";")[0]


def test_a_key_opens_what_was_stored_of_it_and_nothing_else() -> None:
    key, access = new_access()
    other_key, other = new_access()
    assert len(key) == 43
    assert access.opens(key)
    assert not access.opens(other_key)
    assert not other.opens(key)
    assert Access.read(access.write()) == access
    assert key.encode() not in access.write()


@pytest.mark.parametrize("key", ["", "a", "\ud800", "ключ", "x" * 1000])
def test_what_is_no_key_opens_nothing(key: str) -> None:
    assert not new_access()[1].opens(key)


def test_a_session_ends_after_thirty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    _, access = new_access()
    session = cookie(access)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + SESSION_SECONDS - 60)
    assert access.admits(session)
    monkeypatch.setattr(time, "time", lambda: now + SESSION_SECONDS + 1)
    assert not access.admits(session)


def test_a_session_is_of_its_link_alone() -> None:
    assert not new_access()[1].admits(cookie(new_access()[1]))


def test_a_later_expiry_needs_another_signature() -> None:
    _, access = new_access()
    expires, _, signature = cookie(access).removeprefix(f"{COOKIE}=").partition(".")
    assert not access.admits(f"{COOKIE}={int(expires) + 1}.{signature}")


@pytest.mark.parametrize(
    "cookies",
    ["", "=", ";;", f"{COOKIE}", f"{COOKIE}=", f"{COOKIE}=.", f"{COOKIE}=9999999999.", f"{COOKIE}=\ud800.é"],
)
def test_what_is_no_session_admits_nobody(cookies: Any) -> None:
    assert not new_access()[1].admits(cookies)


def test_a_session_is_found_among_other_cookies_even_of_its_name() -> None:
    _, access = new_access()
    assert access.admits(f"a=b; {COOKIE}=tossed; {cookie(access)}; c")
