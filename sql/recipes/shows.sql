-- Which show gives most: insights accepted, and places among the day's best?
with heard as (
    select
        feed_id,
        arg_max("show", day) as newest_name, -- a show may be renamed
        count(*) as episodes
    from episodes
    group by feed_id
),

accepted as (
    select
        episodes.feed_id,
        count(*) as insights
    from insights
    inner join episodes on insights.episode_id = episodes.episode_id
    where insights.status = 'accepted'
    group by episodes.feed_id
),

picked as (
    select
        episodes.feed_id,
        count(*) as picks
    from daily_top5
    inner join episodes on daily_top5.episode_id = episodes.episode_id
    group by episodes.feed_id
)

select
    heard.newest_name as show_name,
    heard.episodes,
    coalesce(accepted.insights, 0) as insights,
    coalesce(picked.picks, 0) as picks,
    round(coalesce(picked.picks, 0) / heard.episodes, 2) as picks_per_episode
from heard
left join accepted on heard.feed_id = accepted.feed_id
left join picked on heard.feed_id = picked.feed_id
order by picks desc, insights desc, heard.newest_name asc, heard.feed_id asc
