"""Transcripts: what was said in each episode of a day, from its publisher or by speech recognition.

The stage after ``publisher_transcripts`` and ``audio``. ``plan`` deals what must be recognised to shards, ``recognise``
works a shard off with one model, ``merge`` makes the tables ``transcripts`` and ``segments`` of both sources.
"""
