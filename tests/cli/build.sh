#!/usr/bin/env bash
# Guards the Makefile and setup.sh: what is rebuilt, what is installed, what is said if it is missing. (release only, slow)
. "$(dirname "$0")/lib.sh"

# What `make` would compile or link, if FILE had just changed. Files that remember a text are taken to be as they are.
rebuilt()
{
    local file remembered=()
    for file in build/flags build/version build/extra-backends; do
        [ "$file" = "$1" ] || remembered+=(-o "$file")
    done
    make -C "$TOP" -n "${remembered[@]}" -W "$1" all |
        sed -n "s/^printf '  %-5s %s.n' [A-Z]* build.//p" | sort | tr '\n' ' '
}

test_help_lists_every_target()
{
    local target
    run make -C "$TOP" -s help
    expect_status 0
    for target in all bench bench-quick datasets test test-quick lint format doctor install uninstall clean \
        distclean help; do
        expect_out "^  $target +[a-z]"
    done
}

test_nothing_is_rebuilt_in_vain() { expect_equal "$(rebuilt README.md)" ""; }
test_def_files_are_dependencies() { [[ $(rebuilt dbn/records.def) == *dbn/record.o* ]]; }
test_headers_are_dependencies() { [[ $(rebuilt backends/backend.h) == *backends/mmap.o* ]]; }

test_version_rebuilds_what_speaks_of_it()
{
    local files
    files=$(rebuilt build/version)
    [[ $files == *harness/cli/main.o* ]] || fail "main.o is not rebuilt"
    [ "$(wc -w <<<"$files")" -le 4 ] || fail "rebuilt: $files"
}

# outside NAME LOST: a backend outside the tree, which loses that many bytes of each span.
outside()
{
    cat >"$1.c" <<END
/* buffered, under another name */
#include "backend.h"
extern const struct backend backend_buffered;
static int open_(const struct backend_input *in, void **self) { return backend_buffered.open(in, self); }
static int next_(void *self, size_t need, struct dbn_span *out)
{
    int rc = backend_buffered.next(self, need, out);
    out->len -= rc > 0 ? $2 : 0;
    return rc;
}
static int close_(void *self, struct backend_counts *counts) { return backend_buffered.close(self, counts); }
const struct backend backend_$1 = {.name = "$1", .summary = "planted", .open = open_, .next = next_, .close = close_};
END
}

test_backends_from_outside_the_tree()
{
    outside honest 0
    outside liar 4
    mkdir out
    cp -a "$BUILD"/{dbn,inflate,backends,datasets,harness,flags,version} out # so that little is left to compile
    sed -i "s|^build/|$PWD/out/|" out/*/*.d
    make -C "$TOP" OUT="$PWD/out" EXTRA_BACKENDS="$PWD/honest.c $PWD/liar.c" >make.log 2>&1 ||
        fail "$(tail -n 1 make.log)"
    run out/dbnbench list backends
    expect_out '^ *honest +planted'
    out/dbnbench gen --schema trades --records 100 -o trades.dbn
    run out/dbnbench verify -b honest trades.dbn
    expect_status 0
    run out/dbnbench verify -b liar trades.dbn
    expect_status 4
}

test_missing_libraries_are_named()
{
    run env NO_INSTALL=1 CC=/nonexistent "$TOP/setup.sh" build
    expect_status 1
    expect_err 'missing:.* compiler.* jansson'
    expect_err 'apt-get install .*gcc libc6-dev .*libjansson-dev'
}

test_missing_tools_of_tests_are_no_obstacle()
{
    local tool
    mkdir bin
    for tool in sh mktemp rm cat id find cc as ld pkg-config; do
        ln -s "$(command -v $tool || echo /nonexistent)" bin/$tool
    done
    run env PATH="$PWD/bin" NO_INSTALL=1 "$TOP/setup.sh" test
    expect_status 0
    expect_out 'missing:.* jq.*; their tests will be skipped'
}

test_doctor_names_every_library()
{
    local what
    run "$TOP/setup.sh" doctor
    expect_status 0
    for what in compiler libzstd jansson libsmartcols xxhash; do expect_out "^build +$what +found"; done
    for what in libpfm4 liburing benchmark gnuplot hyperfine valgrind strace clang chromium python3 libfuzzer; do
        expect_out " $what +(found|missing)"
    done
}

run_cases "$@"
