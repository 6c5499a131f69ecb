"""Label Studio's tasks, whatever they label: who answered what, and the labels' configuration."""
