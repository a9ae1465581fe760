-- What language models were asked, and what it cost. One row a call; none where the built-in method finds the insights.
select
    day, -- of the episode
    episode_id, -- joins episodes
    purpose, -- what the call was for
    model, -- that was asked
    input_tokens, -- sent
    output_tokens, -- received
    cached_tokens, -- of input_tokens, those that the provider had at hand
    usd, -- US dollars
    latency_s, -- until the reply was complete
    outcome -- how the call ended
from lake.llm_usage
order by day, episode_id, purpose, model, latency_s
