"""Stage 4: the audio of the episodes whose publisher offers no usable transcript.

Belongs here: downloading it once, keeping it for as long as the configuration says, judging by a glance whether it is
audio at all (``download``), and the asset ``audio`` (``assets``). Does not belong here: decoding it, which is the work
of ``transcripts``.
"""
