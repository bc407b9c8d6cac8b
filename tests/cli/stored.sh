#!/usr/bin/env bash
# Guards what stored runs mean: cases are told apart, a run speaks for itself, nothing is believed. (release only, slow)
. "$(dirname "$0")/lib.sh"
scale=$TOP/results/example-scale.jsonl
profile=$TOP/results/example-profile.jsonl

# lines FILTER FILE: each line through jq.
lines() { need jq && jq -c "$1" "$2"; }

test_a_run_is_comparable_with_itself()
{
    for file in "$TOP"/results/example*.jsonl; do
        run "$DBNBENCH" compare --json "$file" "$file"
        expect_status 0
        need jq
        expect_equal "$(jq -c '[.cases[].verdict] | unique - ["no difference seen", "too few samples", "failed"]' \
            "$AROUND/out")" '[]'
        expect_equal "$(jq '[.cases[] | select(.verdict == "failed")] | length' "$AROUND/out")" \
            "$(lines 'select(.outcome and .outcome != "ok") | [.dataset, .decoder]' "$file" | sort -u | wc -l)"
    done
}

# Lengths of one file once shared a key, so a change in them was invisible.
test_cases_that_differ_in_length_are_compared_each()
{
    local short='.type == "sample" and .threads == 1 and .files == 1 and .split == 1 and .prefix > 0'
    lines "if $short then .wall_ns *= 3 else . end" "$scale" >slower.jsonl
    slowed=$(lines "select($short) | .place" "$scale" | sort -u | wc -l)
    run "$DBNBENCH" compare --json "$scale" slower.jsonl
    expect_status 0
    expect_equal "$(jq '[.cases[] | select(.verdict == "slower")] | length' "$AROUND/out")" "$slowed"
}

test_cases_can_be_told_apart()
{
    need jq
    run "$DBNBENCH" compare --json "$scale" "$scale"
    expect_status 0
    expect_equal "$(jq '[.cases[] | {dataset, backend, sink, threads, files, split, block, cache, requested}]
        | length - (unique | length)' "$AROUND/out")" 0
}

test_two_cases_under_one_key_are_refused()
{
    lines 'if .type == "sample" and .place == 1 then .place = 0 else . end' "$TOP/results/example.jsonl" >clash.jsonl
    for command in "report --text" "compare clash.jsonl"; do
        run "$DBNBENCH" $command clash.jsonl
        expect_status 5
        expect_err 'cannot be told apart: '
    done
}

# It once was a speed run under any other name of the program.
test_the_name_of_the_program_is_no_kind()
{
    for file in "$scale" "$profile"; do
        lines 'if .type == "run" then .command[0] = "x" else . end' "$file" >renamed.jsonl
        run "$DBNBENCH" report --text "$file"
        expect_status 0
        grep -v '^x \|command' "$AROUND/out" >expected || true
        sed -i 's/dbnbench \(scale\|profile\)/x/' expected
        run "$DBNBENCH" report --text renamed.jsonl
        expect_status 0
        expect_equal "$(sed 's/dbnbench \(scale\|profile\)/x/; s/renamed.jsonl//' "$AROUND/out" | grep -v '^x ')" \
            "$(sed "s#$file##" expected)"
    done
}

# The share of calls was computed as of another kind of reader, without a word.
test_an_unknown_backend_of_an_old_run_is_not_guessed()
{
    sed 's/"backend":"syscall"/"backend":"somebody"/' "$profile" >renamed.jsonl
    run "$DBNBENCH" report --text renamed.jsonl
    expect_status 0
    expect_out '^somebody on trades could not be taken apart: the run does not say how it reads\.$'
    ! grep -E 'somebody +calls' "$AROUND/out" || fail "a share of another kind of reader"
}

test_a_run_carries_what_its_backends_are()
{
    need jq
    run "$DBNBENCH" gen --schema trades --records 3000 -o t.dbn
    expect_status 0
    run "$DBNBENCH" profile --samples 3 -b syscall,mmap -o p.jsonl t.dbn
    expect_status 0
    expect_equal "$(head -n 1 p.jsonl | jq -r '.kind, .backends.syscall.asks, .backends.mmap.mapped')" \
        $'profile\nfields\ntrue'
    sed 's/"syscall\(["/]\)/"another\1/g' p.jsonl >renamed.jsonl
    run "$DBNBENCH" report --text p.jsonl
    expect_status 0
    sed 's/syscall/another/g; s/  */ /g; s/--*/-/g' "$AROUND/out" >expected
    run "$DBNBENCH" report --text renamed.jsonl
    expect_status 0
    diff <(sed 's/syscall/another/g; s/renamed.jsonl/p.jsonl/g; s/  */ /g; s/--*/-/g' "$AROUND/out") expected
}

test_the_fields_are_documented()
{
    run "$DBNBENCH" list fields
    expect_status 0
    expect_equal "$(sed -n '/^| line | key /,$p' "$TOP/results/README.md")" "$(out)"
}

# Arrays were sized by the number of a round.
test_no_memory_is_sized_by_a_file()
{
    for file in "$scale" "$profile" "$TOP/results/example-phases.jsonl"; do
        for round in 9007199254740990 10000000; do
            sed "0,/\"type\":\"sample\"/s/\"round\":[0-9]*/\"round\":$round/; s/\"rounds\":[0-9]*/\"rounds\":$((round + 1))/
                " "$file" >huge.jsonl
            for command in "report --text huge.jsonl" "compare huge.jsonl huge.jsonl"; do
                run bash -c 'ulimit -v 1000000; exec "$0" "$@"' "$DBNBENCH" $command
                expect_status 0
            done
        done
    done
}

# A round that the run does not have.
test_a_round_that_cannot_be()
{
    local round
    for round in 9223372036854775807 10000000 15; do
        sed "0,/\"round\":0/s//\"round\":$round/" "$scale" >huge.jsonl
        run "$DBNBENCH" report --text huge.jsonl
        expect_status 0
        expect_err "^dbnbench: huge.jsonl: 1 line could not be used, the first is line 2: round cannot be $round\$"
        expect_out "^1 line could not be used, the first is line 2: round cannot be $round\$"
        run "$DBNBENCH" compare --trend huge.jsonl
        expect_status 0
        expect_err ": 1 line could not be used, the first is line 2: round cannot be $round\$"
        run "$DBNBENCH" compare --expect "$TOP/docs/claims/dbn-jl.json" huge.jsonl
        expect_status 0
        expect_err '^dbnbench: huge.jsonl: 1 line could not be used'
    done
}

# Each was shown as a figure.
test_values_that_cannot_be()
{
    local value key first
    need jq
    first=$(grep -n -m 1 '"type":"sample"' "$scale" | cut -d : -f 1)
    for value in records=9223372036854775807 wall_ns=0 cpu_ns=3155760000000000000 inner=0 threads=0; do
        key=${value%%=*}
        sed "${first}s/\"$key\":[0-9]*/\"$key\":${value#*=}/" "$scale" >bad.jsonl
        [ "$key" != inner ] || key=iterations
        run "$DBNBENCH" report --text bad.jsonl
        expect_status 0
        expect_err "^dbnbench: bad.jsonl: 1 line could not be used, the first is line $first: $key cannot be ${value#*=}\$"
    done
    for value in .rounds=-1 '.datasets[1].records=-5' '.datasets[0].bytes=1.5' .machine.cores_online=-1; do
        lines "if .type == \"run\" then $value else . end" "$scale" >bad.jsonl
        run "$DBNBENCH" report --text bad.jsonl
        expect_status 5
        key=${value%=*}
        expect_err "bad.jsonl: no run in it; 1 line could not be used, the first is line 1: ${key##*.} cannot be ${value#*=}\$"
    done
    { cat "$scale" && sed -n "${first}p" "$scale"; } >bad.jsonl
    run "$DBNBENCH" report --text bad.jsonl
    expect_status 0
    expect_err "the first is line $(wc -l <bad.jsonl): it says again what another line says\$"
    # The numbers of lines are those of the file, whichever run is read.
    { sed '$d' "$scale" && sed "1,${first}s/\"wall_ns\":/&-/; s/\"run\":\"[^\"]*/&-2/" "$scale"; } >bad.jsonl
    run "$DBNBENCH" compare --trend bad.jsonl
    expect_err ": 1 line could not be used, the first is line $(($(wc -l <"$scale") - 1 + first)): wall_ns cannot be -"
}

# A pipe is read once, and not for ever.
test_what_is_no_file()
{
    for words in "<(cat $scale) $scale" "$scale <(cat $scale)" "<(cat $scale) <(cat $scale)"; do
        eval "run \"\$DBNBENCH\" compare $words"
        expect_status 0
        expect_equal "$(err)" ""
    done
    run "$DBNBENCH" compare --trend <(cat "$scale") "$scale"
    expect_status 5
    expect_err '^dbnbench: /dev/fd/[0-9]+: it is no file, and so cannot be read twice$'
    for command in "report --text" "compare $scale" "compare --expect $TOP/docs/claims/dbn-jl.json"; do
        run "$DBNBENCH" $command /dev/zero
        expect_status 5
        expect_err '^dbnbench: /dev/zero: it is no file, and does not end within 64 MiB$'
        run "$DBNBENCH" $command <(yes "$(printf '%01000d' 0)")
        expect_status 5
        expect_err '^dbnbench: /dev/fd/[0-9]+: it is no file, and does not end within 64 MiB$'
    done
    for command in "compare $scale --expect" "phases --chain"; do # what is JSON as far as it goes
        run timeout 60 "$DBNBENCH" $command <(echo '{"title": [' && yes "\"$(printf '%01000d' 0)\",")
        expect_status 5
        expect_err '^dbnbench: (chain )?/dev/fd/[0-9]+: it is no file, and does not end within 64 MiB$'
        "$DBNBENCH" $command <(head -c 70000000 /dev/zero | tr '\0' ' ' && echo '{') 2>&1 | grep -q '64 MiB' || fail "$command: spaces"
    done
}

# Its share of calls was 95.4 % under another name, since it was taken for another kind of reader.
test_a_backend_by_another_name()
{
    for file in "$TOP"/results/example{,-profile,-scale,-phases}.jsonl; do
        run "$DBNBENCH" report --text "$file"
        expect_status 0
        sed 's/syscall/another/g; s/  */ /g; s/--*/-/g' "$AROUND/out" >expected
        sed 's/"syscall\(["-]\)/"another\1/g' "$file" >renamed.jsonl
        run "$DBNBENCH" report --text renamed.jsonl
        expect_status 0
        diff <(sed 's/syscall/another/g; s/  */ /g; s/--*/-/g' "$AROUND/out") expected
    done
    run "$DBNBENCH" report --text "$profile"
    expect_out '^syscall on trades takes .* 88.3 % of it for calls'
}

run_cases "$@"
