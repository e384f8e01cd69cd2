"""The dashboards of `quicksight/`, shown without QuickSight."""
