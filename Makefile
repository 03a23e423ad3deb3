# The commands of this project; `make help` lists them. CMake does the building, by the presets in CMakePresets.json.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PRESET ?= release
PREFIX ?= /usr/local
# Parallel compilations: one a core, and no more than one for 1.5 GB of memory.
JOBS ?= $(shell awk -v cores=$$(nproc) '/MemAvailable/ { m = int($$2 / 1572864); n = m < cores ? m : cores; print n < 1 ? 1 : n }' /proc/meminfo)
CTEST_ARGS ?=
BENCH_ARGS ?=
KILLS ?= 1000
SECONDS ?= 10
CONFIGURED = build/$(PRESET)/build.ninja

.PHONY: help demo test bench bench-edit counts crash fuzz build functions install dist format lint setup setup-lint setup-fuzz clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables: PRESET=$(PRESET) (release, dev, asan, tsan, clang), PREFIX=$(PREFIX), JOBS=$(JOBS), CTEST_ARGS, EVERY_CACHE_DIR"

demo: setup build functions ## Build everything and run the article's workflows
	@tools/demo --binary build/$(PRESET)/every

test: setup $(CONFIGURED) functions ## Build everything and run all tests
	@cmake --build --preset $(PRESET) -j $(JOBS)
	@ctest --preset $(PRESET) --output-on-failure --no-tests=error -j $(JOBS) $(CTEST_ARGS)

build: setup $(CONFIGURED) ## Build the binary build/release/every
	@cmake --build --preset $(PRESET) -j $(JOBS) --target every

functions: setup ## Build the example functions into build/functions
	@functions/build

# Under sudo what the user has built is installed as it is, so that root neither builds nor leaves files in the checkout.
install: $(if $(SUDO_USER),,build) ## Install the binary under PREFIX (DESTDIR is honoured)
	@install -D -m 755 build/$(PRESET)/every '$(DESTDIR)$(PREFIX)/bin/every'
	@echo "installed $(DESTDIR)$(PREFIX)/bin/every"

dist: build ## Make the packages for other machines in build/dist (tar.gz, .deb, npm, container file)
	@tools/dist --binary build/$(PRESET)/every --output build/dist

format: setup-lint ## Format the C++ sources
	@git ls-files -z -- '*.h' '*.cc' | xargs -0 -r clang-format-19 -i

lint: setup setup-lint ## Check formatting and layers, and run clang-tidy
	@JOBS=$(JOBS) tools/lint

bench: setup functions ## Measure the budgets (a quiet machine helps); BENCH_ARGS="--original BINARY --receipts 10000000"
	@cmake --preset release -DEVERY_BENCH=ON && cmake --build --preset release -j $(JOBS) --target every_bench every
	@bench/all.py $(BENCH_ARGS)

bench-edit: setup ## Measure the time from saving a source to its new answer, for each language
	@cmake --preset release && cmake --build --preset release -j $(JOBS) --target every
	@bench/edit_save_call.py

counts: setup $(CONFIGURED) ## Count the instructions of codecs, memo and scheduler and compare them; UPDATE=1: keep these counts instead
	@cmake --build --preset $(PRESET) -j $(JOBS) --target every_counts
	@tools/counts --binary build/$(PRESET)/every_counts $(if $(UPDATE),--update)

crash: build ## Kill a node KILLS times (1000) at named points and at random, checking after each that nothing was lost
	@cd tests/e2e && EVERY_BINARY=$(CURDIR)/build/$(PRESET)/every python3 crash_test.py --kills $(KILLS)

fuzz: setup-fuzz ## Feed each fuzz target for SECONDS (10) with made-up inputs; TARGETS="dag_cbor http": only these
	@tools/fuzz --seconds $(SECONDS) --jobs $(JOBS) $(TARGETS)

clean: ## Remove what was built in this checkout (not the cache of engines and tools)
	@rm -rf build
	@echo "removed build/"

setup:
	@tools/setup build functions test

setup-lint:
	@tools/setup lint

setup-fuzz:
	@tools/setup build fuzz

# CMake itself notices later changes of its files.
$(CONFIGURED): | setup
	@cmake --preset $(PRESET)
