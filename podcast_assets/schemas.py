"""One explicit Polars schema a table: the contract between the stages, and with everybody who reads the lake by SQL.

Belongs here: the columns of every table of the lake, in order, with their types. A frame that does not match is refused
where it is written (``storage.Lake.write``), so an empty day has the right types and a renamed column fails at its writer.

Units: ``*_s`` seconds from the start of the audio, ``*_at`` moments in UTC, ``day`` the partition, ``usd`` US dollars.
"""

from typing import Any

import polars as pl

MOMENT: Any = pl.Datetime("us", "UTC")

PERSON: Any = pl.Struct({"name": pl.String, "role": pl.String, "group": pl.String, "href": pl.String})
SOUNDBITE: Any = pl.Struct({"start_s": pl.Float64, "duration_s": pl.Float64, "title": pl.String})
CHAPTER: Any = pl.Struct({"start_s": pl.Float64, "title": pl.String})
TRANSCRIPT_LINK: Any = pl.Struct({"url": pl.String, "type": pl.String, "language": pl.String, "rel": pl.String})

COMPONENTS = (
    "quality", "originality", "support", "use", "specificity", "novelty", "interest", "corroboration", "comparison",
    "editors_choice", "novelty_published", "freshness",
)  # fmt: skip
RELATED: Any = pl.Struct({"related_id": pl.String, "similarity": pl.Float64})
GAINS: Any = pl.Struct(dict.fromkeys(COMPONENTS, pl.Float64))  # what each component adds to the score; together they are it

_SEEN_EPISODE: dict[str, Any] = {
    "episode_id": pl.String,  # 16 hex digits of SHA-256 of feed_id + guid
    "feed_id": pl.String,  # 12 hex digits of SHA-256 of the URL as subscribed
    "feed_url": pl.String,  # as subscribed: a local path means that relative links are files of the feed's folder
    "show": pl.String,
    "guid": pl.String,
    "title": pl.String,
    "link": pl.String,
    "summary": pl.String,  # plain text, as the next
    "show_notes": pl.String,  # the long description, where it says more than the summary
    "author": pl.String,
    "published_at": MOMENT,  # null: the feed gives no date that can be read
    "first_seen_at": MOMENT,
    "enclosure_url": pl.String,
    "enclosure_type": pl.String,
    "enclosure_bytes": pl.Int64,
    "duration_s": pl.Float64,
    "language": pl.String,
    "season": pl.Int64,
    "episode": pl.Int64,
    "episode_type": pl.String,  # full, trailer, bonus
    "explicit": pl.Boolean,
    "image_url": pl.String,
    "keywords": pl.List(pl.String),
    "transcripts": pl.List(TRANSCRIPT_LINK),
    "persons": pl.List(PERSON),
    "soundbites": pl.List(SOUNDBITE),  # what the publisher holds worth hearing
    "chapters": pl.List(CHAPTER),  # those in the feed itself
    "chapters_url": pl.String,  # where the others lie
    "status": pl.String,  # ok, or skipped where there is nothing to hear and nothing to read
    "reason": pl.String,
}

_CALLS: dict[str, Any] = {
    "day": pl.Date,
    "episode_id": pl.String,  # null: not of one episode
    "purpose": pl.String,  # extract, grade; compare, relate, embed; null: an episode waits
    "model": pl.String,
    "input_tokens": pl.Int64,
    "output_tokens": pl.Int64,
    "cached_tokens": pl.Int64,
    "usd": pl.Float64,
    "latency_s": pl.Float64,
    "outcome": pl.String,  # ok, cut off, unreadable, what the trouble was, interrupted, deferred
    "reason": pl.String,
    "prompt_version": pl.String,
    "called_at": MOMENT,  # null: it was not, see reason
}

_COLUMNS: dict[str, dict[str, Any]] = {
    "feeds": {
        "feed_id": pl.String,
        "feed_url": pl.String,  # as subscribed
        "current_url": pl.String,  # where it has moved for good; null: it has not
        "title": pl.String,
        "status": pl.String,  # ok, not_modified, error, gone, quarantined
        "http_status": pl.Int64,
        "error": pl.String,
        "error_kind": pl.String,  # one word for it: those of http.errors, refused, file, not_a_feed, crash, wait (not asked)
        "etag": pl.String,
        "last_modified": pl.String,
        "body_sha256": pl.String,  # of the newest body that was parsed
        "episodes": pl.Int64,  # items of that body
        "newest_at": MOMENT,  # the newest of them
        "gap_s": pl.Float64,  # the usual time between two of them
        "ttl_s": pl.Float64,  # what the feed wants to be left alone for
        "skip_hours": pl.List(pl.Int64),  # 0 to 23, UTC
        "skip_days": pl.List(pl.Int64),  # 0 Monday to 6 Sunday, UTC
        "last_polled_at": MOMENT,
        "last_success_at": MOMENT,  # the newest poll that was answered; decides which days were closed by then
        "last_changed_at": MOMENT,
        "consecutive_failures": pl.Int64,
        "next_poll_at": MOMENT,  # the schedule leaves it alone until then
        "retry_after": MOMENT,  # its server wants no request before; heard by every poll
    },
    "sightings": {
        **_SEEN_EPISODE,
        "day": pl.Date,  # null: logged as seen and left alone (older than the first poll's backfill)
        "previous_poll_at": MOMENT,  # the feed's last answered poll before this one; null at the first
        "body_sha256": pl.String,  # of the body it was first seen in, which is archived
    },
    "aliases": {  # GUIDs that episodes of the log took later
        "feed_id": pl.String,
        "episode_id": pl.String,
        "guid": pl.String,
        "seen_at": MOMENT,
    },
    "bodies": {  # the archive: what the log was made of, and all else that it depends on
        "feed_id": pl.String,
        "feed_url": pl.String,  # as subscribed
        "address": pl.String,  # where the body came from: its relative addresses start there
        "polled_at": MOMENT,
        "previous_poll_at": MOMENT,
        "timezone": pl.String,
        "backfill_days": pl.Int64,
        "first_day": pl.Date,
        "charset": pl.String,  # as the server said
        "encoding": pl.String,  # how the body is packed, as in Content-Encoding
        "body_sha256": pl.String,  # unpacked
        "body": pl.Binary,
    },
    "episodes": {"day": pl.Date, **_SEEN_EPISODE},
    "publisher_transcripts": {
        "day": pl.Date,
        "episode_id": pl.String,
        "status": pl.String,  # ok, none (the feed names none), failed, deferred (nobody answered)
        "reason": pl.String,
        "url": pl.String,
        "type": pl.String,  # json, vtt, srt, html, text
        "language": pl.String,
        "document_sha256": pl.String,  # the document lies in the cache under this name
        "bytes": pl.Int64,
        "segments": pl.Int64,
        "words": pl.Int64,
        "speakers": pl.Int64,
        "timing": pl.String,  # exact (words are timed), segment, or estimated (nothing is)
    },
    "audio": {
        "day": pl.Date,
        "episode_id": pl.String,
        "status": pl.String,  # ok, skipped (a publisher's transcript is there), waiting (for room), failed, deferred
        "reason": pl.String,
        "url": pl.String,
        "media_type": pl.String,
        "sha256": pl.String,
        "bytes": pl.Int64,
        "path": pl.String,  # null: heard, and removed since, or not fetched yet
    },
    "transcripts": {
        "day": pl.Date,
        "episode_id": pl.String,
        "status": pl.String,  # ok, deferred, failed
        "source": pl.String,  # publisher, asr
        "reason": pl.String,
        "language": pl.String,
        "model": pl.String,
        "content_key": pl.String,  # what the transcript was made of: document, or audio with model and parameters
        "segments": pl.Int64,
        "words": pl.Int64,
        "speech_s": pl.Float64,  # of the segments
        "duration_s": pl.Float64,  # from the start to the end of the last segment
        "audio_s": pl.Float64,  # of the file that was heard, as the next four
        "voice_s": pl.Float64,  # in which a detector of voices hears somebody speak
        "coverage": pl.Float64,  # the share of them in which there is text
        "cut_loops": pl.Int64,  # words that the model said over and over, and nobody in the file
        "cut_invented": pl.Int64,  # words that it said where nobody speaks
    },
    "segments": {
        "day": pl.Date,
        "episode_id": pl.String,
        "seq": pl.Int32,
        "start_s": pl.Float64,
        "end_s": pl.Float64,
        "speaker": pl.String,
        "text": pl.String,
        "timing": pl.String,  # exact, segment, estimated
        "word_starts": pl.List(pl.Float32),  # the start of each word of the text, where words are timed
    },
    "insight_candidates": {
        "day": pl.Date,
        "insight_id": pl.String,  # 16 hex digits of SHA-256 of episode_id + the normalised quote
        "episode_id": pl.String,
        "claim": pl.String,
        "body": pl.String,
        "quote": pl.String,
        "quote_start_s": pl.Float64,
        "quote_end_s": pl.Float64,
        "timing": pl.String,
        "speaker": pl.String,
        "kind": pl.String,
        "topics": pl.List(pl.String),
        "extractor": pl.String,
        "model": pl.String,
        "prompt_version": pl.String,
        "quality": pl.Float64,  # 0 to 1: the extractive score, or the mean of the four grades
        "centrality": pl.Float64,  # 0 to 1, as the next two; null where a model found it, as cues
        "specificity": pl.Float64,
        "cues": pl.Float64,
        "grade_novelty": pl.Int64,  # 0 to 3, by the judge, as the next three; null where no model is asked
        "grade_specificity": pl.Int64,
        "grade_support": pl.Int64,
        "grade_use": pl.Int64,
        "status": pl.String,  # accepted, rejected
        "reject_reason": pl.String,
    },
    "vectors": {
        "day": pl.Date,
        "insight_id": pl.String,  # accepted; a row for each model that has been asked
        "model": pl.String,  # of embeddings: only vectors of one model can be compared
        "text_sha256": pl.String,  # of the text that was embedded
        "vector": pl.List(pl.Float32),  # of length 1
    },
    "llm_usage": _CALLS,  # of the search for insights, and which episodes wait for it
    "ranking_usage": _CALLS,  # of the ranking
    "ranked_insights": {
        "day": pl.Date,
        "insight_id": pl.String,
        "episode_id": pl.String,
        "feed_id": pl.String,
        "insight_day": pl.Date,  # the day of its episode
        "competed_day": pl.Date,  # the day it was ranked on: later than insight_day when it came after the seal
        "position": pl.Int32,
        "picked_rank": pl.Int32,  # 1 to top; null: not among the day's picks
        "score": pl.Float64,
        "worth": pl.Float64,  # the score without what others and the judge add to it: what the floor is held against
        **dict.fromkeys(COMPONENTS, pl.Float64),  # 0 to 1; null: does not apply
        "gains": GAINS,
        "also_on": pl.Int32,  # other shows that made the same point on the day or lately
        "duplicate_of": pl.String,  # the insight of the day, or the published one, that says the same and is shown for it
        "nearest_id": pl.String,  # the insight of the archive that is most like it: what its novelty is measured against
        "published_id": pl.String,  # the same of what was published in the last 90 days
        "outcome": pl.String,  # picked, or why not
        "lost_to": pl.String,  # the insight it had to give way to
        "related": pl.List(RELATED),  # the ten nearest from other episodes, nearest first; null: not looked for
        "why": pl.String,
    },
    "daily_top5": {
        "day": pl.Date,
        "rank": pl.Int32,
        "insight_id": pl.String,
        "episode_id": pl.String,
        "show": pl.String,
        "episode_title": pl.String,
        "claim": pl.String,
        "body": pl.String,
        "quote": pl.String,
        "quote_start_s": pl.Float64,
        "speaker": pl.String,
        "audio_url": pl.String,  # ends in #t=seconds
        "score": pl.Float64,
        "why": pl.String,
        "also_on": pl.Int32,  # other shows that made the same point on the day or lately
    },
    "related_insights": {  # edges from new to old, and among those of a day
        "day": pl.Date,  # on which insight_id competed
        "insight_id": pl.String,
        "related_id": pl.String,
        "rank": pl.Int32,
        "similarity": pl.Float64,  # 0 to 1
        "relation": pl.String,  # agrees, contradicts, neither, by a language model; null: it was not asked
    },
}

SCHEMAS: dict[str, pl.Schema] = {table: pl.Schema(columns) for table, columns in _COLUMNS.items()}
