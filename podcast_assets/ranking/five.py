"""The picks of a day as they are shown: the table ``daily_top5``. Pure functions."""

from collections.abc import Mapping

import polars as pl

from podcast_assets.schemas import SCHEMAS


def project_picks(
    ranked: pl.DataFrame, candidates: pl.DataFrame, episodes: pl.DataFrame, audio: Mapping[str, str]
) -> pl.DataFrame:
    """The picks of a ranking as they are shown (schema ``daily_top5``).

    Args:
        ranked: a day's ``ranked_insights``.
        candidates: the insights it ranks.
        episodes: their episodes.
        audio: the address of each episode's audio, by ``episode_id``.
    """
    said = ["insight_id", "claim", "body", "quote", "quote_start_s", "speaker"]
    accepted = candidates.filter(pl.col("status") == "accepted")
    heard = episodes.unique("episode_id", keep="first", maintain_order=True)
    shown = (
        ranked.filter(pl.col("picked_rank").is_not_null())
        .select("day", "picked_rank", "insight_id", "episode_id", "score", "why", "also_on")
        .join(accepted.unique("insight_id", keep="first", maintain_order=True).select(said), on="insight_id")
        .join(heard.select("episode_id", "show", pl.col("title").alias("episode_title")), on="episode_id")
        .rename({"picked_rank": "rank"})
        .sort("rank")
    )
    addresses = [
        f"{address.split('#')[0]}#t={int(second or 0)}" if (address := audio.get(episode_id)) else None
        for episode_id, second in shown.select("episode_id", "quote_start_s").iter_rows()
    ]
    return shown.with_columns(pl.Series("audio_url", addresses, dtype=pl.String)).select(list(SCHEMAS["daily_top5"]))
