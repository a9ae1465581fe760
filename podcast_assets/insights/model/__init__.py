"""A language model proposes insights, and a second look grades them; what code cannot prove never gets that far.

Order of the data: ``lines`` (sentences to numbered lines, and calls of at most 4,000 words) -> ``prompts`` (what is asked)
-> ``reply`` (what came back) -> ``propose`` and ``grade`` (one episode's questions) -> ``find`` (a day's episodes, at once).
"""
