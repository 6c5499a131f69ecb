"""The closer look at a run's model: how it is started and followed, the texts that it fails on."""
