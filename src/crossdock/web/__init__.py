"""The dashboard: a process that shows a desk to browsers and gives programs an API."""
