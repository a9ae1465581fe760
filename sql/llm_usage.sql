-- What language models were asked, and what it cost. One row a call, and one for each episode that waits for one.
with calls as (
    select * from lake.llm_usage
    union all by name
    select * from lake.ranking_usage
)

select
    day, -- of the episode, or of the ranking
    episode_id, -- joins episodes; null where a call was not for one episode
    purpose, -- what for: extract, grade; of the ranking compare, relate, embed; null where an episode waits
    model, -- that was asked
    input_tokens, -- sent
    output_tokens, -- received
    cached_tokens, -- of input_tokens, those that the provider had at hand
    usd, -- US dollars; of a call whose reply never came, what it may have cost at most
    latency_s, -- until the reply was complete
    outcome, -- ok, cut off, unreadable, what the trouble was, interrupted, or deferred
    reason, -- of the outcome
    prompt_version, -- of what was asked
    called_at -- when; null where an episode waits
from calls
order by day, called_at nulls last, episode_id, purpose, model, latency_s
