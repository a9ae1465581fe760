"""How alike two insights are: whether they make the same point, and whether they are of the same topic.

Belongs here: the telling words of a text, and measures over pairs of texts, each held as its embedding and its words. Does
not belong here: where vectors come from or are kept, and what follows from a likeness. A leaf of the imports. The weights
are learnt by ``python -m evals.same_point train``.
"""

from podcast_assets.likeness.measure import AROUND, Around, Measure, Texts, around, measure_for
from podcast_assets.likeness.terms import WIDTH, terms_of

__all__ = ["AROUND", "WIDTH", "Around", "Measure", "Texts", "around", "measure_for", "terms_of"]
