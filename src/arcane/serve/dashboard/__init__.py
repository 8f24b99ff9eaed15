"""The embedded dashboard: filters in the URL, questions in SQL, charts as data, pages in HTML."""
