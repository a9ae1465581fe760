"""The words that give a sponsor read away, for ``sponsors``: our own lists, no code but patterns."""

import re
from typing import Final

from podcast_assets.insights.talk import any_of

DOMAINS = "(?:com|io|ai|co|fm|org|net|dev|app|so|example)"
OPENING: Final = any_of(  # one of these is enough; what comes before it is talk
    r"our (?:[\w'-]+ )?sponsors?", "sponsor(?:ed|s|ing)? (?:by|this|today)", "today'?s sponsor", "support for this",
    "(?:podcast|show)(?:'?s)? sponsors?", r"brought to you (?:\w+ )?by", "(?:quick|short) word from",
    "let me tell you about a (?:product|company|tool|service|platform)",
    "(?:this|today'?s) (?:episode|show|podcast) is (?:sponsored|brought|supported|made possible)",
    # German, French, Spanish
    r"(?:folge|episode|sendung|podcast) wird (?:\w+ )?(?:präsentiert|unterstützt|gesponser[td]|ermöglicht) (?:von|durch)",
    "(?:präsentiert|gesponsert) von", "unser(?:em|en|e)? (?:heutige[rn]? )?(?:sponsor|werbepartner)", "kurze werbung",
    "(?:[ée]pisode|podcast|[ée]mission) (?:vous )?est (?:sponsoris[ée]e?|soutenue?|pr[ée]sent[ée]e?|offerte?) par",
    "(?:nos|notre) (?:sponsor|partenaire)s? (?:du jour|de la semaine)", "merci [àa] (?:notre|nos) (?:sponsor|partenaire)s?",
    "(?:episodio|programa|p[óo]dcast) (?:es|est[áa]|viene|llega)? ?(?:presentado|ofrecido) por",
    "patrocinado por", "(?:nuestro|nuestros) patrocinador(?:es)?",
)  # fmt: skip
CLOSING: Final = any_of(  # one of these is enough; what comes after it is talk
    "(?:promo|offer|discount|coupon) code",
    rf"(?:go to|visit|over to) [\w ]{{2,30}} dot {DOMAINS}", rf"visit \S+\.{DOMAINS}\b",
    r"(?<!-)code (?-i:[A-Z][A-Z0-9]{2,})(?!')", r"\w+\.[a-z]{2,10}/\w+", "terms (?:and conditions )?apply",
    r"(?-i:[A-Z](?:[-.]+[A-Z]){2,})[, ]*(?:dot|\.) ?(?:com|co|io|ai|[A-Z])", "this is a paid ad(?:vertisement)?",
    "members?,? fdic", r"thank(?:s| you) to [\w ]{2,40} for (?:supporting|sponsoring)", "link is in your podcast player",
    "(?:use|using|with) my link",
    rf"^(?:just )?(?:go|head|visit) (?:on )?(?:over )?(?:to )?\S+\.{DOMAINS}",
    rf"that'?s \w+\.{DOMAINS}(?=[./ ]|$)",
    r"one of my (?:\w+ )?sponsors?",
    # German, French, Spanish
    "(?:gutschein|rabatt|aktions)code", "code promo", "c[óo]digo (?:promocional|de descuento)",
    r"(?:mit dem|avec le) code (?-i:[A-Z][A-Z0-9]{2,})", r"con el c[óo]digo (?-i:[A-Z][A-Z0-9]{2,})",
)  # fmt: skip
TRADE: Final = tuple(  # of these kinds, of which people also speak in earnest, two different ones near each other
    any_of(kind)
    for kind in (
        "(?:use|with|enter) (?:the |my |our )?code", "at (?:the )?checkout", "free trial", "first month (?:is )?free",
        r"(?:\w+ ?(?:%|percent)|\$[\d,]+) off", "money[- ]back", "sign up (?:at|today)", "(?:request|book) a demo",
        rf"(?:go to|at|over to) \S+\.{DOMAINS}|dot {DOMAINS}", "special offer",
        "get started (?:at|today|for free)|(?:learn|find out) more at|head (?:on )?over to|check (?:them|it) out at",
    )
)  # fmt: skip
BRAND: Final = re.compile(r"\b(?:by|sponsor,?|sponsor is|of|at|from) ((?:[A-Z][\w&'-]{2,})(?: [A-Z][\w&'-]+)?)")
DOMAIN: Final = re.compile(rf"(?<![A-Za-z])([A-Za-z]{{4,63}})\.(?:{DOMAINS}\b|[a-z]{{2,10}}/)")
CHAPTER: Final = re.compile(
    r"^(?:(?:this episode'?s |today'?s |our )?sponsor(?:s|ed|ship)?|ad|ad[- ]?break|advert(?:isement)?|commercial|promo"
    r"|(?:pre|mid|post)-?roll|werbung|werbepause|anzeige|reklame|publicit[ée]|pub|publicidad|patrocin\w+)"
    r"(?: (?:break|message|read|spot|segment))?(?:\s*(?:[:|–—(\[-].*|#?\d+))?$"
    r"|^(?:ads|adverts|advertisements|advertising|commercials)(?: break)?$"
    r"|^(?:sponsored|brought to you|presented|supported) by\b|^(?:präsentiert|gesponsert) von\b"
    r"|^(?:a )?(?:quick |short )?(?:word|message) from our (?:sponsor|partner)"
    r"|^(?:thanks?|thank you|shout-?out) to (?:our|today'?s|this (?:week|episode)'?s) sponsor",
    re.IGNORECASE,
)
