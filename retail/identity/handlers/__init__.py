"""Pages of identity: signing in and out, and the people of a business."""
