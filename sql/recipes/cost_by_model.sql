-- What did each language model cost, for what, and how fast was it? (No rows: none was asked.)
select
    model,
    purpose,
    count(*) as calls,
    count(distinct episode_id) as episodes,
    sum(input_tokens) as input_tokens,
    sum(cached_tokens) as cached_tokens,
    sum(output_tokens) as output_tokens,
    round(sum(usd), 4) as usd,
    round(sum(usd) / nullif(count(distinct episode_id), 0), 4) as usd_per_episode,
    round(median(latency_s), 2) as median_latency_s,
    count_if(outcome not in ('ok', 'cut off', 'unreadable')) as without_a_reply
from llm_usage
where called_at is not null
group by model, purpose
order by usd desc, model asc, purpose asc
