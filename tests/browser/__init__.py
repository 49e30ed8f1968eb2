"""What a trader does on the dashboard. A package: what its tests share ends with its last."""
