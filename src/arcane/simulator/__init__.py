"""An X API v2 of our own, for the demo and the tests: imports nothing from Arcane, nor Arcane from it.

The way of an answer: ``server`` takes the request, ``api`` decides, ``request`` checks it as X does, ``query`` finds
the tweets of the ``world``, ``render`` writes them as JSON in the words that were asked for.

Source: docs/x-api-facts.md
"""
