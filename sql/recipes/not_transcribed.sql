-- Which episodes were skipped, deferred or failed, and why?
-- What was deferred is tried again by the next run of its day.
with outcomes as (
    select
        episodes.day,
        episodes.episode_id,
        episodes.show,
        episodes.title,
        coalesce(transcripts.status, episodes.status) as status,
        coalesce(transcripts.reason, episodes.reason) as reason
    from episodes
    left join transcripts on episodes.episode_id = transcripts.episode_id
)

select
    outcomes.day,
    outcomes.show,
    outcomes.title,
    outcomes.status,
    outcomes.reason,
    publisher.reason as publisher_transcript,
    audio.reason as download,
    outcomes.episode_id
from outcomes
left join publisher_transcripts as publisher
    on outcomes.episode_id = publisher.episode_id and publisher.status in ('deferred', 'failed')
left join audio
    on outcomes.episode_id = audio.episode_id and audio.status in ('deferred', 'failed')
where outcomes.status <> 'ok'
order by outcomes.day desc, outcomes.show asc, outcomes.episode_id asc
