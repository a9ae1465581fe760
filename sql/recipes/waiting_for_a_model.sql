-- Which episodes wait for a language model, and why? The next run takes them up.
select
    calls.day,
    episodes.show,
    episodes.title,
    calls.reason
from llm_usage as calls
inner join episodes on calls.episode_id = episodes.episode_id
where calls.outcome = 'deferred'
order by calls.day desc, episodes.show asc, episodes.title asc
