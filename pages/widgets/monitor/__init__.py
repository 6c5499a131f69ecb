"""Parts of the Monitor page: what is watched, its charts, its alarms and their texts."""
