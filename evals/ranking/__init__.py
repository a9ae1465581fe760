"""The ranking, measured on planted corpora: what repeats what is known, since it was put there.

``texts``: the words it is all made of, written for this. ``days``: a sequence of days with duplicates and repeats.
``topics``: a set for related insights. ``metrics``: how good five picks are, and how good a list of related ones.
``methods``: plain ways of picking to compare with; ``product``: the product's own. ``report``: the tables of ``make eval``.
"""
