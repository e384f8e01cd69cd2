"""The profiles of Hypothesis, which --hypothesis-profile chooses from."""

from hypothesis import settings

# Hypothesis's own default, of 100 examples, is that of `make test`; a property takes a share of it.
settings.register_profile("fast", max_examples=10)
settings.register_profile("thorough", max_examples=5_000)
