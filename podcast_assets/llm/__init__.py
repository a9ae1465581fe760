"""Language models, asked through litellm: what a call may cost, what it did cost, and never the same call twice.

A leaf of the imports, as ``http``: it knows what a question and a reply are, and nothing of insights. Order: ``models``
(which model by which name, key and price) -> ``ledger`` (the budget, and every call that was made) -> ``provider`` (one call
of litellm, and what its errors mean) -> ``client`` (cache, retries, fallbacks, concurrency) -> ``session`` (a client as a
project has it) -> ``embed`` (texts whose vectors are asked for). For the stages: ``prompts`` (questions), ``replies`` (JSON
in what came back), ``asking`` (judgements), ``usage`` (calls as rows).
"""
