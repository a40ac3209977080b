# The few commands of everyday use, over scripts/setup and CMake's presets (CMakePresets.json).
PRESET ?= dev
PREFIX ?= /usr/local
CTEST_ARGS ?=
MAKEFLAGS += --no-print-directory

.PHONY: help setup build demo test bench install format clean
help:
	@echo 'make demo                 set up, build, run the demo: its page is demo/report.html'
	@echo 'make test                 set up, build, run every test (fewer: CTEST_ARGS="-L fast", CTEST_ARGS="-R fit")'
	@echo 'make build                set up and build everything in build/$(PRESET)'
	@echo 'make bench                set up, build, time kernels, fits and PyTorch (docs/performance.md)'
	@echo 'make install PREFIX=DIR   build without assertions and install (default $(PREFIX))'
	@echo 'make format               clang-format over all C++ files, prettier over web/'
	@echo 'make clean                remove build/ and demo/ (not .venv)'
	@echo 'PRESET=dev|ci|release|asan-ubsan|tsan chooses another build'

setup:
	@scripts/setup

# What set-up puts in place; changes only when that does.
.venv/plexiform-setup: setup
	@:

# Ninja runs CMake again by itself when a CMake file changes; this is for what it does not see.
build/%/build.ninja: CMakePresets.json .venv/plexiform-setup $(wildcard web/node_modules/plexiform-setup)
	cmake --fresh --preset $*

build: build/$(PRESET)/build.ninja
	cmake --build --preset $(PRESET)

demo: build/$(PRESET)/build.ninja
	cmake --build --preset $(PRESET) --target plexiform plexiform_torch_verbs
	rm -rf demo
	build/$(PRESET)/bin/plexiform demo -o demo

test: build
	ctest --preset $(PRESET) $(CTEST_ARGS)

bench: build/bench/build.ninja build/peers/ready
	cmake --build --preset bench
	build/bench/bin/kernels_bench
	build/bench/bin/fits_bench
	build/peers/bin/python3 bench/peers/torch_step.py build/bench/bin/plexiform

build/peers/ready: bench/peers/requirements.txt
	python3 -m venv build/peers
	build/peers/bin/pip install --quiet -r bench/peers/requirements.txt
	touch $@

install: build/release/build.ninja
	cmake --build --preset release
	cmake --install build/release --prefix $(PREFIX)

format:
	git ls-files -z -co --exclude-standard '*.cpp' '*.hpp' | xargs -0 clang-format -i
	if [ -d web/node_modules ]; then npm --prefix web run --silent format; fi

clean:
	rm -rf build demo
