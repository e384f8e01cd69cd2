"""The stack of the last release updates to this tree; before the first, that of an archive of the tree."""

import os
import shutil
from pathlib import Path

import pytest

from local.stack import LocalStack
from scripts import release
from tests.support.deployment import EVENT, PARTS, Api, copy_project, eventually, free_port, resources

# Two minutes, for an update that test_lifecycle tries from an older template: once a night is enough.
pytestmark = pytest.mark.soak


def test_the_last_release_updates_to_this_tree(built_project: Path, tmp_path: Path) -> None:
    archive = (release.releases() or [release.write_archive(tmp_path, release.project_version())])[-1]
    project = tmp_path / "project"
    release.unpack(archive, project)
    assert {path.name for path in project.iterdir()} == {*PARTS, "tests"}
    with LocalStack(free_port(), project) as stack:
        stack.build()
        stack.deploy()
        assert Api(stack).post(EVENT | {"event_id": "of-the-release"}).status == 202
        eventually(stack, "SELECT event_id FROM events", 1)
        before = resources(stack)
        for part in (*PARTS, ".aws-sam"):
            (shutil.rmtree if (project / part).is_dir() else os.unlink)(project / part)
        copy_project(project, built_project)
        stack.deploy()
        after = resources(stack)
        for name in ("DataBucket", "DeliveryStream", "IngestApi", "WorkGroup"):
            assert after[name] == before[name]
        assert Api(stack).post(EVENT | {"event_id": "of-the-tree"}).status == 202
        eventually(stack, "SELECT event_id FROM events", 2)
