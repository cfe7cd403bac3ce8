# mq: a message queue that is a directory.
#
#   make            build every tool into build/bin
#   make demo       install what is missing, build, run the main job
#   make test       install what is missing, build, run every test
#   make sanitize   the whole suite under ASan and UBSan
#   make coverage   the whole suite, and which lines of lib/ it reached
#   make fuzz       feed noise to every parser, FUZZ_RUNS=10000000 each
#   make crash      crash states, power cuts, faults (CRASH_RUN=quick)
#   make conformance  what clients of Kafka do, with clients of others
#   make storm      kill tools at work for ten minutes (STORM_SECONDS=600)
#   make damage     damage a log bit by bit, and by chance: nothing wrong is read
#   make mutants    make known mistakes, and see each one found
#   make bench      measure, as ratios within one run
#   make setup      install the Debian packages that a build needs
#   make install    tools, manuals, completions, units: PREFIX=/usr/local DESTDIR=
#   make uninstall  remove what install put there
#   make clean      remove build/
#   make help       this list

PREFIX ?= /usr/local
BUILD ?= build
# One name for each object, as what it depends on is kept under that.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
CC = gcc
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Ilib -fPIE -fstack-protector-strong \
	-ffunction-sections -fdata-sections -pthread $(WARNINGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed,--gc-sections \
	-pthread $(LDFLAGS)

# Libraries are linked statically where their archives are there: a short
# process should not pay for shared ones.
archive = $(if $(wildcard /usr/lib/*/lib$(1).a),-l:lib$(1).a,-l$(1))
LIBS = $(call archive,yaml) $(call archive,sqlite3) $(call archive,event_core) -lm

# Puts, gets and acks are short processes: static ones start sooner, a put by a
# fifth of what it takes, and need a third less memory. Codecs are still loaded
# when one is asked for (glibc wants to be the one it was linked with then).
# Sanitizers, and what is preloaded, want none of it: make STATIC=
STATIC = $(if $(findstring -fsanitize,$(LDFLAGS)),,$(and \
	$(wildcard /usr/lib/*/libc.a),$(wildcard /usr/lib/*/libyaml.a), \
	$(wildcard /usr/lib/*/libsqlite3.a),yes))
STATIC_LDFLAGS = -static-pie -Wl,-z,relro,-z,now,-z,noseparate-code,-w \
	-Wl,--gc-sections -pthread $(LDFLAGS)
SHORT_TOOLS = $(patsubst %,$(BUILD)/bin/%,mq-put mq-get mq-ack)

LIB_SOURCES := $(wildcard lib/*/*.c)
TOOL_SOURCES := $(wildcard cmd/mq.c cmd/mq-*.c)
CMD_SOURCES := $(filter-out $(TOOL_SOURCES),$(wildcard cmd/*.c))
UNIT_SOURCES := $(wildcard t/unit/*.c)
HELPER_SOURCES := $(wildcard t/helper/*.c)
# Clients of others are measured where their library is there.
BENCH_SOURCES := $(filter-out $(if $(wildcard \
	/usr/include/librdkafka/rdkafka.h),,t/bench/kafka.c),$(wildcard t/bench/*.c))
FUZZ_SOURCES := $(filter-out %/replay.c,$(wildcard t/fuzz/*.c))

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
TOOLS := $(patsubst cmd/%.c,$(BUILD)/bin/%,$(TOOL_SOURCES))
UNITS := $(patsubst t/%.c,$(BUILD)/t/%,$(UNIT_SOURCES))
HELPERS := $(patsubst t/%.c,$(BUILD)/t/%,$(HELPER_SOURCES))
REFERENCES := $(patsubst t/%.c,$(BUILD)/t/%,$(BENCH_SOURCES))
FUZZERS := $(patsubst t/%.c,$(BUILD)/t/%,$(FUZZ_SOURCES))
REPLAYS := $(patsubst t/fuzz/%.c,$(BUILD)/t/unit/fuzz-%,$(FUZZ_SOURCES))

# Crashes and faults: a library that goes before the C library, the program
# that tries what a crash may leave, and short tools that are linked dynamically.
CRASH_RUN = full
FI := $(BUILD)/t/fi/libfi.so
CRASH := $(FI) $(BUILD)/t/crash/crash \
	$(patsubst $(BUILD)/%,$(BUILD)/t/crash/%,$(SHORT_TOOLS))
POWERCUT := $(BUILD)/t/fs/powercut
FAULTS := $(FI) $(BUILD)/t/faults/faults $(filter %/bin/mq-put %/bin/mq-get \
	%/bin/mq-ack,$(CRASH))
ARCHIVE := $(BUILD)/libmq.a
DAMAGE := $(BUILD)/t/damage/damage

# The fuzz target of all tools: their mains by other names, stopped where they
# would open a spool.
FUZZED_TOOLS := $(patsubst cmd/%.c,$(BUILD)/obj/t/fuzz/tools/%.o,$(TOOL_SOURCES))
FUZZED_WRAPS := malloc calloc realloc free state_reset spool_open \
	bench_processes_share group_view_list group_view_show state_delete_group \
	keeper_alter_group

# Fuzz targets whose inputs are files of a directory: what calls the C library on
# files calls the disk in memory of t/crash in its place.
FUZZED_ON_DISK := control segment index rows start
MEMORY := $(BUILD)/t/fuzz/memory
MEMORY_CALLS := $(call objects,$(wildcard t/crash/calls_*.c t/fuzz/memory/*.c))
MEMORY_DISK := $(MEMORY_CALLS) $(call objects,t/crash/disk.c t/crash/image.c \
	t/fi/trace.c)
SQLITE_ARCHIVE = $(shell $(CC) -print-file-name=libsqlite3.a)

.PHONY: all units harnesses fuzzers compiler
all: $(TOOLS)
harnesses: $(HELPERS) $(CRASH) $(POWERCUT) $(FAULTS) $(DAMAGE)
units: $(UNITS) $(REPLAYS) harnesses
fuzzers: $(FUZZERS)

$(ARCHIVE): $(call objects,$(LIB_SOURCES) $(CMD_SOURCES))
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/bin/%: $(BUILD)/obj/cmd/%.o $(ARCHIVE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(SHORT_TOOLS): ALL_LDFLAGS := $(if $(STATIC),$(STATIC_LDFLAGS),$(ALL_LDFLAGS))
$(BUILD)/bin/mq-put: LIBS := $(call archive,yaml)

$(FI): $(wildcard t/fi/*.[ch])
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -g -fPIC -shared -pthread $(WARNINGS) \
	-o $@ $(filter %.c,$^)

$(BUILD)/t/crash/crash: $(call objects,$(wildcard t/crash/*.c) t/fi/trace.c) $(ARCHIVE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(POWERCUT): $(call objects,$(wildcard t/fs/*.c)) $(ARCHIVE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/t/faults/faults: $(call objects,$(wildcard t/faults/*.c))
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^

$(DAMAGE): $(call objects,$(wildcard t/damage/*.c)) $(ARCHIVE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/t/crash/bin/%: $(BUILD)/obj/cmd/%.o $(ARCHIVE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/t/bench/kafka: LIBS += -lrdkafka
$(BUILD)/t/%: $(BUILD)/obj/t/%.o $(ARCHIVE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(ARCHIVE) $(LIBS)

$(MEMORY_DISK): ALL_CFLAGS += $(DISK_CFLAGS)
$(MEMORY)/names: $(MEMORY_CALLS)
	@mkdir -p $(@D)
	nm -g --defined-only -f posix $^ | awk '$$2 == "T" && \
	$$1 !~ /^(calls|disk|files)_|^plain$$/ { print $$1, "in_memory_" $$1 }' >$@
$(MEMORY)/%.a: $(MEMORY)/names $(ARCHIVE)
	objcopy --redefine-syms=$< $(if $(filter sqlite3,$*),$(SQLITE_ARCHIVE),$(ARCHIVE)) $@
$(MEMORY)/%.o: $(BUILD)/obj/t/fuzz/%.o $(MEMORY_DISK) $(MEMORY)/names
	ld -r -o $@ $(filter %.o,$^)
	objcopy --redefine-syms=$(MEMORY)/names $@
$(FUZZED_ON_DISK:%=$(BUILD)/t/fuzz/%): $(BUILD)/t/fuzz/%: $(MEMORY)/%.o \
		$(MEMORY)/mq.a $(MEMORY)/sqlite3.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call archive,yaml) -lm

# The corpus of each fuzz target once more, with the tests.
$(BUILD)/t/unit/fuzz-%: $(BUILD)/obj/t/fuzz/%.o $(BUILD)/obj/t/fuzz/replay.o $(ARCHIVE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(ARCHIVE) $(LIBS)

$(BUILD)/t/fuzz/tools $(BUILD)/t/unit/fuzz-tools: $(FUZZED_TOOLS)
$(BUILD)/t/fuzz/tools $(BUILD)/t/unit/fuzz-tools: \
	ALL_LDFLAGS += $(FUZZED_WRAPS:%=-Wl,--wrap=%)
$(BUILD)/obj/t/fuzz/tools/%.o: cmd/%.c | compiler
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes \
	-Dmain=$(subst -,_,$*)_main -MMD -MP -c -o $@ $<

$(BUILD)/obj/lib/%.o: ALL_CFLAGS += $(LIB_CFLAGS)
$(BUILD)/obj/%.o: %.c | compiler
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

compiler:
	@printf '#include <sqlite3.h>\n#include <yaml.h>\n' | \
	$(CC) -E - >/dev/null 2>&1 || { \
	echo "mq: $(CC), libsqlite3-dev or libyaml-dev is missing: try 'make setup'" >&2; \
	exit 1; }

.PHONY: setup demo test sanitize coverage fuzz crash conformance storm damage \
	mutants bench
setup:
	@share/setup/packages.sh build
demo: setup
	@$(MAKE) -j$$(nproc) --no-print-directory all
	@BUILD=$(BUILD) share/demo/demo.sh
test:
	@share/setup/packages.sh build test
	@$(MAKE) -j$$(nproc) --no-print-directory all units
	@MQ_BUILD=$(BUILD) t/run
sanitize:
	@ASAN_OPTIONS=abort_on_error=1:detect_leaks=1:verify_asan_link_order=0 MQ_SANITIZED=1 \
	UBSAN_OPTIONS=abort_on_error=1:print_stacktrace=1 \
	$(MAKE) --no-print-directory test BUILD=$(BUILD)/sanitize \
	CFLAGS='-O1 -g $(SANITIZE)' LDFLAGS='$(SANITIZE)'
# Only the library counts: what forks or is killed in the tests has no counts.
coverage:
	@share/setup/packages.sh build test
	@mkdir -p $(BUILD)/coverage
	@$(CC) $(ALL_CFLAGS) -c -o $(BUILD)/coverage/pause.o t/coverage/pause.c
	@$(MAKE) -j$$(nproc) --no-print-directory all units STATIC= \
	BUILD=$(BUILD)/coverage LIB_CFLAGS='-O0 --coverage' \
	LDFLAGS='--coverage $(BUILD)/coverage/pause.o'
	@MQ_BUILD=$(BUILD)/coverage t/coverage/run
# FUZZ_ENGINE=afl: the same entries, run by AFL++.
FUZZ_ENGINE = libfuzzer
FUZZ_BUILD = $(BUILD)/fuzz$(patsubst %,-%,$(filter-out libfuzzer,$(FUZZ_ENGINE)))
FUZZ_CC = $(if $(findstring afl,$(FUZZ_ENGINE)),afl-clang-fast,clang)
FUZZ_COVERAGE = $(if $(findstring afl,$(FUZZ_ENGINE)),,fuzzer-no-link,)
FUZZ_PARTS = $(FUZZ_BUILD)$(if $(findstring afl,$(FUZZ_ENGINE)),, \
	$(FUZZ_BUILD)/plain)
.PHONY: $(FUZZ_PARTS)
fuzz: $(FUZZ_PARTS)
	@MQ_BUILD=$(FUZZ_BUILD) FUZZ_ENGINE=$(FUZZ_ENGINE) t/fuzz/run
$(FUZZ_BUILD):
	@share/setup/packages.sh build fuzz
	@$(MAKE) -j$$(nproc) --no-print-directory fuzzers BUILD=$@ \
	CC=$(FUZZ_CC) LDFLAGS='-fsanitize=fuzzer,address,undefined' CFLAGS='-O1 -g \
	-fsanitize=$(FUZZ_COVERAGE)address,undefined -fno-sanitize-recover=all' \
	DISK_CFLAGS='-O2 -fno-sanitize=all'
$(FUZZ_BUILD)/plain: $(FUZZ_BUILD)
	@$(MAKE) -j$$(nproc) --no-print-directory fuzzers BUILD=$@ \
	CC=$(FUZZ_CC) LDFLAGS='-fsanitize=fuzzer,undefined' CFLAGS='-O2 -g \
	-fsanitize=undefined -fno-sanitize-recover=all \
	-fsanitize-coverage=inline-8bit-counters,pc-table' \
	DISK_CFLAGS='-O2 -fno-sanitize=all \
	-fno-sanitize-coverage=inline-8bit-counters,pc-table'
crash:
	@share/setup/packages.sh build
	@$(MAKE) -j$$(nproc) --no-print-directory all units
	@export MQ_BUILD=$(BUILD); pids=; status=0; \
	for run in t/crash/run t/fs/run t/faults/run t/faults/alloc; do \
	[ ! -x $$run ] || { $$run $(CRASH_RUN) & pids="$$pids $$!"; }; done; \
	for pid in $$pids; do wait $$pid || status=1; done; exit $$status
conformance:
	@share/setup/packages.sh build test conformance
	@$(MAKE) -j$$(nproc) --no-print-directory all
	@MQ_BUILD=$(BUILD) t/conformance/run $(CLIENTS)
storm:
	@share/setup/packages.sh build
	@$(MAKE) -j$$(nproc) --no-print-directory all units
	@MQ_BUILD=$(BUILD) t/storm/run
damage:
	@share/setup/packages.sh build
	@$(MAKE) -j$$(nproc) --no-print-directory $(DAMAGE)
	@MQ_BUILD=$(BUILD) t/damage/run full
mutants:
	@share/setup/packages.sh build test
	@$(MAKE) -j$$(nproc) --no-print-directory all units
	@MQ_BUILD=$(BUILD) t/mutants/run
bench:
	@share/setup/packages.sh build bench
	@$(MAKE) -j$$(nproc) --no-print-directory all $(REFERENCES)
	@BUILD=$(BUILD) t/bench/run
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all

.PHONY: install uninstall clean help
SHARE = $(DESTDIR)$(PREFIX)/share
SYSTEMD = $(DESTDIR)$(PREFIX)/lib/systemd/system
install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install $(TOOLS) $(DESTDIR)$(PREFIX)/bin
	for s in 1 5 7; do install -d $(SHARE)/man/man$$s && \
	install -m 644 share/man/*.$$s $(SHARE)/man/man$$s || exit; done
	install -D -m 644 completions/_mq $(SHARE)/zsh/site-functions/_mq
	install -d $(SYSTEMD)
	for u in share/systemd/*; do sed 's,/usr/local/bin,$(PREFIX)/bin,' $$u \
	>$(SYSTEMD)/$${u##*/} || exit; done
	for t in $(notdir $(TOOLS)); do \
	install -D -m 644 completions/mq.bash $(SHARE)/bash-completion/completions/$$t && \
	install -D -m 644 completions/mq.fish $(SHARE)/fish/vendor_completions.d/$$t.fish \
	|| exit; done
uninstall:
	for t in $(notdir $(TOOLS)); do rm -f $(DESTDIR)$(PREFIX)/bin/$$t \
	$(SHARE)/bash-completion/completions/$$t \
	$(SHARE)/fish/vendor_completions.d/$$t.fish; done
	for m in share/man/*; do rm -f $(SHARE)/man/man$${m##*.}/$${m##*/}; done
	rm -f $(SHARE)/zsh/site-functions/_mq
	for u in share/systemd/*; do rm -f $(SYSTEMD)/$${u##*/}; done
clean:
	rm -rf $(BUILD)
help:
	@sed -n 's/^#   make/make/p' Makefile

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
