# What a fresh Debian machine with Swift needs is installed on the way: `make run` and `make test`
# work at once. Root is needed for the packages, the lab and the tests.

SWIFT   ?= swift
PREFIX  ?= /usr/local
PYTHON  ?= /usr/bin/python3
RELEASE := .build/release
FUZZ_SECONDS ?= 600

.DEFAULT_GOAL := build
.PHONY: build run test vectors unit fuzz fuzz-smoke lint system terminal install clean

build: ## Build dnat-console and dnat-host
	tools/install-packages build
	$(SWIFT) build -c release --static-swift-stdlib -Xlinker -s

run: build ## Bring the demonstration network up and open the console on it
	tools/install-packages run
	$(RELEASE)/dnat-console lab run

test: ## All tests: vectors, unit, system, terminal
	tools/install-packages test
	$(MAKE) --no-print-directory lint vectors unit build
	$(MAKE) --no-print-directory system terminal

vectors: ## The data path's vectors, judged by tshark and scapy
	$(PYTHON) Tests/Vectors/run

unit: ## The logic, with vectors made by other programs
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest

fuzz: ## Each parser of what comes from outside, for FUZZ_SECONDS (600) each
	Fuzz/run $(FUZZ_SECONDS)

fuzz-smoke: ## The same for a few seconds each
	Fuzz/run 8

system: ## Real IPsec peers in network namespaces and guests, through the real router
	$(PYTHON) Tests/System/run

terminal: ## The console in a real pseudo-terminal, read by an independent terminal emulator
	$(PYTHON) Tests/Terminal/run

lint: ## The style rules of .swift-format
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Fuzz Package.swift

install: ## Install programs and themes under PREFIX
	install -D -m 755 $(RELEASE)/dnat-console $(DESTDIR)$(PREFIX)/bin/dnat-console
	install -D -m 755 $(RELEASE)/dnat-host $(DESTDIR)$(PREFIX)/bin/dnat-host
	install -d $(DESTDIR)$(PREFIX)/share/dnat-console/themes
	install -m 644 themes/*.toml $(DESTDIR)$(PREFIX)/share/dnat-console/themes
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for unit in dnat-console dnat-host; do sed 's|/usr/local|$(PREFIX)|' share/systemd/$$unit.service \
	  > $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit.service; done

clean: ## Remove what was built
	rm -rf .build .build-fuzz
