"""Stage 3: the transcripts that publishers offer themselves: no download of audio, no speech recognition.

Belongs here: reading the formats of such documents (``formats``, and for their parts ``cues``, ``pages``, ``prose``,
``estimate``), judging them (``judge``), choosing and fetching them (``fetch``), and the asset
``publisher_transcripts`` (``assets``). Does not belong here: speech recognition, and the tables ``transcripts`` and
``segments``, which ``transcripts`` makes of both sources; it finds our segments in the cache by ``keys.publisher_key``.
"""
