"""WebSockets: one public path for each category, and a private one."""
