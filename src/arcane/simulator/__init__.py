"""An X API of our own, for demo, tests and benchmarks. It knows nothing of Arcane, nor Arcane of it.

The way of an answer: ``server`` takes the request, ``api`` decides as X does, ``search`` finds the tweets of the
``world``, ``render`` writes them as JSON in the words that were asked for.
"""
