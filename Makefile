# What a fresh Debian machine with Swift needs is installed on the way: `make run` and `make test`
# work at once. Root is needed for the packages, the lab and the tests.

SWIFT   ?= swift
PREFIX  ?= /usr/local
PYTHON  ?= /usr/bin/python3
RELEASE := .build/release
FUZZ_SECONDS ?= 600
CYCLES  ?= 200

.DEFAULT_GOAL := build
.PHONY: build run test vectors unit oracle mutants fuzz fuzz-smoke lint system pap terminal \
	console-bench torture keys install clean

build: ## Build dnat-console and dnat-host
	tools/install-packages build
	$(SWIFT) build -c release --static-swift-stdlib -Xlinker -s

run: build ## Bring the demonstration network up and open the console on it
	tools/install-packages run
	$(RELEASE)/dnat-console lab run

test: ## All tests: vectors, unit, mutants, fuzzing for seconds, oracle, system, protocol, terminal, torture
	tools/install-packages test
	$(MAKE) --no-print-directory lint vectors unit mutants fuzz-smoke build
	$(MAKE) --no-print-directory oracle system
	$(MAKE) --no-print-directory -j2 -Otarget pap terminal
	$(MAKE) --no-print-directory torture

vectors: ## The data path's vectors, judged by tshark and scapy
	$(PYTHON) Tests/Vectors/run

unit: ## The logic, with vectors made by other programs
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest

mutants: ## The engine without one of its checks after another: the unit tests notice each time
	$(PYTHON) Tests/Mutation/run

oracle: ## The data path and a second one, written from the design: the same on 10,000,000 packets
	tools/install-packages test
	SWIFT=$(SWIFT) $(PYTHON) Tests/Oracle/run

fuzz: ## Each parser of what comes from outside, for FUZZ_SECONDS (600) each
	Fuzz/run $(FUZZ_SECONDS)

fuzz-smoke: ## The same for a few seconds each
	Fuzz/run 4

system: ## Real IPsec peers in network namespaces and guests, through the real router
	$(PYTHON) Tests/System/run

pap: ## The protocol: a client written from docs/pap.md, and the dissector, against the real router
	$(PYTHON) Tests/PAP/run

terminal: ## The console in a real pseudo-terminal, read by an independent terminal emulator
	$(PYTHON) Tests/Terminal/run

console-bench: build ## The console's figures, measured beside htop, btop and sngrep; minutes
	tools/install-packages bench
	$(PYTHON) Tests/Terminal/bench

torture: ## A router killed CYCLES (200) times under load, and what each restart finds
	tools/install-packages test
	$(SWIFT) build --product dnat-console
	$(PYTHON) Tests/Torture/run $(CYCLES)

lint: ## The style rules of .swift-format, and those of mdoc
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Fuzz Package.swift
	tools/lint-manuals

keys: ## Write the cheat sheet and the manual's list of keys anew, from the table of actions
	$(SWIFT) build --build-tests
	UPDATE_KEYS=1 $(SWIFT) test --skip-build --disable-xctest --filter KeysDocumentTests

install: ## Install programs, themes, manual pages and the Wireshark dissector under PREFIX
	install -D -m 755 $(RELEASE)/dnat-console $(DESTDIR)$(PREFIX)/bin/dnat-console
	install -D -m 755 $(RELEASE)/dnat-host $(DESTDIR)$(PREFIX)/bin/dnat-host
	install -d $(DESTDIR)$(PREFIX)/share/dnat-console/themes
	install -m 644 themes/*.toml $(DESTDIR)$(PREFIX)/share/dnat-console/themes
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for unit in dnat-console dnat-host; do sed 's|/usr/local|$(PREFIX)|' share/systemd/$$unit.service \
	  > $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit.service; done
	install -m 644 share/wireshark/pap2.lua $(DESTDIR)$(PREFIX)/share/dnat-console
	install -d $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 docs/man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 docs/man/*.8 $(DESTDIR)$(PREFIX)/share/man/man8

clean: ## Remove what was built
	rm -rf .build .build-fuzz
