-- What each accepted insight means, as a vector. One row an insight and model. A view, as segments.
select
    day, -- of the episode; name it in a condition, and the other days are passed over
    insight_id, -- joins insights
    model, -- of embeddings; compare vectors of one model only
    text_sha256, -- of the text that was embedded: claim and body
    vector -- of length 1: list_cosine_similarity tells how near two of them are
from lake.vectors
