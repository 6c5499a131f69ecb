"""Labels of a tool's list: new ones get its colours and keys, old ones stay as they are."""

from storage.corpus import projects
from storage.types import Label


def test_new_labels_get_the_colours_and_keys_of_the_list(db, project):
    before = {label.name: label for label in projects.list_labels(db, project.id)}
    listed = [Label("PER", "#000000", "9"), Label("LOC", "#ff0000"), Label("DATE", "#00ff00", "3")]
    projects.add_listed(db, project.id, listed)
    now = {label.name: label for label in projects.list_labels(db, project.id)}
    assert now["PER"] == before["PER"]
    assert (now["LOC"].color, now["DATE"].color) == ("#ff0000", "#00ff00")
    assert now["DATE"].key == "3"
    assert len({label.key for label in now.values()}) == len(now)
