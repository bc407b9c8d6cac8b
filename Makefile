# Everything there is to build, run and check. `make help` lists the targets, `make V=1` shows the commands.

VERSION := 0.1.0
VARIANT ?= release
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
PKG_CONFIG ?= pkg-config

# CFLAGS, LDFLAGS and CC are the user's; what a variant is made of is not, so that no setting can take it away.
CFLAGS_release := -O3 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS_clang   := -O0
CFLAGS_asan    := -O1 -g1
CFLAGS_tsan    := -O1 -g1
CFLAGS_fuzz    := -O1 -g
INSTRUMENT_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
INSTRUMENT_fuzz := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DLIBFUZZER
# Ways through the core are looked for, as fast as can be; not those through sinks, and what the reference decoder does
# is only compared.
build/fuzz/dbn/%.o: INSTRUMENT_fuzz += -O2
build/fuzz/harness/sinks/%.o: INSTRUMENT_fuzz := -fsanitize=address -DLIBFUZZER -O2
build/fuzz/harness/reference/%.o: INSTRUMENT_fuzz := -DLIBFUZZER -O2
INSTRUMENT_tsan := -fsanitize=thread -fno-omit-frame-pointer
ifeq ($(CFLAGS_$(VARIANT)),)
$(error VARIANT is one of: release clang asan tsan fuzz)
endif
CFLAGS ?= $(CFLAGS_$(VARIANT))
OBJCOPY ?= objcopy
ifneq ($(filter clang fuzz,$(VARIANT)),)
override CC := clang
endif
ifeq ($(origin CXX),default)
CXX := $(if $(findstring clang,$(CC)),clang++,g++)
endif

OUT := build$(if $(filter-out release,$(VARIANT)),/$(VARIANT))
BIN := $(OUT)/dbnbench

# What pkg-config says, or what is common: it may be missing, and before set-up the libraries are as well.
LIBRARIES := libzstd jansson smartcols
LIBRARY_LIBS  := $(or $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null),-lzstd -ljansson -lsmartcols)
LIBRARY_FLAGS := $(or $(shell $(PKG_CONFIG) --cflags $(LIBRARIES) 2>/dev/null),-I/usr/include/libsmartcols)
# Used if they are there; `make HAVE_LIBPFM= HAVE_LIBURING=` does without.
HAVE_LIBPFM ?= $(shell printf '\043include <perfmon/pfmlib_perf_event.h>\n' | $(CC) -E - >/dev/null 2>&1 && echo 1)
HAVE_LIBPFM := $(HAVE_LIBPFM)
HAVE_LIBURING ?= $(shell printf '\043include <liburing.h>\n' | $(CC) -E - >/dev/null 2>&1 && echo 1)
HAVE_LIBURING := $(HAVE_LIBURING)
OPTIONAL_LIBS := $(if $(HAVE_LIBPFM),-lpfm) $(if $(HAVE_LIBURING),-luring)

# Texts for people are cut by snprintf() on purpose; gcc minds, depending on how much it inlines. A small stack has to
# do where the compiler optimizes, and nothing else takes room on it.
WARNINGS := -Wall -Wextra -Wshadow -Wconversion \
    $(if $(INSTRUMENT_$(VARIANT)),,$(if $(filter -O1 -O2 -O3,$(CFLAGS)),-Wframe-larger-than=16384)) \
    $(if $(findstring clang,$(CC)),-Wno-enum-float-conversion,-Wno-format-truncation)
COMPILE = $(CC) -std=c11 -D_GNU_SOURCE $(if $(HAVE_LIBPFM),-DHAVE_LIBPFM) \
    $(if $(HAVE_LIBURING),-DHAVE_LIBURING) $(LIBRARY_FLAGS) $(CPPFLAGS) $(WARNINGS) \
    $(CFLAGS) $(INSTRUMENT_$(VARIANT)) -fPIE -pthread
LINK = $(CC) $(CFLAGS) $(INSTRUMENT_$(VARIANT)) -pie -pthread -Wl,-z,relro,-z,now $(LDFLAGS)

# A backend from outside the tree: `make EXTRA_BACKENDS=/path/NAME.c` builds it and names it in the list.
FOLDERS := dbn inflate backends datasets $(filter-out harness/gbench,$(patsubst %/,%,$(wildcard harness/*/)))
SOURCES := $(sort $(wildcard $(FOLDERS:=/*.c)))
EXTRA   := $(patsubst %.c,$(OUT)/extra/%.o,$(notdir $(EXTRA_BACKENDS)))
OBJECTS := $(SOURCES:%.c=$(OUT)/%.o) $(EXTRA)
# The library is the core, three backends, and a reader on top of them.
LIBDBN_SOURCES := $(filter-out dbn/split.c,$(filter dbn/% inflate/%,$(SOURCES))) \
    $(patsubst %,backends/%.c,buffered cut file inflate mirror mmap) lib/reader.c
LIBDBN_HEADERS := $(filter-out dbn/refill.h dbn/split.h dbn/tables.h dbn/zstd_frames.h,$(wildcard dbn/*.h dbn/*.def)) \
    lib/reader.h
LIBDBN_OBJECTS := $(LIBDBN_SOURCES:%.c=$(OUT)/pic/%.o)
SONAME := libdbn.so.$(firstword $(subst ., ,$(VERSION)))
# Which tests the one program of the tests in C is to have.
UNITS ?= $(patsubst tests/%.c,%,$(sort $(wildcard tests/unit/*.c tests/fuzz/*.c))) planted
FUZZERS      := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
TEST_UNITS   := $(OUT)/tests/units
TEST_SUPPORT := $(patsubst %.c,$(OUT)/%.o,$(filter-out %/planted.c,$(wildcard tests/*.c)) lib/reader.c)
TEST_OBJECTS := $(UNITS:%=$(OUT)/tests/%.o) $(TEST_SUPPORT)
GBENCH  := $(OUT)/dbnbench-gbench
GBENCH_OBJECTS := $(patsubst %,$(OUT)/%.o,$(basename $(sort $(wildcard harness/gbench/*.c harness/gbench/*.cc))))

# Only the files that speak of the version depend on it, so that a commit does not rebuild everything.
REVISION  := $(if $(wildcard .git),$(shell git describe --always --dirty 2>/dev/null))
VERSIONED := $(shell grep -lsE 'DBNBENCH_(VERSION|CFLAGS)' $(SOURCES))

Q := $(if $(V),,@)
# For who wants to measure, building is one line that changes on a terminal, and says nothing elsewhere.
MEASURES := $(filter bench bench-quick datasets scaling phases micro hyperfine bench-decoders plots gate,$(MAKECMDGOALS))
say = $(if $(V),,@$(if $(MEASURES),! [ -t 1 ] || printf '\r\033[K  %-5s %s$(if $(filter LINK,$(1)),\r\033[K)',printf '  %-5s %s\n') $(1) $(2))
quote = '$(subst ','\'',$(1))'

# One job a processor, unless the caller says otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all programs lib bench bench-quick datasets scaling phases micro hyperfine decoders bench-decoders plots \
        gate gbench-if-possible test test-all test-quick fuzz mutants golden lint format doctor install uninstall clean \
        distclean help probe FORCE

all: $(BIN)	## build build/dbnbench (VARIANT=asan, tsan or clang: build/VARIANT/dbnbench)
programs: $(BIN) $(TEST_UNITS)

# --- building ---

# Before anything is compiled: is there what it needs? Targets that set up may install it, the others only say so.
build/libraries.ok: setup.sh
	@mkdir -p $(@D)
	@CC=$(call quote,$(CC)) ./setup.sh $(if $(MEASURES),build,check)
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
$(eval $(call remember,$(OUT)/test-list,$(UNITS)))

compile = $(COMPILE) $(TUNE) $(if $(WERROR),-Werror) $(DEFINES) -MMD -MP -c -o $@ $<

# Tests are many and run once: they are to compile fast.
$(OUT)/tests/%.o: TUNE = $(if $(filter release,$(VARIANT)),-O1,-O0) -g1 -Wno-frame-larger-than

$(OUT)/%.o: %.c $(OUT)/flags | build/libraries.ok
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(compile)

# The library's objects are others than the program's, which are as fast as they can be.
$(OUT)/pic/%.o: TUNE = -fPIC -fvisibility=hidden -fno-lto
$(OUT)/pic/%.o: %.c $(OUT)/flags | build/libraries.ok
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(compile)

# Vectors of three widths, all inlined: a minute of compiling if every step of them is checked for undefined behaviour.
$(OUT)/harness/sinks/columns_simd.o: INSTRUMENT_asan := -fsanitize=address -fno-omit-frame-pointer
$(OUT)/harness/sinks/columns_simd.o: INSTRUMENT_tsan :=

define extra_backend
$(OUT)/extra/$(basename $(notdir $(1))).o: $(1) $(OUT)/flags $(OUT)/extra-backends | build/libraries.ok
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

$(OUT)/harness/analysis/phases.o: docs/claims/roadmap.json
# What these take into the program.
$(OUT)/harness/foreign/skeleton.o: $(wildcard decoders/skeletons/*/*)
# The page's policy knows its script by a digest.
$(addprefix $(OUT)/harness/view/,figures.o page.o): $(wildcard plots/*.gp plots/*.css plots/*.js)
$(OUT)/harness/view/page.o: DEFINES = \
    -DPAGE_SCRIPT_DIGEST='"$(shell sha256sum plots/page.js | cut -c 1-64 | tr a-f A-F | basenc -d --base16 | base64)"'

$(BIN): $(OBJECTS)
$(TEST_UNITS): $(TEST_OBJECTS) $(filter-out %/harness/cli/main.o,$(OBJECTS)) $(OUT)/test-list
build/fuzz/fuzz-%: build/fuzz/tests/fuzz/%.o $(TEST_SUPPORT) $(filter-out %/harness/cli/main.o,$(OBJECTS))
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LDLIBS) $(LIBRARY_LIBS) $(OPTIONAL_LIBS) -lm

$(BIN) $(TEST_UNITS) $(GBENCH):
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(MORE_LIBS) $(LDLIBS) $(LIBRARY_LIBS) $(OPTIONAL_LIBS) -lm

lib: $(OUT)/libdbn.a $(OUT)/libdbn.so	## build the core as a library, build/libdbn.a and build/libdbn.so

# One object, in which names that are not exported are local.
$(OUT)/libdbn.a: $(LIBDBN_OBJECTS)
	$(call say,AR,$@)
	$(Q)$(LD) -r -o $(OUT)/libdbn.o $^
	$(Q)$(OBJCOPY) --localize-hidden $(OUT)/libdbn.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(OUT)/libdbn.o

# It stays where it is once it is loaded, since the handler of a signal is in it.
$(OUT)/libdbn.so: $(LIBDBN_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(INSTRUMENT_$(VARIANT)) -shared -Wl,-soname,$(SONAME),-z,nodelete,-z,relro,-z,now $(LDFLAGS) \
	    -o $@ $^ $(or $(shell $(PKG_CONFIG) --libs libzstd 2>/dev/null),-lzstd) -pthread
	$(Q)ln -sf $(@F) $(OUT)/$(SONAME)

# The only C++, and only for `make micro`.
CXXFLAGS ?= $(CFLAGS_$(VARIANT))
COMPILE_CXX = $(CXX) $(CPPFLAGS) $(WARNINGS) $(CXXFLAGS) $(INSTRUMENT_$(VARIANT)) -fPIE -pthread
$(eval $(call remember,$(OUT)/flags-cxx,$$(COMPILE_CXX)))
$(OUT)/harness/gbench/shim.o: harness/gbench/shim.cc $(OUT)/flags-cxx
	@mkdir -p $(@D)
	$(call say,CXX,$@)
	$(Q)$(COMPILE_CXX) $(shell $(PKG_CONFIG) --cflags benchmark 2>/dev/null) $(if $(WERROR),-Werror) -MMD -MP -c -o $@ $<

$(GBENCH): $(GBENCH_OBJECTS) $(filter-out %/harness/cli/main.o,$(OBJECTS))
$(GBENCH): MORE_LIBS = $(or $(shell $(PKG_CONFIG) --libs benchmark 2>/dev/null),-lbenchmark) -lstdc++

# For its tests, which are skipped where it cannot be built.
gbench-if-possible: $(BIN)
	+@if NO_INSTALL=1 CC=$(call quote,$(CC)) CXX=$(call quote,$(CXX)) ./setup.sh micro >/dev/null 2>&1; \
	    then $(MAKE) --no-print-directory $(GBENCH); else rm -f $(GBENCH); fi

-include $(wildcard $(OUT)/*/*.d $(OUT)/harness/*/*.d $(OUT)/tests/*/*.d $(OUT)/pic/*/*.d)

# Can this variant be built and started here? The test runner asks; says nothing and fails if not.
probe:
	@mkdir -p $(OUT)
	@echo 'int main(void) { return 0; }' | $(LINK) -x c -o $(OUT)/probe - && $(OUT)/probe

# --- measuring ---

comma := ,
RUN_OPTIONS = $(strip $(if $(BACKENDS),-b $(BACKENDS)) $(if $(SINKS),-s $(SINKS)) $(if $(SAMPLES),--samples $(SAMPLES)))
generate = @$(BIN) gen --dataset $(1) --dir datasets/data

bench: datasets	## measure everything, in 2 minutes; BACKENDS=a,b DATASETS=a,b SINKS=a,b SAMPLES=N narrow it down
	@$(BIN) run -d $(or $(DATASETS),bench) $(RUN_OPTIONS)

bench-quick: $(BIN)	## the same on small files: a minute or two
	$(call generate,quick)
	@$(BIN) run -d $(or $(DATASETS),quick) $(RUN_OPTIONS)

datasets: $(BIN)	## generate the files that `make bench` reads, in datasets/data
	$(call generate,bench)

scaling: $(BIN)	## how it scales over threads, files and shards: 5 minutes (BACKENDS= DATASETS= SINKS= SAMPLES= as for bench)
	$(call generate,bench)
	$(call generate,parts)
	$(call generate,frames)
	$(BIN) scale $(if $(DATASETS),-d $(DATASETS)) $(RUN_OPTIONS)

phases: $(BIN)	## each step of the optimization roadmap against its promise: 3 minutes (CHAIN=FILE DATASETS= SAMPLES=)
	$(call generate,trades-quick)
	$(call generate,mbo-quick)
	$(call generate,shapes)
	$(call generate,parts)
	$(BIN) phases $(if $(value CHAIN),--chain $(call quote,$(value CHAIN))) $(if $(DATASETS),-d $(DATASETS)) \
	    $(if $(SAMPLES),--samples $(SAMPLES))

micro:	## backends and the decoder alone by Google Benchmark: 5 minutes (FILTER=REGEX; MICRO="any flags of its")
	@CC=$(call quote,$(CC)) CXX=$(call quote,$(CXX)) ./setup.sh micro
	+@$(MAKE) --no-print-directory $(BIN) $(GBENCH)
	$(call generate,quick)
	@mkdir -p results
	$(GBENCH) --benchmark_out=results/micro-$$(date -u +%Y%m%dT%H%M%SZ)-$$$$.json --benchmark_out_format=json \
	    --benchmark_filter=$(call quote,$(or $(value FILTER),/(none|touch|frame|sum|fields|rows)/)) $(MICRO)

hyperfine:	## external timing, of whole processes: 2 minutes (FILE=any.dbn BACKENDS=a,b SINKS=a SAMPLES=N)
	@CC=$(call quote,$(CC)) ./setup.sh hyperfine
	+@$(MAKE) --no-print-directory $(BIN)
	$(if $(value FILE),,$(call generate,trades-quick))
	@harness/hyperfine.sh $(BIN) $(call quote,$(or $(value FILE),datasets/data/trades-quick.dbn)) \
	    '$(SINKS)' '$(BACKENDS)' '$(SAMPLES)'

gate:	## is this tree as good as BASE=REVISION (default origin/main)? 3 minutes; GATE="any options of dbnbench gate"
	@CC=$(call quote,$(CC)) ./setup.sh build >&2
	+@CC=$(call quote,$(CC)) CFLAGS=$(call quote,$(CFLAGS)) VARIANT=$(VARIANT) \
	    harness/gate.sh $(call quote,$(MAKE)) $(call quote,$(or $(value BASE),origin/main)) $(GATE)

decoders: $(BIN)	## build the decoders of others in decoders/, each as its decoder.json says (DECODERS="dbn ...")
	$(BIN) decoders build $(DECODERS)

# Every decoder has a row: what cannot run says why.
bench-decoders: $(BIN)	## how fast those are, beside our backends: five minutes (BACKENDS= DATASETS= SAMPLES= as for bench)
	$(call generate,quick)
	$(call generate,mbp-10)
	$(BIN) run -s sum -t 1,2 --samples $(or $(SAMPLES),7) --time 0 \
	    -d $(or $(DATASETS),trades-quick$(comma)mbo-quick$(comma)mbp-10$(comma)mixed-quick$(comma)trades-quick-zst) \
	    -b $(or $(BACKENDS),syscall$(comma)syscall-record$(comma)buffered$(comma)mmap$(comma)pipeline$(comma)inflate$(shell printf ',decoder:%s' $(notdir $(patsubst %/decoder.json,%,$(wildcard decoders/*/decoder.json))))) \
	    || [ $$? = 5 ]

plots:	## pictures and a page of your newest run, or of RUN=FILE, in plots/out
	@CC=$(call quote,$(CC)) ./setup.sh plots
	+@$(MAKE) --no-print-directory $(BIN)
	$(BIN) report -o plots/out $(if $(value RUN),-- $(call quote,$(value RUN)))
results/%.svg: results/%.jsonl $(BIN)
	$(BIN) report -o build/picture $<
	cp build/picture/speed-1.svg $@

# --- checking ---

RUN_TESTS = MAKE=$(call quote,$(MAKE)) V=$(V) TESTS=$(call quote,$(TESTS)) VECTORS=$(call quote,$(VECTORS))

test:	## everything: all variants, commands, lint (TESTS=PATTERN: only those; V=1: name passed cases too)
	@CC=$(call quote,$(CC)) ./setup.sh test
	+@$(RUN_TESTS) tests/run.sh

test-all:	## the same, and what takes an hour or needs more than `make test` installs
	@CC=$(call quote,$(CC)) ./setup.sh all
	+@$(RUN_TESTS) ALL=1 tests/run.sh

test-quick:	## the release build, without slow scripts, and lint
	@CC=$(call quote,$(CC)) ./setup.sh build
	+@$(RUN_TESTS) VARIANTS=release QUICK=1 tests/run.sh

fuzz:	## look for bytes that break something, by clang's libFuzzer: SECONDS=60 for each target, FUZZ="target ..."
	@CC=clang ./setup.sh fuzz
	+@$(MAKE) --no-print-directory VARIANT=fuzz $(addprefix build/fuzz/fuzz-,$(or $(FUZZ),$(FUZZERS)))
	@for f in $(or $(FUZZ),$(FUZZERS)); do \
	    corpus=$$(sed -n 's/^FUZZ(.*"\(.*\)".*/\1/p' tests/fuzz/$$f.c); mkdir -p build/fuzz/found/$$f; \
	    build/fuzz/fuzz-$$f -max_len=4000 -max_total_time=$(or $(SECONDS),60) -artifact_prefix=build/fuzz/found/$$f- \
	        build/fuzz/found/$$f tests/fuzz/corpus/$$corpus || exit 1; done

mutants:	## plant MUTANTS=300 one-line defects, one at a time, and count how many the tests find: hours; SEED=1
	@tests/mutants.py --mutants $(or $(MUTANTS),300) --seed $(or $(SEED),1)
golden: $(BIN)	## write tests/golden anew: what reading commands print for stored runs, to be read before it is committed
	@tests/golden.sh --update

lint:	## the rules of the house: who includes whom, who prints, layout of the text
	@tests/lint.sh

format:	## let clang-format lay out every C file
	$(or $(shell command -v clang-format-14),clang-format) -i $(wildcard $(addsuffix /*.[ch],$(FOLDERS) lib docs harness/gbench tests tests/abi tests/unit tests/fuzz))

doctor:	## which libraries and tools are here, and what the absence of the others costs
	@CC=$(call quote,$(CC)) ./setup.sh doctor

# --- installing ---

under = $(call quote,$(DESTDIR)$(1))
INSTALLED_HEADERS = $(PREFIX)/include/dbnbench
INSTALLED_DECODERS = $(PREFIX)/share/dbnbench/decoders
DECODER_FILES := $(shell cd decoders && find * ! -path 'skeletons/*' ! -path '*/build/*' ! -path '*/__pycache__/*' -path '*/*' -type f)
INSTALLED = $(PREFIX)/bin/dbnbench $(patsubst %,$(PREFIX)/share/man/%,man1/dbnbench.1 man3/libdbn.3) \
    $(addprefix $(LIBDIR)/,libdbn.a libdbn.so.$(VERSION) $(SONAME) libdbn.so pkgconfig/libdbn.pc) \
    $(addprefix $(INSTALLED_HEADERS)/,$(notdir $(LIBDBN_HEADERS)) dbnbench_plugin.h) \
    $(addprefix $(INSTALLED_DECODERS)/,$(DECODER_FILES))

install: $(BIN) lib	## the program, decoders to build, the library and manual pages, to $(DESTDIR)$(PREFIX) and $(DESTDIR)$(LIBDIR)
	install -D -m 755 $(BIN) $(call under,$(PREFIX)/bin/dbnbench)
	install -D -m 644 docs/dbnbench.1 $(call under,$(PREFIX)/share/man/man1/dbnbench.1)
	install -D -m 644 docs/libdbn.3 $(call under,$(PREFIX)/share/man/man3/libdbn.3)
	install -D -m 644 $(OUT)/libdbn.a $(call under,$(LIBDIR)/libdbn.a)
	install -m 755 $(OUT)/libdbn.so $(call under,$(LIBDIR)/libdbn.so.$(VERSION))
	ln -sf libdbn.so.$(VERSION) $(call under,$(LIBDIR)/$(SONAME))
	ln -sf $(SONAME) $(call under,$(LIBDIR)/libdbn.so)
	install -D -m 644 lib/libdbn.pc.in $(call under,$(LIBDIR)/pkgconfig/libdbn.pc)
	sed -i 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' $(call under,$(LIBDIR)/pkgconfig/libdbn.pc)
	install -d -m 755 $(call under,$(INSTALLED_HEADERS))
	install -m 644 $(LIBDBN_HEADERS) decoders/dbnbench_plugin.h $(call under,$(INSTALLED_HEADERS))
	sed -i 's|"../dbn/|"|' $(call under,$(INSTALLED_HEADERS)/reader.h)
	for f in $(DECODER_FILES); do install -D -m 644 decoders/$$f $(call under,$(INSTALLED_DECODERS))/$$f || exit 1; done

uninstall:	## take them away again
	rm -f $(foreach file,$(INSTALLED),$(call under,$(file)))
	! [ -d $(call under,$(INSTALLED_HEADERS)) ] || rmdir --ignore-fail-on-non-empty $(call under,$(INSTALLED_HEADERS))
	! [ -d $(call under,$(INSTALLED_DECODERS)) ] || find $(call under,$(dir $(INSTALLED_DECODERS))) -depth -type d -empty -delete

clean:	## remove build/
	rm -rf build

distclean: clean	## remove generated data as well; results stay
	rm -rf datasets/data

help:	## this list
	@sed -n 's/^\([a-z-]*\):[^#]*	## \(.*\)/\1	\2/p' Makefile | while IFS='	' read -r target what; do \
	    printf '  %-12s %s\n' "$$target" "$$what"; done
