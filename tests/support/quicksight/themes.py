"""What a theme may hold beyond what the model says.

The numbers of colours are those that terraform's provider checks before it asks AWS (`DataColorPalette`):
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/quicksight_theme
"""

from typing import Any

from tests.support.quicksight.service_error import ServiceError

COLORS = range(8, 20 + 1)
GRADIENT = 2  # the lowest and the highest


def palette_problems(configuration: dict[str, Any]) -> list[str]:
    """Return what AWS has against the colours of a theme's `Configuration`."""
    palette = configuration.get("DataColorPalette", {})
    colors, gradient = palette.get("Colors", COLORS), palette.get("MinMaxGradient", range(GRADIENT))
    problems = []
    if len(colors) not in COLORS:
        problems.append(f"a theme has {COLORS[0]} to {COLORS[-1]} data colours, not {len(colors)}")
    if len(gradient) != GRADIENT:
        problems.append(f"a gradient has {GRADIENT} colours, not {len(gradient)}")
    return problems


def check(configuration: dict[str, Any]) -> None:
    """Raise ServiceError for colours that AWS rejects."""
    if problems := palette_problems(configuration):
        raise ServiceError("InvalidParameterValueException", "; ".join(problems))
