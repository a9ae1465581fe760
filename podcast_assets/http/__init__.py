"""The network: one way to ask for a URL, with every limit and every refusal in one place.

``client`` asks, ``addresses`` says what may be reached, ``bodies`` unpacks what came, ``errors`` says what went wrong. Does
not belong here: what the bytes mean, and when to ask again (``feeds``).
"""
