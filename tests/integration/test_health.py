# SPDX-License-Identifier: Apache-2.0
"""Ready means that the workload answers: the option health-path, and what was seen otherwise."""

import pytest

SEE = '; see: snap logs microsample'


@pytest.fixture
def workload(standin_snapd):
    """workload('/healthz', 500): what is answered there; afterwards all is well again."""
    paths = set()

    def workload(path, answer):
        paths.add(path)
        standin_snapd.tell(do='workload', path=path, answer=answer)

    yield workload
    for path in paths:
        standin_snapd.tell(do='workload', path=path, answer=None)


@pytest.fixture
def ready(deploy):
    app = deploy(config={})
    app.wait_for('active', "Ready at 'edge'")
    return app


@pytest.mark.standins
def test_the_workload_is_asked_at_the_path_that_is_set(ready, workload):
    workload('/healthz', 500)
    ready.set_options(**{'health-path': '/healthz'})
    ready.wait_is('blocked', f'No answer at 8080/healthz: HTTP 500{SEE}')
    workload('/healthz', 200)
    ready.hook('update-status')
    ready.wait_is('active', "Ready at 'edge'")


@pytest.mark.standins
def test_an_empty_path_switches_the_question_off(ready, workload):
    workload('/', 503)
    ready.hook('update-status')
    ready.wait_is('blocked', f'No answer at 8080/: HTTP 503{SEE}')
    ready.set_options(**{'health-path': ''})
    ready.wait_is('active', "Ready at 'edge'")


def test_a_bad_path_blocks_and_says_what_is_accepted(ready):
    ready.set_options(**{'health-path': 'healthz'})
    ready.wait_is(
        'blocked',
        "Invalid health-path configured: 'healthz'; use a path like /healthz, or nothing",
    )
    ready.set_options(**{'health-path': '/'})
    ready.wait_is('active', "Ready at 'edge'")
