#!/usr/bin/env bash
# Guards plug-ins: what is built against their header alone is measured, and whatever goes wrong in one costs a row.
# (release only)
. "$(dirname "$0")/lib.sh"
PLUGINS=$TOP/tests/cli/plugins

# build NAME.so SOURCE [FLAG...]: with the header and nothing else of the tree.
build()
{
    [ -e dbnbench_plugin.h ] || cp "$TOP/decoders/dbnbench_plugin.h" .
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -I. -fPIC -shared -pthread -o "$1" "$PLUGINS/$2" "${@:3}"
}

gen() { "$DBNBENCH" gen "$@" >/dev/null; }

# What is in the file, for plug-ins that are to say it. jq would round the numbers.
found()
{
    "$DBNBENCH" decode --json "$1" | grep -oE '"(records|ts_event|price|size)": -?[0-9]+' | tr a-z A-Z |
        sed 's/"\(.*\)": \(.*\)/-D\1=\2LL/'
}

# row FILTER EXPECTED: of the sample of the plug-in, there is but one.
row()
{
    local got
    got=$(jq -c 'select(.type == "sample" and .backend != "mmap") | '"$1" results.jsonl | sort)
    [ "$got" = "$2" ] || depth=2 fail "'$got' is not '$2'"
}

nothing_is_left()
{
    local left
    left=$(grep -lzxFe "$PWD/results.jsonl" /proc/[0-9]*/cmdline 2>/dev/null || true)
    [ -z "$left" ] || depth=2 fail "processes are left: $left"
}

# goes_wrong OUTCOME REASON STATUS NAME [FLAG...]: the hostile plug-in of that name, in run and in verify.
goes_wrong()
{
    build "$4.so" hostile.c "-D$4" "${@:5}"
    rm -f results.jsonl
    run "$DBNBENCH" run -b "mmap,./$4.so" -s sum --samples 2 --no-limits --timeout 5 --memory-limit 256M \
        -o "$PWD/results.jsonl" a.dbn
    expect_status "$3"
    expect_out "^$1: a.dbn $4.so sum: .*$2"
    row '[.outcome, .wall_ns, .cpu_ns, .tally_records]' "[\"$1\",null,null,null]"
    expect_equal "$(jq -c 'select(.type == "sample" and .backend == "mmap") | .outcome' results.jsonl | sort -u)" '"ok"'
    nothing_is_left
    run "$DBNBENCH" verify -b "mmap,./$4.so" --timeout 5 --memory-limit 256M a.dbn
    expect_status "$3"
    expect_err "^dbnbench: a.dbn: backend $4.so, sink [a-z]+, [13] threads: .*$2"
}

test_in_c_and_in_cxx()
{
    local schema
    need jq
    build c.so decodes.c
    ${CXX:-c++} -std=c++17 -O1 -Wall -Wextra -Werror -I. -fPIC -shared -x c++ -o cxx.so "$PLUGINS/decodes.c"
    for schema in trades mbo mbp-10 ohlcv-1s mixed; do gen --schema $schema --records 500 -o $schema.dbn; done
    run "$DBNBENCH" verify -b ./c.so,./cxx.so ./*.dbn
    expect_status 0
    expect_equal "$(out | grep -c 'ok, 500 records, all of: c.so cxx.so agree$')" 5
    run "$DBNBENCH" run -b mmap,./c.so,./cxx.so -s sum --samples 1 --no-limits -o results.jsonl trades.dbn
    expect_status 0
    rows
    expect_out '^c.so +plug-in '
    expect_equal "$(jq -c 'select(.type == "sample") | [.decoder, .backend, .outcome, .tally_records]' results.jsonl | sort)" \
        '["c.so","plug-in","ok",500]
["cxx.so","plug-in","ok",500]
[null,"mmap","ok",500]'
}

test_what_is_stored_of_one()
{
    need jq sha256sum
    build c.so decodes.c -Wl,--build-id=0x0123456789abcdef
    gen --schema trades --records 500 -o a.dbn
    run "$DBNBENCH" run -b mmap,./c.so -s sum --samples 1 --no-limits -o results.jsonl a.dbn
    expect_status 0
    expect_equal "$(jq -c 'select(.type == "run") | .decoders[] | [.name, .kind, .version, .does, .path, .sha256, .build_id]' \
        results.jsonl)" "[\"c.so\",\"plug-in that decodes\",\"1.2.3\",\"in place\",\"$PWD/c.so\",\"$(sha256sum c.so |
        cut -c -64)\",\"0123456789abcdef\"]"
    # What nobody counted is no count.
    row '[.reads, .bytes_read, .other_calls, .copied, .work_ns, .tally_bytes, .tally_digest]' \
        '[null,null,null,null,null,null,null]'
    row '[.cpu_ns, .minor_faults, .syscr] | map(type) | unique' '["number"]'
}

test_files_that_it_cannot_read()
{
    need jq
    build c.so decodes.c
    gen --schema trades --records 500 --zstd 1 -o a.dbn.zst
    run "$DBNBENCH" run -b mmap,./c.so -s sum,rows --samples 1 --no-limits -o results.jsonl a.dbn.zst
    expect_status 0
    expect_out '^unavailable: a.dbn.zst c.so sum: it reads no compressed files$'
    expect_out '^note: c.so with rows is left out: it has no such sink$'
    row '[.outcome, .sink]' '["unavailable","sum"]'
    run "$DBNBENCH" run -b ./c.so -s sum --samples 1 --no-limits -o alone.jsonl a.dbn.zst
    expect_status 5
    gen --schema trades --records 500 -o a.dbn
    truncate -s -1 a.dbn
    run "$DBNBENCH" verify -b ./c.so a.dbn # it reads beyond the end
    expect_status 4
    expect_err '^dbnbench: a.dbn: backend c.so, sink sum, 1 threads: it finds nothing wrong with a bad file$'
}

test_what_one_says_of_itself()
{
    local found
    need jq
    gen --schema trades --records 500 -o a.dbn
    build one.so decodes.c
    build more.so decodes.c -DFLAGS=DBNBENCH_THREADS
    run "$DBNBENCH" run -b ./one.so,./more.so -s sum -t 1,2 --samples 1 --no-limits -o results.jsonl a.dbn
    expect_status 0
    expect_out 'decoders that take no number of threads, only with 1$'
    row '[.decoder, .threads]' '["more.so",1]
["more.so",2]
["one.so",1]'
    mapfile -t found < <(found a.dbn)
    build keeps.so hostile.c -DLEAVES_A_THREAD -DSAYS_THAT_IT_KEEPS_THREADS "${found[@]}"
    run "$DBNBENCH" verify -b ./keeps.so a.dbn
    expect_status 0
}

test_hostile_to_the_harness()
{
    need jq
    gen --schema trades --records 500 -o a.dbn
    goes_wrong failed 'no hook decode\(\)$' 5 NO_HOOKS
    goes_wrong failed 'no hook next\(\)$' 5 NO_NEXT -DLENDS
    goes_wrong failed 'the struct of the plug-in has 16 bytes instead of' 5 SHORT_STRUCT
    goes_wrong failed 'of version 77 of the interface, and only 1 is known$' 5 WRONG_ABI
    goes_wrong failed 'of kind 9, which is not known$' 5 OTHER_KIND
    goes_wrong failed 'does not run with version 1 of the interface$' 5 REFUSES
    goes_wrong failed 'loading it: Segmentation fault \(SIGSEGV\)$' 5 BREAKS_WHEN_LOADED
}

test_hostile_in_a_decode()
{
    local found
    need jq
    gen --schema trades --records 500 -o a.dbn
    mapfile -t found < <(found a.dbn)
    goes_wrong mismatch '1 records instead of 500$' 4 TOO_FEW_RECORDS
    goes_wrong mismatch '18446744073709551615 records instead of 500$' 4 TOO_MANY_RECORDS
    goes_wrong mismatch 'sum of price is 12 instead of -?[0-9]+$' 4 WRONG_SUMS "${found[@]}"
    goes_wrong timed-out 'no result within 5 s$' 5 SLEEPS
    goes_wrong failed 'no result: the process just ended$' 5 EXITS
    goes_wrong failed 'no result: the process just ended$' 5 WRITES_ANYWHERE_AND_EXITS
    goes_wrong mismatch '1 records instead of 500$' 4 WRITES_ANYWHERE
    goes_wrong crashed 'Aborted \(SIGABRT\)$' 5 ABORTS
    goes_wrong crashed 'Segmentation fault \(SIGSEGV\)$' 5 CRASHES
    goes_wrong failed 'the plug-in left 1 threads running$' 5 LEAVES_A_THREAD "${found[@]}"
    goes_wrong failed 'the plug-in left processes running$' 5 LEAVES_A_PROCESS "${found[@]}"
    goes_wrong timed-out 'no result within 5 s$' 5 HIDES_A_PROCESS
    goes_wrong failed 'no result: the process just ended$' 5 LEAVES_ONE_AND_EXITS
    goes_wrong crashed 'Segmentation fault \(SIGSEGV\)$' 5 LEAVES_ONE_AND_CRASHES
    goes_wrong failed 'more memory than --memory-limit allows$' 5 TAKES_MEMORY
    goes_wrong failed 'a.dbn: x{200,}$' 5 FAILS
}

test_hostile_in_what_it_lends()
{
    need jq
    gen --schema trades --records 500 -o a.dbn
    goes_wrong mismatch 'BAD_SPAN' 4 SPAN_BEHIND_THE_END -DLENDS
    goes_wrong mismatch 'BAD_SPAN' 4 SPAN_TWICE -DLENDS
    goes_wrong mismatch 'BAD_SPAN' 4 SPAN_OF_NOTHING -DLENDS
    goes_wrong mismatch 'EMPTY|TRUNCATED_HEADER' 4 LENDS_NOTHING -DLENDS
    goes_wrong crashed 'Segmentation fault \(SIGSEGV\)$' 5 SPAN_OF_NO_MEMORY -DLENDS
    goes_wrong failed 'IO_ERROR' 5 ODD_ERROR -DLENDS
}

# As it was built once: it may never be refused. `make_abi_1` is how.
make_abi_1()
{
    cc -std=c11 -Os -s -fPIC -shared -fno-asynchronous-unwind-tables -Wl,-z,noseparate-code,--build-id -I"$TOP/decoders" \
        -o "$PLUGINS/abi-1-$1.so" "$PLUGINS/abi-1.c" "-D$1"
}
test_plugins_of_abi_1_load_for_ever()
{
    local kind
    [ "$(uname -m)" = x86_64 ] || skip "they were built for x86-64"
    gen --schema mixed --records 500 -o a.dbn
    for kind in lends decodes; do
        run "$DBNBENCH" verify -b "$PLUGINS/abi-1-$kind.so" a.dbn
        expect_status 0
        expect_out "^a.dbn: ok, 500 records, all of: abi-1-$kind.so agree$"
        run "$DBNBENCH" run -b "$PLUGINS/abi-1-$kind.so" -s sum --samples 1 --no-limits -o results.jsonl a.dbn
        expect_status 0
    done
}

# The tree's own backend, behind the interface.
build_mmap()
{
    (cd "$TOP" && ${CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -fPIC -shared -pthread -o "$OLDPWD/mapped.so" \
        tests/cli/plugins/mmap.c backends/{mmap,file}.c dbn/*.c -lzstd)
}

test_a_lender_is_a_backend_like_any_other()
{
    need jq
    build_mmap
    gen --schema mixed --records 3000 -o a.dbn
    gen --schema trades --records 3000 --zstd 1 --frames 5 -o a.dbn.zst
    run "$DBNBENCH" verify -b mmap,./mapped.so a.dbn a.dbn.zst
    expect_status 0
    expect_equal "$(out | grep -c 'all of: mmap mapped.so agree$')" 2
    run "$DBNBENCH" run -b mmap,./mapped.so -s sum,rows --samples 1 -o results.jsonl --syscalls a.dbn
    expect_status 0
    expect_equal "$(jq -c 'select(.type == "sample") | [.decoder, .backend, .sink, .reads, .tally_digest]' \
        results.jsonl | sed 's/mapped.so/mmap/' | sort | uniq -c | awk '{ print $1 }' | sort -u)" 2
    run "$DBNBENCH" scale -b ./mapped.so -t 1,2 --samples 1 --records 1000 -o results.jsonl a.dbn
    expect_status 0
    expect_out '^a.dbn +mapped.so +sum +2 '
    run "$DBNBENCH" gate --exact --no-instructions -b ./mapped.so -f a.dbn "$DBNBENCH" "$DBNBENCH"
    expect_status 0
    expect_out '^ok +a.dbn/mapped.so/sum/threads:1$'
    run "$DBNBENCH" decode --json -b ./mapped.so a.dbn
    expect_equal "$(out | jq -c '[.records, .digest]')" "$("$DBNBENCH" decode --json a.dbn | jq -c '[.records, .digest]')"
}

# instructions BACKEND: of 200000 records, by callgrind, of the process that took most.
instructions()
{
    local n end before=0 now
    for n in 10000 210000; do
        end=$(($(stat -c %s a.dbn) - (210000 - n) * 48))
        now=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$DBNBENCH" decode -b "$1" --end $end a.dbn 2>&1 |
            sed -n 's/.*Collected : //p' | sort -n | tail -n 1)
        [ $n = 10000 ] || echo $((now - before))
        before=$now
    done
}

test_mmap_takes_no_more_instructions_as_a_plugin()
{
    local own as_plugin
    need valgrind
    build_mmap
    gen --schema trades --records 210000 -o a.dbn
    own=$(instructions mmap) as_plugin=$(instructions ./mapped.so)
    [ $((1000 * as_plugin)) -le $((1001 * own)) ] && [ $((1000 * as_plugin)) -ge $((999 * own)) ] ||
        fail "200000 records take $as_plugin instructions instead of $own"
}

test_names()
{
    build c.so decodes.c
    mkdir other && cp c.so other
    gen --schema trades --records 500 -o a.dbn
    run "$DBNBENCH" run -b c.so a.dbn
    expect_status 2
    expect_err "^dbnbench run: --backend: 'c.so': a plug-in is named by its path: ./c.so$"
    run "$DBNBENCH" run -b ./none.so a.dbn
    expect_status 2
    expect_err '^dbnbench run: --backend: ./none.so: No such file or directory$'
    run "$DBNBENCH" run -b ./c.so,other/c.so a.dbn
    expect_status 2
    expect_err '^dbnbench run: --backend: two plug-ins are called c.so, and tables could not tell them apart$'
    echo text >text.so
    run "$DBNBENCH" verify -b ./text.so a.dbn
    expect_status 5
    expect_err '^dbnbench: a.dbn: backend text.so, sink frame, 1 threads: it cannot be loaded: .*text.so: '
}

test_commands_about_the_core_refuse_other_decoders()
{
    local command
    build c.so decodes.c
    gen --schema trades --records 500 -o a.dbn
    for command in scale profile; do
        run "$DBNBENCH" $command -b ./c.so a.dbn
        expect_status 2
        expect_err "^dbnbench $command: c.so decodes by itself, and this command is about the core"
    done
    run "$DBNBENCH" gate -b ./c.so -f a.dbn "$DBNBENCH" "$DBNBENCH"
    expect_status 2
    expect_err '^dbnbench: -b ./c.so: c.so decodes by itself, and this command is about the core'
    run "$DBNBENCH" decode --end 1000 -b ./c.so a.dbn
    expect_status 2
    run "$DBNBENCH" decode -b ./c.so a.dbn
    expect_status 0
    expect_out '^500 records, sum of ts_event -?[0-9]+, sum of price [0-9]+, sum of size [0-9]+$'
}

run_cases "$@"
