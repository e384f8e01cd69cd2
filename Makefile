# Each target sets itself up: a fresh clone needs only Python 3.13, git and make.
VENV := .venv/bin
export PATH := $(CURDIR)/$(VENV):$(PATH)
export SAM_CLI_TELEMETRY := 0
export SAM_CLI_CHECK_UPDATES := 0
export PORT ?= 4566
# As it was typed: a dollar sign is part of the question.
override SQL := $(value SQL)
export SQL
CONFIG ?= default
# That of the command alone: many systems have an environment variable of this name, for their own texts.
LANGUAGE_OPTION := $(if $(findstring command,$(origin LANGUAGE)),--language $(LANGUAGE))
MACHINE := $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)
# One command at a time builds and deploys in a clone.
LOCKED := python -m scripts.build_lock
BUILD := python -m tracker.build && python scripts/build.py
BUILD_OPTIONS := --config-env $(CONFIG) $(if $(filter local,$(CONFIG)),--parameter-overrides Architecture=$(MACHINE))

.DEFAULT_GOAL := help
.PHONY: help demo local redeploy ask dashboard letter pictures unit test soak scan bench lint docs format build deploy \
	delete verify dashboard-link cost qr import release requirements clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/synced ## Run the whole product on this machine, with two weeks of simulated visits, and clean up
	@exec python -m demo demo

local: .venv/synced ## The same, but keep the stack up until Ctrl-C
	@exec python -m demo serve

redeploy: .venv/synced ## Deploy what you have changed to the stack that make local runs, which stays up
	@$(LOCKED) python -m tracker.build
	@exec python -m demo redeploy

ask: .venv/synced ## Ask in SQL="SELECT …" the stack that runs here, or STACK=name on AWS, and print a table
	@python -m tools.ask $(if $(STACK),--stack $(STACK)) -- "$$SQL"

dashboard: .venv/synced ## Draw the dashboards from the stack that runs here, or STACK=name on AWS: build/dashboard.html
	@python -m preview $(LANGUAGE_OPTION)

letter: .venv/synced ## Print the owner's letter of the stack that runs here, or STACK=name on AWS: build/letter.html
	@python -m preview.letter $(if $(STACK),--stack $(STACK)) $(LANGUAGE_OPTION) \
		$(if $(FIRST_DAY),--first-day $(FIRST_DAY))

pictures: .venv/synced ## Take the documentation's pictures of build/dashboard.html and build/letter.html
	@python -m preview.pictures

unit: .venv/synced ## Run unit and contract tests in about a minute; what is slow, make test runs
	pytest --hypothesis-profile=fast -m 'not slow and not soak' tests/unit tests/contract

test: .venv/synced ## Run every test but those of make soak; ARGS="--part browsers" runs a part as CI does
	pytest $(ARGS)

lint: .venv/synced ## Check style, types, SQL, JavaScript, the template, GitHub's files and the documentation's links
	ruff check && ruff format --check
	mypy benchmarks demo local preview scripts tests tools tracker
	set -e; for function in functions/*/; do (cd $$function && mypy --config-file ../../pyproject.toml .); done
	oxlint tracker preview
	@mkdir -p build && cat preview/static/*.js > build/preview.js # one script, as the page has it
	oxlint --no-ignore -A all -D no-undef -D no-unused-vars build/preview.js
	sqlfluff lint athena/views athena/queries
	sqlfluff lint --dialect hive --exclude-rules LT01 athena/tables # map<string,string>
	AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-central-1} sam validate --lint
	check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	check-jsonschema --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml
	check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml
	check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/feature.yml
	check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	zizmor --offline --quiet .github
	prek validate-config .pre-commit-config.yaml
	python -m scripts.site

docs: .venv/synced ## Build the documentation's site in build/site; a link that leads nowhere is an error
	@python -m scripts.site

scan: .venv/synced scripts/scan/.venv/synced ## Look for weaknesses in the template, secrets in the files, changed packages
	python -m scripts.scan

soak: .venv/synced ## Run the tests that take more than a minute: load, crashes, permissions, 100,000 odd batches
	pytest -m soak --numprocesses=0 -o faulthandler_timeout=0
	pytest --hypothesis-profile=thorough --dist=load -o faulthandler_timeout=0 tests/unit/transform/test_properties.py tests/unit/athena/test_views.py

bench: .venv/synced ## Measure the transform beside other ways to write it, and what answers read
	$(LOCKED) sh -c '$(BUILD) --config-env default --parameter-overrides Architecture=$(MACHINE)'
	python -m benchmarks.speed
	python -m benchmarks.answers

format: .venv/synced ## Fix style where a tool can
	ruff check --fix && ruff format

build: .venv/synced ## Build the tracker, and the functions for AWS
	$(LOCKED) sh -c '$(BUILD) $(BUILD_OPTIONS)'

ifeq ($(CONFIG),local)
deploy: redeploy
else
deploy: .venv/synced ## Deploy to AWS; CONFIG=prod keeps the data when the stack is deleted
	$(LOCKED) sh -c '$(BUILD) $(BUILD_OPTIONS) && sam deploy --config-env $(CONFIG) $(ARGS)'
endif

delete: .venv/synced ## Delete the stack from AWS
	sam delete --config-env $(CONFIG)

dashboard-link: .venv/synced ## Print a new link to the owner's dashboard of STACK=name; links of before end
	@python -m tools.dashboard_link $(if $(STACK),--stack $(STACK))

verify: .venv/synced ## Verify the stack that STACK names on AWS, or the one that runs here
	@python -m tools.verify $(if $(STACK),--stack $(STACK))

cost: .venv/synced ## Compute the monthly bill for EVENTS and VISITS a month; REGION=eu-central-1 for its prices
	@python -m tools.cost --events "$(EVENTS)" --visits "$(VISITS)" $(if $(REGION),--region $(REGION))

qr: .venv/synced ## Make build/qr.html: QR codes of the menu page URL="https://…" for TABLES=1-20
	@python -m tools.qr "$(URL)" --tables "$(TABLES)"

import: .venv/synced ## Import FILE, events or orders in CSV or JSON lines; ARGS="--dry-run" says what would be rejected
	@python -m tools.backfill "$(FILE)" $(ARGS)

release: .venv/synced ## Check that the version of pyproject.toml can be released, and write what the release consists of
	@python -m scripts.release

requirements: .venv/synced ## Write the functions' requirements from uv.lock
	set -e; for name in transform visitor_key compaction replay report custom_resources letter; do \
		uv export --quiet --only-group $$name --no-annotate --no-header --output-file functions/$$name/requirements.txt; \
	done

clean: ## Remove what was built and installed
	rm -rf .venv scripts/scan/.venv .aws-sam build

.venv/synced: pyproject.toml uv.lock
	@scripts/setup.sh
	@touch $@

scripts/scan/.venv/synced: .venv/synced scripts/scan/pyproject.toml scripts/scan/uv.lock
	uv sync --quiet --project scripts/scan --frozen --python .venv/bin/python
	@touch $@
