"""What remains of a visitor: an id for one day, a class of device, and whether it is a bot.

The address and the user agent come in here and go no further.
"""

import os
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address

# Replaced every day by VisitorKeyFunction. When a deployment has taken it away, an execution environment uses
# a key of its own for the moment: the ids of two then differ, which splits visitors but links no two days.
_KEY = bytes.fromhex(os.environ.get("VISITOR_KEY", "")) or os.urandom(32)

# Characters of a user agent that are read: browsers' are shorter, and a hostile one must not cost more.
_MAX_USER_AGENT = 512


def visitor_id(address: str, user_agent: str, day: date) -> str:
    """Return 16 hexadecimal digits that tell visitors of one local `day` apart, and mean nothing after it.

    Each part is preceded by its length, so that no two different inputs are hashed as the same bytes.
    """
    parts = (day.isoformat(), _network(address), user_agent)
    data = b"".join(len(part).to_bytes(4) + part for part in (text.encode() for text in parts))
    return blake2b(data, key=_KEY, digest_size=8).hexdigest()


@lru_cache(maxsize=4096)
def classify(user_agent: str) -> tuple[str, bool]:
    """Return (device, is_bot) for a User-Agent header. A page that sends none is taken for a bot.

    "Mobi" and the tablet words are the ones MDN recommends to look for; an iPad that asks for desktop
    pages calls itself a Macintosh and cannot be told from one.

    """
    user_agent = user_agent[:_MAX_USER_AGENT]
    return _device(user_agent), not user_agent or any(is_bot(user_agent) for is_bot in _bot_detectors())


def is_browser(user_agent: str) -> bool:
    """Say whether a User-Agent header begins as every browser's does, and that of crawlers that run scripts.

    The default of libraries, tills and webhooks does not; that of Windows' WinHTTP is `Mozilla/4.0`.
    """
    return user_agent.startswith("Mozilla/5.0")


@cache
def _bot_detectors() -> tuple[Callable[[str], bool], ...]:
    """Return what tells bots, the quick one first: signs that bots give of themselves, and a list of them.

    Each finds bots that the other misses; docs/security.md has the numbers. They are imported with the first
    user agent: a batch without one, or an environment that Lambda starts ahead, does not wait for them.
    """
    from crawlerdetect import CrawlerDetect  # the list of github.com/JayBizzle/Crawler-Detect
    from is_crawler import is_crawler

    return is_crawler, CrawlerDetect().is_crawler


def _device(user_agent: str) -> str:
    if "iPad" in user_agent or "Tablet" in user_agent or "Kindle" in user_agent:
        return "tablet"
    if "Mobi" in user_agent or "iPhone" in user_agent:
        return "mobile"
    if "Android" in user_agent:
        return "tablet"
    if any(system in user_agent for system in ("Windows NT", "Macintosh", "X11", "CrOS")):
        return "desktop"
    return "other"


def _network(address: str) -> str:
    """Return the IPv4 address or the IPv6 /64, in which one household's devices change their addresses."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(IPv6Address(int(ip) >> 64 << 64))
    return str(ip)
