# mq: a message queue that is a directory.
#
#   make            build every tool into build/bin
#   make demo       install what is missing, build, run the main job
#   make test       install what is missing, build, run every test
#   make sanitize   the whole suite under ASan and UBSan
#   make bench      measure, as ratios within one run
#   make install    PREFIX=/usr/local DESTDIR=
#   make help       this list

PREFIX ?= /usr/local
BUILD ?= build
CC = gcc
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Ilib -fPIE -fstack-protector-strong \
	-pthread $(WARNINGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed -pthread $(LDFLAGS)

# libyaml is linked statically where its archive is there: a put reads one
# small file with it and should not pay for a shared library.
YAML := $(if $(wildcard /usr/lib/*/libyaml.a /usr/lib/libyaml.a),-l:libyaml.a,-lyaml)
LIBS = $(YAML) -lsqlite3 -lm

LIB_SOURCES := $(wildcard lib/*/*.c)
TOOL_SOURCES := $(wildcard cmd/mq*.c)
CMD_SOURCES := $(filter-out $(TOOL_SOURCES),$(wildcard cmd/*.c))
UNIT_SOURCES := $(wildcard t/unit/*.c)
HELPER_SOURCES := $(wildcard t/helper/*.c)

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
TOOLS := $(patsubst cmd/%.c,$(BUILD)/bin/%,$(TOOL_SOURCES))
UNITS := $(patsubst t/unit/%.c,$(BUILD)/t/unit/%,$(UNIT_SOURCES))
HELPERS := $(patsubst t/helper/%.c,$(BUILD)/t/helper/%,$(HELPER_SOURCES))
ARCHIVE := $(BUILD)/libmq.a

.PHONY: all
all: $(TOOLS)

$(ARCHIVE): $(call objects,$(LIB_SOURCES) $(CMD_SOURCES))
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/bin/%: $(BUILD)/obj/cmd/%.o $(ARCHIVE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/t/%: $(BUILD)/obj/t/%.o $(ARCHIVE)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

.PHONY: units
units: $(UNITS)

.PHONY: clean help
clean:
	rm -rf $(BUILD)
help:
	@sed -n 's/^#   make/make/p' Makefile

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
