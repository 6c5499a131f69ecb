"""The Settings page: this project, this computer, backups."""
