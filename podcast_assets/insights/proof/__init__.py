"""Proof: what a language model proposes, held against the transcript, by code alone.

Order of the data: ``proposal`` (what a model says) and ``transcript`` (the index of what was said) -> ``locate`` (the quote,
in the transcript's own words, with its second) -> ``numbers``, ``names``, ``wording`` (what a text claims, and how) ->
``prove`` (all of it, in order). Pure functions; asking a model is ``insights.model``.
"""
