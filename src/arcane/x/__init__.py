"""All that knows the X API. Nothing outside this package reads a word of X's."""
