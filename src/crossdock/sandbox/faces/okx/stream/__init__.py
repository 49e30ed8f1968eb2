"""WebSockets: public, private and business."""
