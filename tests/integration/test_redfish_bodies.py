# SPDX-License-Identifier: Apache-2.0
"""Every body of a walk over the whole tree is what DMTF's JSON schemas say."""
import sys

import pytest

from harness import TOP

sys.path.insert(0, str(TOP / "tests" / "check"))
import redfish_schema  # noqa: E402

pytestmark = [pytest.mark.plain_only]


@pytest.mark.skipif(not redfish_schema.SCHEMAS.is_dir(), reason="DMTF's JSON schemas are not here")
def test_every_body_of_the_tree_is_valid(agent):
    agent.finished_or_done(agent.reset("sub1-01", "ForceOff"))
    agent.finished_or_done(agent.reset("sub1-01", "On"))
    agent.sim("set", kind="board", id="sub1-02", field="present", value=False)
    wrong, count = set(), 0
    for uri, body in redfish_schema.walk(agent.json):
        count += 1
        wrong |= {f"{body['@odata.type']} ({uri if not wrong else '...'}): {e}"
                  for e in redfish_schema.errors(body)}
    agent.sim("clear", id="sub1-02")
    print(f"{count} resources")
    assert count > 1000
    assert not wrong, "\n".join(sorted(wrong)[:40])
