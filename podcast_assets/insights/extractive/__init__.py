"""The built-in method: the passages of a talk that stand alone, in the speaker's own words. No model, no key, no network.

``passages`` (self-contained passages and their scores) -> ``headline`` (claim and body) -> ``extract`` (an episode's rows).
"""
