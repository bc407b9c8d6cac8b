#!/usr/bin/env bash
# Guards the measuring of decoder programs: a good one gets a number, any other a row with the reason, and nothing of
# them is left running. (release only)
. "$(dirname "$0")/lib.sh"
export DBNBENCH_PROGRAM=$$ # by which its processes are known

# decoder NAME RUN [HELLO]: a folder with a decoder in shell, with what it does when it is asked to `run` and `hello`.
decoder()
{
    mkdir "$1"
    echo '{"name": "'"$1"'", "start": ["sh", "run.sh"]}' >"$1/decoder.json"
    cat >"$1/run.sh" <<EOF
while read -r word rest; do
    case \$word in
    hello) ${3:-echo hello 1 of the test} ;;
    run) $2 ;;
    quit) exit ;;
    *) echo ok ;;
    esac
done
EOF
}

# right FILE: what a good decoder finds in it.
right()
{
    "$DBNBENCH" decode --json -b mmap -s sum "$1" |
        sed -E 's/.*"records": ([0-9]+),.*"ts_event": (-?[0-9]+), "price": (-?[0-9]+), "size": (-?[0-9]+).*/ok \1 \2 \3 \4/'
}

# Processes of this case, which might take a moment to go.
nobody_is_left()
{
    local environ left i
    for ((i = 0; i < 100; i++)); do
        left=0
        for environ in /proc/[0-9]*/environ; do
            [ "$environ" = "/proc/$$/environ" ] || ! grep -qzsx "DBNBENCH_PROGRAM=$$" "$environ" || left=$((left + 1))
        done
        [ "$left" -gt 0 ] || return 0
        sleep 0.1
    done
    fail "$left processes are left"
}

measure() { run "$DBNBENCH" run --no-limits --samples 1 -s sum -o r.jsonl "$@" t.dbn; }

# results FILTER: of each sample.
results() { jq -r "select(.type == \"sample\") | $1" r.jsonl; }

test_a_good_one()
{
    need jq
    "$DBNBENCH" gen --schema trades --records 1000 -o t.dbn
    decoder good 'i=0; while [ $i -lt ${rest#* } ]; do i=$((i + 1)); done; echo '"$(right t.dbn)"
    COLUMNS=200 measure -b mmap,decoder:./good
    expect_status 0
    expect_out '^t.dbn +(good|mmap|no winner) '
    expect_out '^decoder +x CPU +x time +CPU ns/rec +ns/rec +reads/rec +asking us +does$'
    expect_out '^mmap .* n/a in place$'
    expect_out '^good .* [0-9.]+ n/a$'
    expect_out '^good: of the test$'
    expect_equal "$(results 'select(.decoder) | [.decoder, .backend, .outcome, .tally_records, .wall_ns > 0,
        .cpu_ns > 0, .empty_ns > 0] | @csv')" '"good","program","ok",1000,true,true,true'
    nobody_is_left
}

test_hostile_ones()
{
    need jq
    local right records ts_event price size list name
    "$DBNBENCH" gen --schema trades --records 1000 -o t.dbn
    right=$(right t.dbn)
    read -r _ records ts_event price size <<<"$right"
    decoder no_answer 'sleep 1000'
    decoder half_a_line 'printf "ok 1"; sleep 1000'
    decoder reads_nothing '' 'exec sleep 1000'
    decoder noise 'yes noise'
    decoder long_noise 'tr "\0" x </dev/zero'
    decoder noise_on_stderr 'yes noise | head -c 3000000 >&2; exit 3'
    decoder ends_at_once '' 'exit 0'
    decoder ends_in_between 'printf ok; exit 0'
    decoder left_with_its_pipe 'sleep 1000 & exit 4'
    decoder left_in_a_session 'setsid sleep 1000 & exit 4'
    decoder left_and_right "setsid sh -c 'sleep 1000 & sleep 1000' & echo $right"
    decoder killed 'kill -SEGV $$'
    decoder wrong_count "echo ok $((records + 1)) $ts_event $price $size"
    decoder wrong_sum "echo ok $records $ts_event $((price - 1)) $size"
    decoder wrong_digest "echo $right 0123456789abcdef"
    decoder no_number "echo ok $records $ts_event $price many"
    decoder of_tomorrow '' 'echo hello 2'
    decoder not_here '' 'echo error the module is missing'
    decoder unsafe 'printf "error \\033[31mred\\0\\n"; printf "\\033[2Jcleared\\n" >&2'
    decoder early 'echo' 'printf "hello 1\nok\nok\n"'
    for name in */decoder.json; do list+=,decoder:./${name%/*}; done
    measure --timeout 2 -b "mmap$list"
    expect_status 4
    expect_equal "$(results 'select(.outcome == "ok" and .decoder) | "\(.decoder) \(.cpu_ns)"')" 'left_and_right null'
    results 'select(.outcome != "ok") | "\(.decoder): \(.outcome): \(.error)"' | sort >found
    diff - found <<EOF
early: failed: it wrote to its standard output before it was asked 'open $PWD/t.dbn'
ends_at_once: failed: it ended with exit status 0, and no answer to 'hello 1'
ends_in_between: failed: it ended with exit status 0, and no answer to 'run sum 1'
half_a_line: timed-out: no answer to 'run sum 1' within 2 s of its start
killed: crashed: Segmentation fault (SIGSEGV), and no answer to 'run sum 1'
left_in_a_session: failed: it ended with exit status 4, and no answer to 'run sum 1'
left_with_its_pipe: failed: it ended with exit status 4, and no answer to 'run sum 1'
long_noise: failed: its answer to 'run sum 1' is longer than 4095 bytes
no_answer: timed-out: no answer to 'run sum 1' within 2 s of its start
no_number: failed: its answer to 'run sum 1' is '${right% *} many'
noise: failed: its answer to 'run sum 1' is 'noise'
noise_on_stderr: failed: it ended with exit status 3, and no answer to 'run sum 1'; its last words: noise|noise|noise
not_here: unavailable: the module is missing
of_tomorrow: unavailable: it speaks version '2' of the protocol instead of 1
reads_nothing: timed-out: no answer to 'hello 1' within 2 s of its start
unsafe: failed: ?[31mred?; its last words: ?[2Jcleared
wrong_count: mismatch: $((records + 1)) records instead of $records
wrong_digest: mismatch: digest is 0123456789abcdef instead of $(results 'select(.backend == "mmap") | .tally_digest')
wrong_sum: mismatch: sum of price is $((price - 1)) instead of $price
EOF
    nobody_is_left
}

# Only who says so has refused a file.
test_a_bad_file()
{
    local name
    "$DBNBENCH" gen --schema trades --records 1000 -o t.dbn
    truncate -s -1 t.dbn
    decoder refuses 'echo error it is cut off'
    decoder dead '' 'exit 3'
    decoder noise 'echo noise'
    run "$DBNBENCH" verify -b decoder:./refuses t.dbn
    expect_status 5
    expect_out ': refuses agree$'
    for name in dead noise; do
        run "$DBNBENCH" verify -b decoder:./$name t.dbn
        expect_status 5
        expect_err "^dbnbench: t.dbn: backend $name, sink sum, 1 threads: it"
        expect_out '^t.dbn: not all could read it$'
    done
}

test_not_here()
{
    need jq
    "$DBNBENCH" gen --schema trades --records 1000 -o t.dbn
    "$DBNBENCH" gen --schema trades --records 1000 --zstd 1 -o t.zst
    mkdir unbuilt plain
    echo '{"name": "unbuilt", "start": ["build/x"], "build": [["true"]]}' >unbuilt/decoder.json
    echo '{"name": "plain", "start": ["sh", "run.sh"]}' >plain/decoder.json
    measure -b mmap,decoder:./unbuilt,decoder:./plain t.zst
    expect_status 5
    expect_equal "$(results 'select(.outcome == "unavailable") | "\(.dataset) \(.decoder): \(.error)"' | sort)" \
        't.dbn unbuilt: not built: dbnbench decoders build ./unbuilt
t.zst plain: it reads no compressed files
t.zst unbuilt: not built: dbnbench decoders build ./unbuilt'
    run "$DBNBENCH" run -b decoder:./plain/x t.dbn
    expect_status 2
    expect_err "decoder plain has no mode 'x' \(it has none\)"
    mkdir other && cp -r plain other/
    run "$DBNBENCH" run -b decoder:./plain,decoder:./other/plain t.dbn
    expect_status 2
    expect_err 'two decoders are called plain, and tables could not tell them apart'
    run "$DBNBENCH" run -b decoder:nosuch t.dbn
    expect_status 2
    expect_err "there is no decoder 'nosuch'"
}

# stop SIGNAL: ends dbnbench by it, while a decoder hangs.
stop()
{
    rm -f hangs/asked
    "$DBNBENCH" run --no-limits -b decoder:./hangs -s sum -o r.jsonl t.dbn >"$AROUND/out" 2>"$AROUND/err" &
    until [ -e hangs/asked ]; do sleep 0.1; done
    kill -"$1" $!
    status=0
    wait $! || status=$?
    nobody_is_left
}

test_interrupted()
{
    "$DBNBENCH" gen --schema trades --records 1000 -o t.dbn
    decoder hangs "setsid sh -c 'sleep 1000 & sleep 1000' & touch asked; sleep 1000"
    stop TERM
    expect_status 130
    stop KILL
    expect_status 137
}

# /proc lists children by the thread that started them.
test_interrupted_with_children_of_threads()
{
    need python3
    "$DBNBENCH" gen --schema trades --records 1000 -o t.dbn
    mkdir hangs
    echo '{"name": "hangs", "start": ["python3", "run.py"]}' >hangs/decoder.json
    cat >hangs/run.py <<'EOF'
import pathlib, subprocess, threading, time

def begin():
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    pathlib.Path("asked").touch()
    time.sleep(1000)

threading.Thread(target=begin).start()
EOF
    stop TERM
    expect_status 130
}

# --- gate ---

gate() { run "$DBNBENCH" gate -f t.dbn "$@"; }

test_gate_of_what_is_found()
{
    local right wrong
    "$DBNBENCH" gen --schema trades --records 1000 -o t.dbn
    right=$(right t.dbn) wrong="ok 999 ${right#ok 1000 }"
    mkdir old new
    (cd old && decoder it "echo $right") && (cd new && decoder it "echo $right")
    gate --exact decoder:./old/it decoder:./new/it
    expect_status 0
    expect_out '^ok +t.dbn/program/sum/threads:1 *$'
    expect_out '^gate: ok \(1 cases, 1 counts, '
    (cd new && rm -r it && decoder it "echo $wrong")
    gate --exact decoder:./old/it decoder:./new/it
    expect_status 4
    expect_out '^wrong result .* head: 999 records instead of 1000$'
    gate --exact decoder:./new/it decoder:./old/it
    expect_status 4
    expect_out '^wrong result .* base: 999 records instead of 1000$'
    gate --exact decoder:./new/it decoder:./new/it
    expect_status 4
    (cd new && rm -r it && decoder it 'exit 3')
    gate --exact decoder:./old/it decoder:./new/it
    expect_status 5
    expect_out "^could not run .* head: it ended with exit status 3, and no answer to 'run sum 1'$"
    nobody_is_left
}

# They are what backends are of dbnbench.
test_gate_of_modes()
{
    local right
    "$DBNBENCH" gen --schema trades --records 1000 -o t.dbn
    right=$(right t.dbn)
    decoder old "echo $right"
    decoder new "echo $right"
    echo '{"name": "old", "start": ["sh", "run.sh"], "modes": [{"name": "a"}, {"name": "b"}]}' >old/decoder.json
    echo '{"name": "new", "start": ["sh", "run.sh"], "modes": [{"name": "a"}, {"name": "c"}]}' >new/decoder.json
    gate --exact decoder:./old decoder:./new
    expect_status 5
    expect_out '^ok +t.dbn/a/sum'
    expect_out '^could not run t.dbn/b/sum.* it vanished'
    expect_out '^inconclusive +t.dbn/c/sum.* it is new'
    gate --exact -b a decoder:./old decoder:./new
    expect_status 0
    gate --exact -s sum,frame decoder:./old/a decoder:./new/a
    expect_status 5
    expect_out '^could not run t.dbn/a/frame.* base: it has no such sink$'
}

test_gate_of_what_is_not_there()
{
    "$DBNBENCH" gen --schema trades --records 10 -o t.dbn
    decoder it 'echo ok'
    gate decoder:./it decoder:./nosuch
    expect_status 5
    expect_err './nosuch/decoder.json: .*No such file'
    gate decoder:./it "$DBNBENCH"
    expect_status 2
    expect_err 'decoders of others are compared with each other'
    gate decoder:./it decoder:./it decoder:./it decoder:./it
    expect_status 2
}

# The start of a process does not count, and what is twice as much is found out.
test_gate_of_times()
{
    local right busy='i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); done'
    only_in_all "it takes a machine that is not too busy"
    "$DBNBENCH" gen --schema trades --records 1000 -o t.dbn
    right=$(right t.dbn)
    busy='for n in $(seq ${rest#* }); do '"$busy; done"
    decoder old "$busy; echo $right"
    decoder same "$busy; echo $right" "$busy; $busy; echo hello 1"
    decoder slow "$busy; $busy; echo $right"
    gate --strict decoder:./old decoder:./same
    expect_status 0
    gate decoder:./old decoder:./slow
    expect_status 1
    expect_out '^regressed .* it takes [0-9.]+ % more time$'
}

run_cases "$@"
