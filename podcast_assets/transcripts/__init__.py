"""Transcripts: what was said in each episode of a day, from its publisher or by speech recognition.

The stage after ``publisher_transcripts`` and ``audio``. ``plan`` deals what must be recognised to shards, ``shard`` works
one off with one model: ``sound`` finds the voices, ``recognise`` hears the words, ``defences`` cuts what nobody said.
``merge`` makes the tables ``transcripts`` and ``segments`` of both sources.
"""
