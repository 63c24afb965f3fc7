# SPDX-License-Identifier: Apache-2.0
#
# The integration tests by pytest and jubilant, a part of Makefile.am.
#
# The operator's story on the stand-ins, as Juju 3.6 and as 4.0, or on a genuine Juju with JUJU=juju
# CHARM=FILE; how, stands in tests/integration/conftest.py. What it needs of PyPI is fetched once.

integration_venv = tests/integration/venv
integration_files = tests/integration/requirements.txt \
	tests/integration/conftest.py \
	tests/integration/operator_kit.py \
	tests/integration/test_airgap.py \
	tests/integration/test_channel.py \
	tests/integration/test_health.py \
	tests/integration/test_inspection.py \
	tests/integration/test_interruption.py \
	tests/integration/test_operator.py \
	tests/integration/test_orders.py \
	tests/integration/test_rollback.py \
	tests/integration/test_rollout.py \
	tests/integration/test_units.py \
	tests/integration/test_waiting.py
EXTRA_DIST += $(integration_files) tests/integration/make-venv

$(integration_venv)/.complete: tests/integration/requirements.txt
	@$(MKDIR_P) tests/integration
	@PYTHON='$(PYTHON)' $(srcdir)/tests/integration/make-venv $(integration_venv) \
		$(srcdir)/tests/integration/requirements.txt

check-integration: demo-programs $(integration_venv)/.complete
	@test -z '$(JUJU)' || test -f '$(CHARM)' || \
		{ echo 'check-integration: with JUJU, CHARM names the file to deploy' >&2; exit 1; }
	@$(SANDBOX_ENVIRONMENT) \
	JUJU='$(JUJU)' JUJU_TO='$(JUJU_TO)' JUJU_MODEL='$(JUJU_MODEL)'; \
	export JUJU JUJU_TO JUJU_MODEL; \
	CHARM='$(CHARM)'; CHARM="$${CHARM:-$$CHARM_TREE}"; export CHARM; \
	failed=0; for like in $(if $(JUJU),genuine,$${SANDBOX_JUJU_LIKE:-3.6 4.0}); do \
		SANDBOX_JUJU_LIKE=$$like PYTHONDONTWRITEBYTECODE=1 \
		$(integration_venv)/bin/python -m pytest -p no:cacheprovider \
		$(PYTEST_OPTIONS) $(srcdir)/tests/integration || failed=1; \
	done; exit $$failed

distclean-local: distclean-integration
distclean-integration:
	rm -rf $(integration_venv) $(integration_venv).log
.PHONY: check-integration distclean-integration
