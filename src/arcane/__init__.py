"""Every post on X that carries a hashtag, in your warehouse each morning."""

__version__ = "0.1.0"
