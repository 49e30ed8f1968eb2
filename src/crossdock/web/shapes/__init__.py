"""What the API takes and answers, and what is pushed: one shape for both.

Amounts and prices are decimal text, times are UTC nanoseconds unless a name says otherwise.
"""
