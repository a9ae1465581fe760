"""Insights: what in a transcript is worth a listener's attention.

Order of the data: ``talk`` (segments to sentences with times) -> ``chatter`` (what is no idea: greetings, ads,
housekeeping) -> ``extractive`` (the built-in method), or ``model`` (a language model proposes) and ``proof`` (code finds the
quote in the transcript, and what it cannot prove is refused) -> ``rows``.
"""
