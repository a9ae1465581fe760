"""What in a talk is no idea: sponsor reads and housekeeping, cut out before anything is sought in it.

``cut`` (what a cut is) -> ``sponsors`` with its ``cues``, ``housekeeping`` -> ``sift`` (both together, at most half of an
episode).
"""
