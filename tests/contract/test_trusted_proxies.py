"""The template's parameter TrustedProxies takes what the transform can read, and nothing else."""

import re
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import examples, source_template

PATTERN = source_template()["Parameters"]["TrustedProxies"]["AllowedPattern"]
BAD_NETWORKS = (
    "198.51.100.7",
    "198.51.100.256/32",
    "198.51.100/24",
    "198.51.100.07/32",  # ipaddress refuses leading zeros, which some read as octal
    "198.51.100.7/33",
    "198.51.100.7/0",  # everybody
    "2001:db8::/0",
    "2001:db8::/129",
    "2001:db8::g/32",
    "2001::db8::/32",
    "1:2:3:4:5:6:7:8:9/64",
    "1:2:3:4:5:6:7/64",
    ":2:3:4:5:6:7:8/64",
    "198.51.100.7/32,",
    "198.51.100.7/32, 203.0.113.0/24",
    ",",
    "proxy.example.com",
)
networks = st.one_of(
    st.builds("{}/{}".format, st.ip_addresses(v=4), st.integers(1, 32)),
    # One that holds an IPv4 address is written with points, and counts as that: no network of them is named.
    st.builds(
        "{}/{}".format,
        st.ip_addresses(v=6).filter(lambda address: "." not in str(address)),
        st.integers(1, 128),
    ),
    st.builds(
        lambda words, place, length: f"{':'.join(words[:place])}::{':'.join(words[place:])}/{length}",
        st.lists(st.sampled_from(["0", "db8", "FFFF", "1"]), max_size=9),
        st.integers(0, 9),
        st.integers(1, 128),
    ),
)


@pytest.mark.parametrize("text", BAD_NETWORKS)
def test_a_deployment_refuses_what_is_no_network(text: str) -> None:
    """A network that the transform cannot read is not trusted: all its guests would be one visitor."""
    assert not re.fullmatch(PATTERN, text)


@settings(max_examples=examples(1))
@given(st.lists(networks, max_size=3))
def test_trusted_proxies_are_what_ipaddress_reads(texts: list[str]) -> None:
    def is_network(text: str) -> bool:
        try:
            return bool(ip_network(text, strict=False))
        except ValueError:
            return False

    assert bool(re.fullmatch(PATTERN, ",".join(texts))) == all(map(is_network, texts))
