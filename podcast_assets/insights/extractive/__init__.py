"""The built-in method: the passages of a talk that stand alone, in the speaker's own words. No model, no key, no network.

``passages`` (self-contained passages and their scores) -> ``clauses``, ``headline`` (claim) and ``wording`` (body) ->
``extract`` (an episode's rows).
"""
