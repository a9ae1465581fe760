-- What is related to an insight: the ten nearest from other episodes, of its day and all days before. One row an edge.
-- The other direction, from old to new: where related_id is the insight (sql/recipes/related.sql).
select
    insight_id, -- joins insights
    related_id, -- joins insights, as insight_id
    rank, -- 1 is the nearest
    similarity, -- 0 to 1, by meaning, words and names
    relation, -- agrees, contradicts or neither, by a language model; null where none was asked
    day -- the day on which insight_id was ranked
from lake.related_insights
order by day, insight_id, rank
