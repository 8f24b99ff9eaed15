"""Raw pages, kept as they came: what X was paid for is never asked for twice.

One object a slice, one zstd frame a page. An object is pending until its rows are committed, so whatever is pending
is what a dead run left to commit. Knows pages only as bytes, and no warehouse.
"""
