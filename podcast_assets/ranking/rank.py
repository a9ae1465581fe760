"""A day's table ``ranked_insights``: every accepted insight that competes, in order, with the reasons. Pure functions."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from podcast_assets.config import RankingConfig
from podcast_assets.ranking.pick import Contender, Pick, pick
from podcast_assets.ranking.score import Similarity, interest_of, with_score
from podcast_assets.schemas import SCHEMAS

DUPLICATE = 0.5  # similarity from which two insights say the same
FRESH = 0.8  # novelty from which `why` speaks of it
NOTABLE = 0.5  # the same for any other component


def rank(
    day: dt.date,
    candidates: pl.DataFrame,
    episodes: pl.DataFrame,
    past: pl.DataFrame,
    published: pl.DataFrame,
    ranking: RankingConfig,
) -> pl.DataFrame:
    """Ranks the candidates of a day.

    Args:
        day: the day they compete on.
        candidates: accepted rows of ``insight_candidates`` (of this day, and late ones of sealed days before).
        episodes: the rows of their episodes.
        past: accepted insights of earlier days, for novelty.
        published: the rows of ``daily_top5`` of earlier days; what repeats one of them is not shown again.
        ranking: caps, interests, weights.

    Returns:
        Rows of schema ``ranked_insights``, best first; the order depends on the values alone, never on that of the input.
    """
    frame = candidates.join(episodes.select("episode_id", "feed_id", "show"), on="episode_id", how="left")
    texts = _texts(frame)
    past_texts, published_texts = _texts(past), _texts(published.sort("day", "rank"))
    similarity = Similarity([*past_texts, *published_texts, *texts, *ranking.interests])
    novelty = [round(1 - value, 6) for _, value in similarity.closest(texts, past_texts)]
    interest = interest_of(similarity, texts, ranking.interests)
    frame = with_score(
        frame.with_columns(
            pl.Series("novelty", novelty, dtype=pl.Float64), pl.Series("interest", interest, dtype=pl.Float64)
        ),
        ranking.weights,
    ).with_columns(pl.Series("text", texts, dtype=pl.String))
    # From here on nothing depends on the order of the input; what came before looks at each row by itself.
    frame = frame.sort(["score", "insight_id"], descending=[True, False])
    repeats = _published_repeats(frame, published.sort("day", "rank"), published_texts, similarity)
    duplicates = _duplicates(frame, similarity, repeats)
    contenders = [
        Contender(row["insight_id"], row["episode_id"], row["feed_id"], row["score"], duplicates.get(row["insight_id"]))
        for row in frame.iter_rows(named=True)
    ]
    picks = {chosen.insight_id: (place, chosen) for place, chosen in enumerate(pick(contenders, ranking), 1)}
    rows = [
        {
            **{name: row[name] for name in ("insight_id", "episode_id", "feed_id", "score")},
            **{name: row[name] for name in ("quality", "specificity", "novelty", "interest")},
            "day": day,
            "insight_day": row["day"],
            "competed_day": day,
            "position": position,
            "picked_rank": picks[row["insight_id"]][0] if row["insight_id"] in picks else None,
            "duplicate_of": duplicates.get(row["insight_id"]),
            "why": _why(row, picks.get(row["insight_id"], (0, None))[1], duplicates.get(row["insight_id"])),
        }
        for position, row in enumerate(frame.iter_rows(named=True), 1)
    ]
    return pl.DataFrame(rows, schema=SCHEMAS["ranked_insights"])


def _texts(frame: pl.DataFrame) -> list[str]:
    """What two insights are compared by: the claim and the words that were said."""
    return [f"{claim}. {quote}" for claim, quote in frame.select("claim", "quote").iter_rows()]


def _published_repeats(
    frame: pl.DataFrame, published: pl.DataFrame, published_texts: Sequence[str], similarity: Similarity
) -> dict[str, str]:
    """The insights that repeat one that was published: by identity, the published one's identity."""
    nearest = similarity.closest(frame["text"].to_list(), published_texts)
    ids = published["insight_id"].to_list()
    pairs = zip(frame["insight_id"].to_list(), nearest, strict=True)
    return {identity: ids[place] for identity, (place, value) in pairs if value >= DUPLICATE}


def _duplicates(frame: pl.DataFrame, similarity: Similarity, repeats: dict[str, str]) -> dict[str, str]:
    """Adds to ``repeats`` those that say the same as a better-placed insight of the day (the rows are best first)."""
    ids = frame["insight_id"].to_list()
    found = dict(repeats)
    for identity, better in zip(ids, similarity.alike(frame["text"].to_list(), DUPLICATE), strict=True):
        original = next((ids[other] for other in better if ids[other] not in found), None)
        if identity not in found and original is not None:
            found[identity] = original
    return found


def _why(row: dict[str, Any], chosen: Pick | None, duplicate_of: str | None) -> str:
    """One line of plain words on what an insight's place rests on."""
    if duplicate_of is not None:
        return f"says the same as {duplicate_of}"
    strengths = {
        "clearly put": row["quality"],
        "concrete (numbers, names)": row["specificity"],
        "not heard before": row["novelty"] if row["novelty"] >= FRESH else 0.0,
        "close to your interests": (row["interest"] or 0.0) if (row["interest"] or 0.0) > NOTABLE else 0.0,
    }
    best = sorted((name for name, value in strengths.items() if value >= NOTABLE), key=lambda name: -strengths[name])
    words = ", ".join(best[:3]) or "the best of a quiet day"
    if chosen and chosen.relaxed:
        words += f"; few other shows had as much to say (caps relaxed by {chosen.relaxed})"
    return words


def project_picks(
    ranked: pl.DataFrame, candidates: pl.DataFrame, episodes: pl.DataFrame, audio: dict[str, str]
) -> pl.DataFrame:
    """The picks of a ranking as they are shown (schema ``daily_top5``).

    Args:
        ranked: a day's ``ranked_insights``.
        candidates: the insights it ranks.
        episodes: their episodes.
        audio: the address of each episode's audio, by ``episode_id``.
    """
    shown = (
        ranked.filter(pl.col("picked_rank").is_not_null())
        .select("day", "picked_rank", "insight_id", "episode_id", "score", "why")
        .join(candidates.select("insight_id", "claim", "body", "quote", "quote_start_s", "speaker"), on="insight_id")
        .join(episodes.select("episode_id", "show", pl.col("title").alias("episode_title")), on="episode_id")
        .rename({"picked_rank": "rank"})
        .sort("rank")
    )
    addresses = [
        f"{address.split('#')[0]}#t={int(second)}" if (address := audio.get(episode_id)) else None
        for episode_id, second in shown.select("episode_id", "quote_start_s").iter_rows()
    ]
    return shown.with_columns(pl.Series("audio_url", addresses, dtype=pl.String)).select(list(SCHEMAS["daily_top5"]))
