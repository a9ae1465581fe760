"""Insights: what in a transcript is worth a listener's attention.

The built-in extractive method, which needs no model, no key and no network. Order of the data: ``talk`` (segments to
sentences with times) -> ``chatter`` (what is no idea: greetings, ads, housekeeping) -> ``passages`` (self-contained
passages and their scores) -> ``headline`` (claim and body) -> ``extract`` (an episode's candidates).
"""
