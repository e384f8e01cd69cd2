"""Who may open the dashboard: whoever has the key of its link, or the cookie that the key was exchanged for.

The key is 256 random bits. Only its hash is stored, so that nobody learns it from the bucket. The cookie is
its time of expiry with a signature: its secret is made with the key and replaced with it, so that a new link
ends all sessions of the old one.
"""

import hmac
import json
import re
import secrets
import time
from hashlib import sha256
from typing import NamedTuple

ACCESS_KEY = "access.json"  # the object of the stack's bucket in which Access is stored
COOKIE = "__Host-menulens"  # browsers take this prefix only from this host, over TLS and for all its paths
SESSION_SECONDS = 30 * 24 * 3600
SESSION = re.compile(r"([0-9]{10})\.([0-9a-f]{64})")  # when it expires, and the signature of that


class Access(NamedTuple):
    """What is stored of a link: the hash of its key, and the secret that signs its sessions."""

    key_hash: str
    secret: str

    @classmethod
    def read(cls, stored: bytes) -> "Access":
        """Return what `write` has written."""
        return cls(**json.loads(stored))

    def write(self) -> bytes:
        """Return what is stored."""
        return json.dumps(self._asdict()).encode()

    def opens(self, key: str) -> bool:
        """Say whether this is the key, in the same time whatever is wrong with it."""
        return hmac.compare_digest(_hash(key), self.key_hash)

    def new_cookie(self) -> str:
        """Return the Set-Cookie header of a new session."""
        expires = str(int(time.time()) + SESSION_SECONDS)
        return (
            f"{COOKIE}={expires}.{self._signature(expires)}; Path=/; Max-Age={SESSION_SECONDS};"
            " Secure; HttpOnly; SameSite=Strict"
        )

    def admits(self, cookies: str) -> bool:
        """Say whether a Cookie header holds a session that has not expired; raises nothing."""
        return any(
            self._is_session(value.strip())
            for name, _, value in (pair.partition("=") for pair in cookies.split(";"))
            if name.strip() == COOKIE
        )

    def _is_session(self, value: str) -> bool:
        session = SESSION.fullmatch(value)
        if session is None:
            return False
        expires, signature = session.groups()
        return hmac.compare_digest(signature, self._signature(expires)) and int(expires) > time.time()

    def _signature(self, expires: str) -> str:
        return hmac.digest(bytes.fromhex(self.secret), expires.encode(), "sha256").hex()


def new_access() -> tuple[str, Access]:
    """Return a new key and what is stored of it."""
    key = secrets.token_urlsafe(32)
    return key, Access(key_hash=_hash(key), secret=secrets.token_hex(32))


def _hash(key: str) -> str:
    return sha256(key.encode(errors="replace")).hexdigest()
