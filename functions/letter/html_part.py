"""Writes the letter's content as HTML for mail clients: tables, inline styles, nothing from elsewhere.

Mail clients drop style sheets, positions and grids, so what must hold stands in each element's style. The one
style sheet only darkens the colours where the client says that its reader likes it dark.
"""

from html import escape

from content import Content, Figure, Row, Section

FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
# Colours by class, those of quicksight/themes/menulens.json: on light, on dark, what of the style they are.
COLORS = {
    "ground": ("#F4F7F6", "#0F1716", "background-color"),
    "paper": ("#FFFFFF", "#182322", "background-color"),
    "tile": ("#F4F7F6", "#22302E", "background-color"),
    "bar": ("#0B6E69", "#58C2B9", "background-color"),
    "button": ("#0B6E69", "#0B6E69", "background-color"),
    "ink": ("#1D2B2A", "#E8F0EE", "color"),
    "soft": ("#5A6B69", "#A9B9B6", "color"),
    "accent": ("#0B6E69", "#6BD0C7", "color"),
    "danger": ("#B3402A", "#FF9B85", "color"),
    "white": ("#FFFFFF", "#FFFFFF", "color"),
    "line": ("#DCE4E2", "#33423F", "border-color"),
}
DARK = "".join(f".{name}{{{what}:{dark}!important}}" for name, (_, dark, what) in COLORS.items())
DIRECTIONS = {1: "accent", 0: "soft", -1: "danger"}
TABLE = 'role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'


def render(content: Content) -> str:
    """Return the HTML part, a whole document."""
    cards = _cards(content.cards)
    notes = "".join(_paragraph(note, "soft", "margin:12px 0 0;font-size:14px") for note in content.notes)
    if not content.cards:
        notes = "".join(_paragraph(note, "ink", "margin:20px 0 0;font-size:17px") for note in content.notes)
    sections = "".join(map(_section, content.sections))
    return f"""<!DOCTYPE html>
<html lang="{escape(content.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{escape(content.subject)}</title>
<style>@media (prefers-color-scheme:dark){{{DARK}}}</style>
</head>
<body class="ground" style="margin:0;padding:0;{_color("ground")}">
<table {TABLE} class="ground" style="{_color("ground")}"><tr><td align="center" style="padding:16px 8px">
<table {TABLE} class="paper" style="max-width:600px;border-radius:14px;{_color("paper")}"><tr>
<td style="padding:26px 20px 28px;{FONT};line-height:1.45;overflow-wrap:anywhere">
<main>
{_paragraph("MenuLens", "accent", "margin:0;font-size:14px;font-weight:700;letter-spacing:.4px")}
{_text("h1", content.title, "ink", "margin:2px 0 0;font-size:27px;line-height:1.2")}
{_paragraph(content.days, "soft", "margin:2px 0 0;font-size:17px")}
{cards}{notes}{sections}{_button(content)}
</main>
<footer>{_paragraph(content.footer, "soft", "margin:26px 0 0;font-size:13px")}</footer>
</td></tr></table>
</td></tr></table>
</body>
</html>
"""


def _cards(cards: list[tuple[str, list[Figure]]]) -> str:
    """Return the cards, two beside each other, the last alone if it has no neighbour."""
    rows = []
    for number in range(0, len(cards), 2):
        pair = cards[number : number + 2]
        span = ' colspan="3"' if len(pair) == 1 else ' width="49%"'
        cells = [_card(label, figures, span) for label, figures in pair]
        rows.append(f"<tr>{'<td width="2%" style="font-size:0">&nbsp;</td>'.join(cells)}</tr>")
    gap = '<tr><td colspan="3" height="8" style="font-size:0;line-height:8px">&nbsp;</td></tr>'
    return f'<table {TABLE} style="margin-top:18px">{gap.join(rows)}</table>' if rows else ""


def _card(label: str, figures: list[Figure], span: str) -> str:
    lines = "".join(
        _paragraph(
            figure.text,
            "ink",
            "margin:2px 0 0;font-size:19px;font-weight:700;line-height:1.3;overflow-wrap:anywhere",
        )
        + (
            _paragraph(figure.change, DIRECTIONS[figure.direction], "margin:0;font-size:14px;font-weight:600")
            if figure.change
            else ""
        )
        for figure in figures
    )
    style = f"padding:12px 12px 13px;border-radius:10px;{_color('tile')}"
    return (
        f'<td{span} valign="top" class="tile" style="{style}">'
        f"{_paragraph(label, 'soft', 'margin:0;font-size:14px')}{lines}</td>"
    )


def _section(section: Section) -> str:
    heading = _text("h2", section.title, "ink", "margin:28px 0 4px;font-size:17px;line-height:1.3")
    rows = "".join(_row(row) if row.share is None else _bar(row, row.share) for row in section.rows)
    advice = _paragraph(section.advice, "soft", "margin:8px 0 0;font-size:14px") if section.advice else ""
    return f"{heading}<table {TABLE}>{rows}</table>{advice}"


def _row(row: Row) -> str:
    line = f"border-bottom:1px solid {COLORS['line'][0]};padding:8px 0"
    # A name in another script keeps its direction to itself.
    label = _text("bdi", row.label, "ink", "font-size:16px")
    detail = _paragraph(row.detail, "soft", "margin:0;font-size:14px") if row.detail else ""
    if not row.value:
        return f'<tr><td colspan="2" class="line" style="{line}">{label}{detail}</td></tr>'
    value = _text("span", row.value, "ink", "font-size:16px;font-weight:600;white-space:nowrap")
    return (
        f'<tr><td class="line" style="{line}">{label}{detail}</td>'
        f'<td valign="top" align="right" class="line" style="{line};padding-left:12px">{value}</td></tr>'
    )


def _bar(row: Row, share: float) -> str:
    """Return a row with a bar of coloured cells; its number stands beside it."""
    width = round(share * 100)
    rest = f'<td width="{100 - width}%" style="font-size:0">&nbsp;</td>' if width < 100 else ""
    style = f"font-size:0;line-height:12px;border-radius:3px;{_color('bar')}"
    bar = f'<td width="{width}%" height="12" class="bar" style="{style}">&nbsp;</td>' if width else ""
    cell = f'style="padding:4px 0;font-size:15px;{_color("ink")}"'
    return (
        f'<tr><td width="28%" class="ink" {cell}>{escape(row.label)}</td>'
        f"<td><table {TABLE}><tr>{bar}{rest}</tr></table></td>"
        f'<td width="14%" align="right" class="ink" {cell}>{escape(row.value)}</td></tr>'
    )


def _button(content: Content) -> str:
    if not content.link:
        return ""
    style = f"display:inline-block;padding:12px 20px;font-size:16px;font-weight:600;{_color('white')}"
    return (
        f'<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin-top:28px"><tr>'
        f'<td class="button" style="border-radius:10px;{_color("button")}">'
        f'<a href="{escape(content.link)}" class="white" style="{style};text-decoration:none">'
        f"{escape(content.link_text)}</a></td></tr></table>"
    )


def _paragraph(text: str, color: str, style: str) -> str:
    return _text("p", text, color, style)


def _text(element: str, text: str, color: str, style: str) -> str:
    """Return an element that holds a text and nothing else."""
    return f'<{element} class="{color}" style="{style};{_color(color)}">{escape(text)}</{element}>'


def _color(name: str) -> str:
    light, _, what = COLORS[name]
    return f"{what}:{light}"
