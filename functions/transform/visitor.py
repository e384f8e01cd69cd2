"""What remains of a visitor: an id for one day, a class of device, and whether it is a bot.

The address and the user agent come in here and go no further.
"""

import os
from base64 import b64decode
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from hashlib import blake2b
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aws_lambda_powertools import Logger

logger = Logger(service="transform")

# Replaced every day by VisitorKeyFunction. When a deployment has taken it away, an execution environment uses
# a key of its own for the moment: the ids of two then differ, which splits visitors but links no two days.
_KEY = bytes.fromhex(os.environ.get("VISITOR_KEY", "")) or os.urandom(32)


def _networks(text: str) -> list[IPv4Network | IPv6Network]:
    """Return the networks in a comma-separated list; what is none is logged, and not trusted."""
    networks = []
    for cidr in filter(None, text.split(",")):
        try:
            networks.append(ip_network(cidr, strict=False))
        except ValueError:
            # Events matter more than who sent them, so the function goes on.
            logger.exception("a network in TrustedProxies is not trusted")
    return networks


# The reverse proxies whose X-Forwarded-For is believed.
_TRUSTED_PROXIES = _networks(os.environ.get("TRUSTED_PROXIES", ""))

# Characters of a user agent that are read: browsers' are shorter, and a hostile one must not cost more.
_MAX_USER_AGENT = 512


def visitor_id(address: str, user_agent: str, day: date) -> str:
    """Return 16 hexadecimal digits that tell visitors of one local `day` apart, and mean nothing after it.

    Each part is preceded by its length, so that no two different inputs are hashed as the same bytes.
    """
    parts = (day.isoformat(), _network(address), user_agent)
    data = b"".join(len(part).to_bytes(4) + part for part in (text.encode() for text in parts))
    return blake2b(data, key=_KEY, digest_size=8).hexdigest()


@lru_cache(maxsize=8192)
def guest_address(address: str, forwarded_for: str) -> str:
    """Return the address of the guest on whose behalf trusted proxies called the API from `address`.

    `forwarded_for` is the header X-Forwarded-For in base64. Each proxy adds at its end the address that
    called it, and API Gateway that of the connection. So it is read from its end, for as long as a trusted
    proxy says it: whatever stands before may be a guest's invention.
    """
    hops = [hop.strip() for hop in b64decode(forwarded_for).decode(errors="replace").split(",")]
    if hops[-1] == address:
        hops.pop()
    while hops and _is_trusted(address) and (hop := hops.pop()) and _parsed(hop):
        address = hop
    return address


def _is_trusted(address: str) -> bool:
    ip = _parsed(address)
    return ip is not None and any(ip in network for network in _TRUSTED_PROXIES)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    """Return an IP address, as IPv4 if it is one in the form of IPv6, or None for other text."""
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    return (isinstance(ip, IPv6Address) and ip.ipv4_mapped) or ip


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
    ip = _parsed(address)
    if ip is None:
        return address
    return str(IPv6Address(int(ip) >> 64 << 64)) if isinstance(ip, IPv6Address) else str(ip)
