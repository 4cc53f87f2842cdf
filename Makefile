# A thin front to the npm scripts: every target first sees to Node and the npm packages (hack/bootstrap.sh).

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The project's own Node and npm, for recipes; the set-up itself runs with the caller's PATH.
WITH_NODE := PATH="$(CURDIR)/node_modules/.bin:$(CURDIR)/.cache/toolchain/node_modules/.bin:$$PATH"
RUN := $(WITH_NODE) npm run --silent

# make demo DETACH=1 CONTEXT=NAME
DEMO_FLAGS := $(if $(filter-out 0 false no,$(DETACH)),--detach) $(if $(CONTEXT),--context "$(CONTEXT)")

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup:
	@hack/bootstrap.sh

.PHONY: demo
demo: setup ## Publish sample pictures from a local cluster; DETACH=1 returns when they answer, CONTEXT=NAME uses your own cluster
	@exec env $(WITH_NODE) node hack/demo/main.ts up $(DEMO_FLAGS)

.PHONY: demo-down
demo-down: setup ## Take down what "make demo" made; CONTEXT=NAME as there
	@exec env $(WITH_NODE) node hack/demo/main.ts down $(if $(CONTEXT),--context "$(CONTEXT)")

.PHONY: test
test: setup ## Every check and every test, as the continuous integration runs them
	@exec env $(WITH_NODE) node hack/test/main.ts $(STEPS)

.PHONY: test-unit
test-unit: setup ## The tests that need nothing
	@$(RUN) test:unit

.PHONY: test-faults
test-faults: setup ## The tests of what goes wrong: network, store, slow clients, hostile requests
	@$(RUN) test:faults

.PHONY: test-apiserver
test-apiserver: setup ## The tests that need an API server; it is brought up for them
	@$(RUN) test:apiserver

.PHONY: test-survival
test-survival: setup ## The operator killed at its writes, and every property of the API; SURVIVAL=all for all of it, FILES=crash for a part
	@$(RUN) test:survival -- $(FILES)

.PHONY: test-security
test-security: setup ## What a tenant cannot get by S3Proxies, and what the operator uses of its roles
	@$(RUN) test:security

.PHONY: test-e2e
test-e2e: setup ## The tests that need a whole node; it is brought up for them
	@$(RUN) test:e2e

.PHONY: test-load
test-load: setup ## What must not fail a request, done on a whole node under load: about twelve minutes
	@$(RUN) test:load

.PHONY: test-terraform
test-terraform: setup ## The tests of terraform/, against an emulated AWS and on a local cluster; FILES=cluster runs a part
	@exec env $(WITH_NODE) node test/terraform/run.ts $(FILES)

.PHONY: lint
lint: setup ## Formatting and static checks
	@$(RUN) lint

.PHONY: typecheck
typecheck: setup ## Type check
	@$(RUN) typecheck

.PHONY: generate
generate: setup ## Write the generated files: the custom resource definition, the API reference, the chart's README
	@$(RUN) generate

.PHONY: bench
bench: setup ## Measure the proxy against others
	@exec env $(WITH_NODE) npm run --silent bench

.PHONY: bench-operator
bench-operator: setup ## Measure the operator against others; BENCH="--objects 1000 --systems ours,limit" measures a part
	@exec env $(WITH_NODE) npm run --silent bench:operator -- $(BENCH)

.PHONY: fuzz
fuzz: setup ## Send the proxy hostile requests for a quarter of an hour; FUZZ="--requests N --seconds N --seed N"
	@$(RUN) fuzz -- $(FUZZ)

.PHONY: cluster
cluster: setup ## Bring up the local cluster alone; it stays until "make cluster-down"
	@exec env $(WITH_NODE) node hack/cluster/main.ts up

.PHONY: cluster-down
cluster-down: setup ## Take the local cluster down and remove its data
	@exec env $(WITH_NODE) node hack/cluster/main.ts down

.PHONY: clean
clean: ## Remove what was built, downloaded and cached in this directory
	rm -rf dist node_modules operator/node_modules proxy/node_modules .cache
