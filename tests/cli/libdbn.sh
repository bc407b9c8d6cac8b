#!/usr/bin/env bash
# Guards the library as others meet it: installed, found by pkg-config, used from C and C++. What programs that were
# built before rely on is in tests/abi; `ABI_UPDATE=1 tests/cli/libdbn.sh` writes that anew. (release only)
. "$(dirname "$0")/lib.sh"

abi=$TOP/tests/abi
strict=(-Wall -Wextra -Wpedantic -Wconversion -Werror)

make_here() { make -C "$TOP" -s -o build/dbnbench -o build/libdbn.a -o build/libdbn.so "$@"; }

# stage: installs below ./root, and lets pkg-config know.
stage()
{
    need pkg-config
    [ -e "$BUILD/libdbn.so" ] || skip "make lib was not called"
    make_here install DESTDIR="$PWD/root" PREFIX=/usr >/dev/null
    lib=$PWD/root/usr/lib include=$PWD/root/usr/include/dbnbench
    export PKG_CONFIG_PATH=$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$PWD/root
}

# expect_abi NAME: ./NAME is what it was.
expect_abi()
{
    [ -z "${ABI_UPDATE:-}" ] || cp "$1" "$abi/$1"
    diff "$abi/$1" "$1" || fail "the binary interface changed: new programs and old ones differ in $1"
}

exported() { nm -g --defined-only "$@" | awk 'NF == 3 { print $3 }' | sort; }

test_only_our_names_are_exported()
{
    need nm
    stage
    sed 's/.*[ *]\(dbn_[a-z_]*\) (.*/\1/' "$abi/functions.txt" | sort >names
    [ "$(wc -l <names)" -ge 30 ] || fail "hardly any functions"
    exported "$lib/libdbn.a" | diff names - || fail "libdbn.a exports other names"
    exported -D "$lib/libdbn.so" | diff names - || fail "libdbn.so exports other names"
    ! grep -vE '^dbn_' names || fail "a name that is not ours"
}

test_functions_are_as_they_were()
{
    need gcc
    stage
    printf '#include <dbnbench/%s.h>\n' encode inflate reader >all.c
    # shellcheck disable=SC2046 # several words
    gcc -std=c11 -fsyntax-only -aux-info prototypes $(pkg-config --cflags libdbn) all.c
    sed -n 's/^.*extern \(.*\bdbn_.*;\)$/\1/p' prototypes | sort -u >functions.txt
    expect_abi functions.txt
}

test_layouts_are_as_they_were()
{
    need cc
    stage
    # shellcheck disable=SC2046
    cc -std=c11 $(pkg-config --cflags libdbn) "$abi/layout.c" -o layout
    ./layout >layout.txt
    expect_abi layout.txt
    local name
    for name in $(sed -n 's/^struct \(DBN_ANYWHERE \)\?\(dbn_[a-z_]*\) {.*/\2/p' "$include"/*.h); do
        grep -q "^struct $name:" layout.txt || fail "nothing about struct $name"
    done
}

test_abidiff_finds_no_difference()
{
    need abidiff gzip
    stage
    make -C "$TOP" -s lib OUT="$PWD/out" CFLAGS='-O0 -g' >/dev/null
    [ -z "${ABI_UPDATE:-}" ] || abidw --no-comp-dir-path --no-corpus-path out/libdbn.so | gzip -9n >"$abi/libdbn.xml.gz"
    gzip -dc "$abi/libdbn.xml.gz" >before.xml
    printf '[suppress_type]\nname = dbn_zstd\n' >private
    run abidiff --suppressions private before.xml out/libdbn.so
    [ "$status" -eq 0 ] || fail "abidiff: exit status $status"
}

# builds COMPILER... -- OPTION...: the example, with the shared and the static library, and compares what they print.
builds()
{
    local compiler=()
    while [ "$1" != -- ]; do compiler+=("$1") && shift; done
    shift
    # shellcheck disable=SC2046
    "${compiler[@]}" "$@" "${strict[@]}" "$TOP/docs/vwap.c" $(pkg-config --cflags --libs libdbn) -o shared
    # shellcheck disable=SC2046
    "${compiler[@]}" "$@" "${strict[@]}" "$TOP/docs/vwap.c" \
        $(pkg-config --cflags --static --libs libdbn | sed 's/-ldbn/-l:libdbn.a/') -o static
    run env LD_LIBRARY_PATH="$lib" ./shared a.dbn a.dbn.zst
    expect_status 0
    expect_equal "$(out)" "$printed"
    run ./static a.dbn a.dbn.zst
    expect_status 0
    expect_equal "$(out)" "$printed"
}

test_the_example_in_c_and_cplusplus()
{
    need jq
    stage
    "$DBNBENCH" gen --schema trades --records 1000 -o a.dbn
    "$DBNBENCH" gen --schema trades --records 1000 --zstd 3 -o a.dbn.zst
    local compiler facts volume average
    facts=$("$DBNBENCH" info --json a.dbn)
    volume=$(jq .size_sum <<<"$facts")
    average=$("$DBNBENCH" cat --json a.dbn 2>/dev/null | jq -s '[.[] | .price * .size] | add' |
        awk -v volume="$volume" '{ printf "%.4f", $1 / volume / 1e9 }')
    printed=$(for file in a.dbn a.dbn.zst; do
        echo "$file: $(jq -r .dataset <<<"$facts"), trades, $(jq .symbols_count <<<"$facts") symbols, 1000 records"
        echo "  1000 trades of $volume, at $average on average"
    done)
    for compiler in gcc clang; do
        ! command -v "$compiler" >/dev/null || builds "$compiler" -std=c11 -- -O2
    done
    for compiler in g++ clang++; do
        ! command -v "$compiler" >/dev/null || builds "$compiler" -x c++ -- -O2 -std=c++11
        ! command -v "$compiler" >/dev/null || builds "$compiler" -x c++ -- -O2 -std=c++17
    done
}

test_the_example_names_what_is_wrong()
{
    need cc
    stage
    # shellcheck disable=SC2046
    cc "$TOP/docs/vwap.c" $(pkg-config --cflags --static --libs libdbn | sed 's/-ldbn/-l:libdbn.a/') -o vwap
    "$DBNBENCH" gen --schema trades --records 10 -o a.dbn
    truncate -s -1 a.dbn
    run ./vwap a.dbn
    expect_status 1
    expect_err '^a.dbn: at byte [0-9]+ of the stream: the file ends inside a record \(TRUNCATED_RECORD\)$'
}

# instructions COMMAND...: by valgrind, of which all but the records' are the same for both files.
instructions()
{
    local file counts=()
    for file in short.dbn long.dbn; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" "$file" >log 2>&1
        counts+=("$(sed -n 's/.*Collected : //p' log)")
    done
    echo "$((counts[1] - counts[0]))"
}

# A program's loop over runs may cost 2 % more than the sink that does the same.
test_runs_are_as_cheap_as_a_sink()
{
    need valgrind cc
    stage
    grep -qe ' -O3 ' "$BUILD/flags" || skip "not built with -O3"
    cat >sum.c <<'EOF'
#include <dbnbench/reader.h>
#include <inttypes.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct dbn_reader *r;
    struct dbn_records run;
    uint64_t ts_event = 0, price = 0, size = 0;
    int rc = dbn_reader_open(argv[argc - 1], DBN_READER_MAP, &r);
    while (rc >= 0 && (rc = dbn_reader_next_run(r, &run)) > 0)
        for (const uint8_t *p = run.first; run.layout == DBN_LAYOUT_trade && p < run.end; p += run.size) {
            const struct dbn_trade *t = DBN_AS(trade, p);
            ts_event += t->hd.ts_event, price += (uint64_t)t->price, size += t->size;
        }
    printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", ts_event, price, size);
    return dbn_reader_close(r) < 0;
}
EOF
    # shellcheck disable=SC2046
    cc -std=c11 -O2 "${strict[@]}" sum.c $(pkg-config --cflags --libs libdbn) -Wl,-rpath,"$lib" -o sum
    "$DBNBENCH" gen --schema trades --records 1000 -o short.dbn
    "$DBNBENCH" gen --schema trades --records 101000 -o long.dbn
    local ours theirs
    ours=$(instructions ./sum) theirs=$(instructions "$DBNBENCH" decode -b mmap -s sum)
    [ "$theirs" -gt 100000 ] || fail "$theirs instructions for 100000 records"
    [ $((ours * 100)) -le $((theirs * 102)) ] || fail "$ours instructions instead of $theirs"
}

test_examples_of_the_manual_page()
{
    need cc c++
    stage
    {
        printf '#include <dbnbench/reader.h>\n#include <stdio.h>\nint main(void)\n{\n'
        awk '/^\.SH/ { on = /EXAMPLES/ } /^\.fi/ { in_code = 0 } on && in_code; /^\.nf/ { in_code = 1 }' "$TOP/docs/libdbn.3" |
            sed 's/\\-/-/g; s/\\\\/\\/g'
        echo '}'
    } >all.c
    [ "$(wc -l <all.c)" -ge 30 ] || fail "hardly any examples"
    cp all.c all.cc
    # shellcheck disable=SC2046
    cc -std=c11 "${strict[@]}" -fsyntax-only $(pkg-config --cflags libdbn) all.c
    # shellcheck disable=SC2046
    c++ -std=c++11 "${strict[@]}" -fsyntax-only $(pkg-config --cflags libdbn) all.cc
}

# Even to whoever looks for headers in our folder itself.
test_headers_stand_alone_and_in_nobodys_way()
{
    need cc c++
    stage
    local header
    for header in "$include"/*.h; do
        printf '#include "%s"\n#include <zstd.h>\nunsigned (*f)(void) = ZSTD_versionNumber;\n' "${header##*/}" >a.c
        cc -std=c11 "${strict[@]}" -I"$include" -c a.c -o a.o
        cp a.c a.cc
        c++ -std=c++11 "${strict[@]}" -I"$include" -c a.cc -o a.o
        [ ! -e "/usr/include/${header##*/}" ] || fail "${header##*/} has the name of another"
    done
}

test_version()
{
    need readelf
    stage
    local version
    version=$(sed -n 's/^VERSION := //p' "$TOP/Makefile")
    expect_equal "$(pkg-config --modversion libdbn)" "$version"
    expect_equal "$(readelf -d "$lib/libdbn.so" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')" "libdbn.so.${version%%.*}"
    expect_equal "$(readlink -f "$lib/libdbn.so")" "$lib/libdbn.so.$version"
    cmp "$lib/libdbn.so.${version%%.*}" "$lib/libdbn.so.$version"
}

run_cases "$@"
