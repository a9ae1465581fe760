"""What a configured language model adds to the ranking: a comparison of the best, and which related insights disagree.

Both are optional, both ask a bounded number of questions, and where they fail the plain ranking stands and says why. Order:
``shown`` (an insight as a judge reads it) -> ``sets`` (which insights meet) -> ``rating`` (what was replied, to a number
each) -> ``compare``; ``relate`` stands by itself. Texts of strangers go out fenced, and numbers and labels alone come back:
what tells a judge to praise it can spoil the questions that it stands in, no more.
"""
