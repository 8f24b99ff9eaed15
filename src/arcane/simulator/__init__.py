"""An X API of our own, for demo, tests and benchmarks. It knows nothing of Arcane, nor Arcane of it.

The way of an answer: ``server`` takes the request, ``api`` decides who may ask and books what it costs in the
``bill``, ``reads`` finds with ``search`` the tweets of the ``world`` that their ``fates`` let through, ``render``
writes them as JSON in the words that were asked for.
"""
