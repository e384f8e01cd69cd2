"""The simulated restaurants: what they serve, how it appeals to guests, when guests come and with what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dish:
    """A line of a menu, with the appeal that decides what guests do with it.

    A dish with a long `seconds` and no `wanted` is looked at and never ordered; one with few `looks` and a
    high `habit` is ordered without looking.
    """

    element: str
    category: str
    price: float  # in the restaurant's currency
    looks: float  # relative chance that a guest opens it
    seconds: float  # median time a guest looks at it
    wanted: float  # share of looks after which it is put into the basket
    habit: float = 0.0  # share of ordering guests who take it without looking


@dataclass(frozen=True, slots=True)
class Restaurant:
    """A restaurant with one menu."""

    source_menu: str
    host: str
    currency: str
    tables: int
    popularity: float  # share of all visits; the restaurants' shares add up to 1
    weekdays: tuple[float, ...]  # visits from Monday to Sunday, relative to the average day
    dishes: tuple[Dish, ...]
    pairings: tuple[tuple[str, str, float], ...]  # a dish, what goes with it, and for which share of guests


TRATTORIA = Restaurant(
    source_menu="trattoria-roma",
    host="trattoria-roma.example",
    currency="EUR",
    tables=24,
    popularity=0.45,
    weekdays=(0.1, 0.8, 0.9, 1.0, 1.4, 1.6, 1.2),  # closed on Mondays: some look at the menu from home
    dishes=(
        Dish("bruschetta", "antipasti", 7.90, 7, 7, 0.16),
        Dish("vitello-tonnato", "antipasti", 14.50, 6, 14, 0.07),
        Dish("burrata", "antipasti", 12.90, 8, 10, 0.14),
        Dish("margherita", "pizza", 10.50, 14, 6, 0.30, 0.06),
        Dish("diavola", "pizza", 13.20, 11, 8, 0.24),
        Dish("quattro-formaggi", "pizza", 13.90, 9, 8, 0.17),
        Dish("pizza-tartufo", "pizza", 24.50, 10, 21, 0.02),
        Dish("carbonara", "pasta", 14.90, 13, 8, 0.26),
        Dish("cacio-e-pepe", "pasta", 13.90, 9, 11, 0.18),
        Dish("lasagne", "pasta", 14.20, 8, 8, 0.19),
        Dish("bistecca-fiorentina", "secondi", 68.00, 9, 26, 0.0),
        Dish("saltimbocca", "secondi", 23.50, 5, 15, 0.09),
        Dish("tiramisu", "dolci", 6.90, 10, 5, 0.28, 0.05),
        Dish("panna-cotta", "dolci", 6.50, 5, 6, 0.15),
        Dish("acqua-frizzante", "bevande", 4.20, 1, 2, 0.45, 0.42),
        Dish("vino-della-casa", "bevande", 6.80, 2, 4, 0.35, 0.27),
        Dish("barolo", "bevande", 79.00, 4, 23, 0.0),
        Dish("espresso", "bevande", 2.60, 1, 2, 0.40, 0.33),
    ),
    pairings=(
        ("tiramisu", "espresso", 0.7),
        ("carbonara", "vino-della-casa", 0.45),
        ("bruschetta", "vino-della-casa", 0.6),
    ),
)

BISTRO = Restaurant(
    source_menu="bistro-zoe",
    host="bistro-zoe.example",
    currency="CHF",
    tables=16,
    popularity=0.30,
    weekdays=(0.9, 0.9, 1.0, 1.0, 1.3, 1.4, 0.5),  # lunch guests from the offices; a weak Sunday
    dishes=(
        Dish("soupe-a-l-oignon", "entrees", 13.50, 8, 9, 0.18),
        Dish("escargots", "entrees", 19.80, 9, 18, 0.01),
        Dish("salade-de-chevre", "entrees", 16.90, 9, 8, 0.21),
        Dish("boeuf-bourguignon", "plats", 34.50, 12, 12, 0.23),
        Dish("coq-au-vin", "plats", 31.90, 9, 12, 0.16),
        Dish("moules-frites", "plats", 28.40, 11, 9, 0.24),
        Dish("croque-monsieur", "plats", 17.20, 8, 5, 0.27, 0.04),
        Dish("fruits-de-mer", "plats", 96.00, 10, 29, 0.0),
        Dish("ratatouille", "plats", 23.60, 6, 10, 0.13),
        Dish("creme-brulee", "desserts", 11.50, 10, 5, 0.26),
        Dish("tarte-tatin", "desserts", 12.80, 7, 7, 0.15),
        Dish("carafe-de-rouge", "boissons", 18.50, 3, 5, 0.28, 0.22),
        Dish("eau-minerale", "boissons", 6.50, 1, 2, 0.42, 0.44),
        Dish("cafe", "boissons", 4.80, 1, 2, 0.40, 0.38),
    ),
    pairings=(("moules-frites", "carafe-de-rouge", 0.5), ("creme-brulee", "cafe", 0.7)),
)

RAMEN_BAR = Restaurant(
    source_menu="ramen-hinode",
    host="ramen-hinode.example",
    currency="EUR",
    tables=12,
    popularity=0.25,
    weekdays=(0.8, 0.5, 0.9, 1.0, 1.3, 1.4, 1.1),  # open every day; Tuesdays are slow
    dishes=(
        Dish("edamame", "small-plates", 5.40, 6, 4, 0.24, 0.08),
        Dish("gyoza", "small-plates", 8.20, 10, 6, 0.30, 0.06),
        Dish("karaage", "small-plates", 9.10, 8, 8, 0.20),
        Dish("tonkotsu-ramen", "ramen", 15.80, 14, 9, 0.31, 0.05),
        Dish("shoyu-ramen", "ramen", 14.60, 11, 9, 0.23),
        Dish("miso-ramen", "ramen", 15.20, 10, 9, 0.20),
        Dish("tantanmen", "ramen", 16.40, 9, 13, 0.15),
        Dish("vegan-ramen", "ramen", 15.90, 6, 14, 0.08),
        Dish("wagyu-don", "rice", 42.00, 9, 24, 0.0),
        Dish("chashu-don", "rice", 12.70, 6, 8, 0.14),
        Dish("matcha-cheesecake", "desserts", 6.80, 8, 7, 0.17),
        Dish("mochi", "desserts", 5.90, 6, 5, 0.18),
        Dish("green-tea", "drinks", 3.90, 1, 2, 0.42, 0.36),
        Dish("asahi", "drinks", 5.20, 2, 3, 0.38, 0.25),
        Dish("sake-tasting", "drinks", 26.50, 5, 20, 0.02),
    ),
    pairings=(("gyoza", "asahi", 0.5), ("matcha-cheesecake", "green-tea", 0.7)),
)

RESTAURANTS = (TRATTORIA, BISTRO, RAMEN_BAR)

# Share of all visits, mean time of arrival and its standard deviation, in minutes after midnight.
MEALS = (
    (36, 12 * 60 + 50, 28),  # lunch
    (54, 19 * 60 + 35, 45),  # dinner
    (10, 16 * 60 + 30, 110),  # in between
)

# Share of the filled baskets that are ordered, by channel: on the web, most people only look ahead.
ORDERED_BASKETS = {"qr": 0.65, "app": 0.6, "kiosk": 0.75, "web": 0.2}

_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_IPAD = "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
_PIXEL = "Mozilla/5.0 (Linux; Android 16; Pixel 9"
_GALAXY = "Mozilla/5.0 (Linux; Android 14; SM-A546B"

# Share of all visits, channel, User-Agent.
DEVICES = (
    (24, "qr", f"{_IPHONE} Version/18.6 Mobile/15E148 Safari/604.1"),
    (21, "qr", f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME} Chrome/142.0.0.0 Mobile Safari/537.36"),
    (
        4,
        "qr",
        f"{_GALAXY}; wv) {_CHROME} Version/4.0 Chrome/138.0.7204.63 Mobile Safari/537.36 QRScanner/4.2",
    ),
    (4, "qr", f"{_IPHONE} Mobile/15E148 QRScanner/2.7"),
    (8, "app", f"{_IPHONE} Mobile/15E148"),
    (7, "app", f"{_PIXEL}; wv) {_CHROME} Version/4.0 Chrome/141.0.7390.97 Mobile Safari/537.36"),
    (5, "kiosk", f"Mozilla/5.0 (Linux; Android 13; SM-T500) {_CHROME} Chrome/140.0.0.0 Safari/537.36"),
    (3, "kiosk", f"{_IPAD} Mobile/15E148"),
    (8, "web", f"{_IPHONE} Version/18.6 Mobile/15E148 Safari/604.1"),
    (3, "web", f"{_IPAD} Version/18.6 Mobile/15E148 Safari/604.1"),
    (7, "web", f"{_WINDOWS}) {_CHROME} Chrome/142.0.0.0 Safari/537.36"),
    (3, "web", f"{_WINDOWS}) {_CHROME} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"),
    (3, "web", f"{_WINDOWS}; rv:144.0) Gecko/20100101 Firefox/144.0"),
)
CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "curl/8.16.0",
)
# Share of the visits from the web, and what led to the menu: the site, or the parameters of a link's address.
LINKS: tuple[tuple[float, dict[str, str]], ...] = (
    (30, {}),
    (25, {"referrer": "https://www.google.com/"}),
    (10, {"referrer": "https://maps.example/place?id=42"}),
    (15, {"referrer": "https://www.instagram.com/"}),
    (8, {"utm_source": "instagram", "utm_medium": "social", "utm_campaign": "truffle-week"}),
    (12, {"utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "autumn"}),
)
# Share of the guests, the language of their browser, its time zone, and what their chance to order is
# multiplied with: the menus are in Italian and English.
HOMES = (
    (48, "it-IT", "Europe/Rome", 1.0),
    (18, "en-GB", "Europe/London", 1.0),
    (8, "en-US", "America/New_York", 1.0),
    (11, "de-DE", "Europe/Berlin", 0.8),
    (4, "de-CH", "Europe/Zurich", 0.8),
    (6, "fr-FR", "Europe/Paris", 0.75),
    (5, "ja-JP", "Asia/Tokyo", 0.45),
)
