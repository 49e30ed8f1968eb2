"""The API described: as OpenAPI, as a page, and for the reference in docs/."""
