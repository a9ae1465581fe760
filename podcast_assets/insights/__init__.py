"""Insights: what in a transcript is worth a listener's attention.

Order of the data: ``talk`` (segments to sentences with times) -> ``chatter`` (what is cut before any insight is sought:
``sponsors`` and ``housekeeping``) -> ``extractive`` (the built-in method, with ``faults``), or ``model`` (a language model
proposes) and ``proof`` (code finds the quote in the transcript, and what it cannot prove is refused) -> ``rows``.
"""

DEFERRED = "deferred"  # the outcome, in ``llm_usage``, of an episode that waits for a language model
