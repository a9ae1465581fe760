-- How many hours were transcribed each day, by publishers and by speech recognition?
select
    day,
    source,
    count(*) as episodes,
    round(sum(duration_s) / 3600, 2) as hours,
    round(sum(speech_s) / 3600, 2) as hours_of_speech,
    sum(words) as words
from transcripts
where status = 'ok'
group by day, source
order by day desc, source asc
