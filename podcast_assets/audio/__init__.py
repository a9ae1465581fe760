"""Stage 4: the audio of the episodes whose publisher does not say what is said when.

Order of the work: ``collect`` (whose audio is needed, and whose turn it is) -> ``room`` (whether it may come) -> ``fetch``
(one download: ``lanes`` lets hosts take turns, ``partial`` keeps what has come, ``ranges`` reads what a server promises,
``sniff`` tells audio from other files). ``ahead`` is the stage's face to ``transcripts``; ``assets`` is Dagster's. Does not
belong here: decoding, which is the work of ``transcripts``.
"""
