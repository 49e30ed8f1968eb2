"""What another trading platform shows itself with on a Crossdock dashboard."""
