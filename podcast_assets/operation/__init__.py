"""Operation: which days want a run, how a run is started, and what becomes of runs whose process died.

Does not belong here: what a run computes (the stages), and how it is shown (``cli``).
"""
