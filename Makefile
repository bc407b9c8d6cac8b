# Everything there is to build, run and check. `make help` lists the targets, `make V=1` shows the commands.

VERSION := 0.1.0
VARIANT ?= release
PREFIX  ?= /usr/local
PKG_CONFIG ?= pkg-config

# CFLAGS, LDFLAGS and CC are the user's; what a variant is made of is not, so that no setting can take it away.
CFLAGS_release := -O3 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS_clang   := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS_asan    := -O1 -g
CFLAGS_tsan    := -O1 -g
INSTRUMENT_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
INSTRUMENT_tsan := -fsanitize=thread -fno-omit-frame-pointer
ifeq ($(CFLAGS_$(VARIANT)),)
$(error VARIANT is one of: release clang asan tsan)
endif
CFLAGS ?= $(CFLAGS_$(VARIANT))
ifeq ($(VARIANT),clang)
override CC := clang
endif

OUT := build$(if $(filter-out release,$(VARIANT)),/$(VARIANT))
BIN := $(OUT)/dbnbench

# What pkg-config says, or what is common: it may be missing, and before set-up the libraries are as well.
LIBRARIES := libzstd jansson smartcols
LIBRARY_LIBS  := $(or $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null),-lzstd -ljansson -lsmartcols)
LIBRARY_FLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBRARIES) libxxhash 2>/dev/null)
# Used if it is there; `make HAVE_LIBPFM=` does without.
HAVE_LIBPFM ?= $(shell printf '\043include <perfmon/pfmlib_perf_event.h>\n' | $(CC) -E - >/dev/null 2>&1 && echo 1)
HAVE_LIBPFM := $(HAVE_LIBPFM)

# Texts for people are cut by snprintf() on purpose; gcc minds, depending on how much it inlines.
WARNINGS := -Wall -Wextra -Wshadow -Wconversion $(if $(findstring clang,$(CC)),,-Wno-format-truncation)
COMPILE = $(CC) -std=c11 -D_GNU_SOURCE $(if $(HAVE_LIBPFM),-DHAVE_LIBPFM) $(LIBRARY_FLAGS) $(CPPFLAGS) $(WARNINGS) \
    $(CFLAGS) $(INSTRUMENT_$(VARIANT)) -fPIE -pthread
LINK = $(CC) $(CFLAGS) $(INSTRUMENT_$(VARIANT)) -pie -pthread -Wl,-z,relro,-z,now $(LDFLAGS)

# A backend from outside the tree: `make EXTRA_BACKENDS=/path/NAME.c` builds it and names it in the list.
SOURCES := $(sort $(wildcard dbn/*.c backends/*.c datasets/*.c harness/*.c))
EXTRA   := $(patsubst %.c,$(OUT)/extra/%.o,$(notdir $(EXTRA_BACKENDS)))
OBJECTS := $(SOURCES:%.c=$(OUT)/%.o) $(EXTRA)
TEST_PROGRAMS := $(patsubst %.c,$(OUT)/%,$(sort $(wildcard tests/test_*.c)))
TEST_SUPPORT  := $(patsubst %.c,$(OUT)/%.o,$(filter-out tests/planted.c tests/test_%,$(sort $(wildcard tests/*.c))))
PLANTED := $(OUT)/tests/planted

# Only the files that speak of the version depend on it, so that a commit does not rebuild everything.
REVISION  := $(if $(wildcard .git),$(shell git describe --always --dirty 2>/dev/null))
VERSIONED := $(shell grep -ls DBNBENCH_ $(SOURCES))

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))
quote = '$(subst ','\'',$(1))'

# One job a processor, unless the caller says otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all programs bench bench-quick datasets test test-quick lint format doctor install uninstall clean distclean \
        help probe FORCE

all: $(BIN)	## build build/dbnbench (VARIANT=asan, tsan or clang: build/VARIANT/dbnbench)
programs: $(BIN) $(TEST_PROGRAMS) $(PLANTED)

# --- building ---

# Before anything is compiled: is there what it needs? Targets that set up may install it, the others only say so.
MAY_INSTALL := $(filter bench bench-quick datasets,$(MAKECMDGOALS))
build/libraries.ok: setup.sh
	@mkdir -p $(@D)
	@CC=$(call quote,$(CC)) ./setup.sh $(if $(MAY_INSTALL),build,check)
	@touch $@

# A file that gets a new date only when its text changes: what depends on it is rebuilt then.
define remember
$(1): FORCE
	@mkdir -p $$(@D)
	@printf '%s\n' $$(call quote,$(2)) | cmp -s - $$@ || printf '%s\n' $$(call quote,$(2)) >$$@
endef
$(eval $(call remember,$(OUT)/flags,$$(COMPILE) $$(LDFLAGS)))
$(eval $(call remember,$(OUT)/version,$(VERSION)$(addprefix +,$(REVISION))))
$(eval $(call remember,$(OUT)/extra-backends,$(EXTRA_BACKENDS)))

compile = $(COMPILE) $(if $(WERROR),-Werror) $(DEFINES) -MMD -MP -c -o $@ $<

$(OUT)/%.o: %.c $(OUT)/flags | build/libraries.ok
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(compile)

define extra_backend
$(OUT)/extra/$(basename $(notdir $(1))).o: $(1) $(OUT)/flags | build/libraries.ok
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$(Q)$$(compile) -Ibackends
endef
$(foreach file,$(EXTRA_BACKENDS),$(eval $(call extra_backend,$(file))))

$(OUT)/backends/list.o: $(OUT)/extra-backends
$(OUT)/backends/list.o: DEFINES = $(if $(EXTRA),-DEXTRA_BACKENDS='$(EXTRA:$(OUT)/extra/%.o=BACKEND(%))')
$(VERSIONED:%.c=$(OUT)/%.o): $(OUT)/version
$(VERSIONED:%.c=$(OUT)/%.o): DEFINES = -DDBNBENCH_VERSION='"$(VERSION)$(addprefix +,$(REVISION))"' \
    -DDBNBENCH_CFLAGS='"$(subst ",,$(strip $(CFLAGS) $(INSTRUMENT_$(VARIANT))))"'

$(BIN): $(OBJECTS)
$(TEST_PROGRAMS): $(OUT)/%: $(OUT)/%.o $(TEST_SUPPORT) $(filter-out %/harness/main.o,$(OBJECTS))
$(PLANTED): $(PLANTED).o $(OUT)/tests/runner.o
$(BIN) $(TEST_PROGRAMS) $(PLANTED):
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS) $(LIBRARY_LIBS) $(if $(HAVE_LIBPFM),-lpfm) -lm

-include $(wildcard $(OUT)/*/*.d)

# Can this variant be built and started here? The test runner asks; says nothing and fails if not.
probe:
	@mkdir -p $(OUT)
	@echo 'int main(void) { return 0; }' | $(LINK) -x c -o $(OUT)/probe - && $(OUT)/probe

# --- measuring ---

comma := ,
RUN_OPTIONS = $(if $(BACKENDS),-b $(BACKENDS)) $(if $(SINKS),-s $(SINKS)) $(if $(SAMPLES),--samples $(SAMPLES))
generate = $(BIN) gen --dataset $(1) --dir datasets/data

bench: datasets	## measure everything; BACKENDS=a,b DATASETS=a,b SINKS=a,b SAMPLES=N narrow it down
	$(BIN) run -d $(or $(DATASETS),bench) $(RUN_OPTIONS)

bench-quick: $(BIN)	## the same on small files, with few samples: a minute
	$(call generate,quick)
	$(BIN) run -d $(or $(DATASETS),quick) $(RUN_OPTIONS)

datasets: $(BIN)	## generate the files that `make bench` reads, in datasets/data
	$(call generate,bench)

# --- checking ---

test:	## everything: all variants, commands, lint (TESTS=PATTERN: only those; V=1: name passed cases too)
	@CC=$(call quote,$(CC)) ./setup.sh test
	+@MAKE=$(call quote,$(MAKE)) V=$(V) TESTS=$(call quote,$(TESTS)) tests/run.sh

test-quick:	## the release build and lint only
	@CC=$(call quote,$(CC)) ./setup.sh build
	+@MAKE=$(call quote,$(MAKE)) V=$(V) TESTS=$(call quote,$(TESTS)) VARIANTS=release tests/run.sh

lint:	## the rules of the house: who includes whom, who prints, layout of the text
	@tests/lint.sh

format:	## let clang-format lay out every C file
	clang-format -i $(wildcard dbn/*.[ch] backends/*.[ch] datasets/*.[ch] harness/*.[ch] tests/*.[ch])

doctor:	## which libraries and tools are here, and what the absence of the others costs
	@CC=$(call quote,$(CC)) ./setup.sh doctor

# --- installing ---

install: $(BIN)	## the program and its manual page, to $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/dbnbench
	install -D -m 644 docs/dbnbench.1 $(DESTDIR)$(PREFIX)/share/man/man1/dbnbench.1

uninstall:	## take them away again
	rm -f $(DESTDIR)$(PREFIX)/bin/dbnbench $(DESTDIR)$(PREFIX)/share/man/man1/dbnbench.1

clean:	## remove build/
	rm -rf build

distclean: clean	## remove generated data as well; results stay
	rm -rf datasets/data

help:	## this list
	@sed -n 's/^\([a-z-]*\):[^#]*	## \(.*\)/\1	\2/p' Makefile | while IFS='	' read -r target what; do \
	    printf '  %-12s %s\n' "$$target" "$$what"; done
