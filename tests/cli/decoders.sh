#!/usr/bin/env bash
# Guards decoder.json and what is built by it: what is wrong is said with file and key, and what cannot be had, why.
# And the decoders to begin with: where their language is, they are right.
. "$(dirname "$0")/lib.sh"
export DBNBENCH_DECODERS=.

# manifest FOLDER MEMBERS: one with these members behind its name.
manifest()
{
    mkdir -p "$1"
    echo "{\"name\": \"${1##*/}\"${2:+, $2}}" >"$1/decoder.json"
}
START='"start": ["sh", "run.sh"]'

# alone: a program beside which there are no decoders, as there are beside that of the tree.
alone()
{
    mkdir "$AROUND/bin"
    cp "$DBNBENCH" "$AROUND/bin"
    DBNBENCH=$AROUND/bin/dbnbench
}

# refused JSON WHY: said of a file with this, as a whole.
refused()
{
    mkdir -p bad
    printf '%s' "$1" >bad/decoder.json
    run "$DBNBENCH" decoders build ./bad
    expect_status 2
    expect_equal "$(err)" "dbnbench: ./bad/decoder.json: $2"
    run "$DBNBENCH" decoders build bad
    expect_status 2
}

test_what_is_wrong_is_named()
{
    local name='it must be of letters, digits, and - . _ behind the first'
    refused '' "'[' or '{' expected near end of file, line 1"
    refused '[]' 'it must be an object'
    refused "{$START}" "name: $name"
    refused "{\"name\": \"a/b\", $START}" "name: $name"
    refused "{\"name\": \"-x\", $START}" "name: $name"
    refused "{\"name\": \"$(printf '%032d' 0)\", $START}" 'name: it is too long'
    refused "{\"name\": 1, $START}" 'name: it must be a text'
    refused "{\"name\": \"a\", \"name\": \"b\", $START}" 'duplicate object key near '"'\"name\"', line 1"
    refused '{"name": "a"}' 'start: it is missing'
    refused '{"name": "a", "start": []}' 'start: it is missing'
    refused '{"name": "a", "start": "sh"}' 'start: it must be a list of texts'
    refused '{"name": "a", "start": ["sh", 1]}' 'start: it must be a list of texts'
    refused "{\"name\": \"a\", $START, \"wram\": 1}" 'wram: there is no such key'
    refused "{\"name\": \"a\", $START, \"\\u001b[31m\": 1}" '?[31m: there is no such key'
    refused "{\"name\": \"a\", $START, \"warm\": -1}" 'warm: it must be a number from 0 to 1000000'
    refused "{\"name\": \"a\", $START, \"warm\": 1.5}" 'warm: it must be a number from 0 to 1000000'
    refused "{\"name\": \"a\", $START, \"warm\": 1000001}" 'warm: it must be a number from 0 to 1000000'
    refused "{\"name\": \"a\", $START, \"zstd\": 1}" 'zstd: it must be true or false'
    refused "{\"name\": \"a\", $START, \"needs\": [[]]}" 'needs: it must be a list of texts'
    refused "{\"name\": \"a\", $START, \"build\": [\"make\"]}" 'build: it must be a list of lists of texts'
    refused "{\"name\": \"a\", $START, \"build\": [[]]}" 'build: it must be a list of lists of texts'
    refused "{\"name\": \"a\", $START, \"sinks\": [\"sum\", \"nosuch\"]}" 'sinks: there is no sink nosuch'
    refused "{\"name\": \"a\", $START, \"sinks\": [\"frame\"]}" 'sinks: "sum" is missing'
    refused "{\"name\": \"a\", $START, \"does\": \"magic\"}" 'does: it must be "in place", "copies" or "allocates"'
    refused "{\"name\": \"a\", $START, \"modes\": []}" 'modes: it must be a list of objects'
    refused "{\"name\": \"a\", $START, \"modes\": [1]}" 'modes: it must be a list of objects'
    refused '{"name": "a", "modes": [{"name": "x"}]}' 'modes[0], start: it is missing'
    refused "{\"name\": \"a\", $START, \"modes\": [{\"name\": \"x\"}, {}]}" "modes[1], name: $name"
    refused "{\"name\": \"a\", $START, \"modes\": [{\"name\": \"x\"}, {\"name\": \"x\"}]}" 'modes[1], name: there are two of it'
    refused "{\"name\": \"a\", $START, \"modes\": [{\"name\": \"x\", \"needs\": []}]}" \
        'modes[0], needs: there is no such key of a mode'
}

test_fifo_does_not_hang()
{
    mkdir bad
    mkfifo bad/decoder.json
    run timeout 10 "$DBNBENCH" decoders build ./bad
    expect_status 2
    expect_equal "$(err)" "dbnbench: ./bad/decoder.json: it is no regular file"
}

test_states()
{
    alone
    manifest ready "\"summary\": \"one that is there\", $START"
    manifest modes "$START, \"modes\": [{\"name\": \"a\", \"summary\": \"mode a\"}, {\"name\": \"b\", \"start\": [\"./b\"]}]"
    manifest unbuilt '"start": ["./x"], "build": [["touch", "x"], ["chmod", "+x", "x"]]'
    manifest nocompiler '"start": ["./x"], "needs": ["sh", "no-such-compiler"], "build": [["touch", "x"]]'
    manifest nointerpreter '"start": ["no-such-interpreter", "x"]'
    manifest broken '"start": 1'
    mkdir nodecoder
    run "$DBNBENCH" list decoders
    expect_status 0
    sed 's/  */ /g' "$AROUND/out" >listed
    diff - listed <<EOF
 broken [unavailable: ./broken/decoder.json: start: it must be a list of texts]
 decoder:modes/a mode a [ready]
 decoder:modes/b [$PWD/modes/./b: No such file or directory]
 decoder:nocompiler [not installed: no-such-compiler is not found]
 decoder:nointerpreter [not installed: no-such-interpreter is not found]
 decoder:ready one that is there [ready]
 decoder:unbuilt [not built: dbnbench decoders build unbuilt]
EOF
}

test_building()
{
    alone
    manifest a '"start": ["build/x"], "build": [["sh", "-c", "echo \"$PWD\" && touch build/x"], ["chmod", "+x", "build/x"]]'
    manifest b '"start": ["./x"], "needs": ["no-such-compiler"], "build": [["sh", "-c", "touch built"]]'
    manifest c "$START"
    manifest d '"start": ["./x"], "build": [["sh", "-c", "echo one; printf \"\\033[31mtwo\\n\" >&2; exit 3"], ["touch", "built"]]'
    manifest e '"start": ["./x"], "build": [["no-such-program"]]'
    run "$DBNBENCH" decoders build
    expect_status 5
    diff - "$AROUND/out" <<'EOF'
a: sh -c 'echo "$PWD" && touch build/x'
a: chmod +x build/x
a: built
b: no-such-compiler is not found: skipped
c: nothing to build
d: sh -c 'echo one; printf "\033[31mtwo\n" >&2; exit 3'
e: no-such-program
EOF
    diff - "$AROUND/err" <<EOF
dbnbench: d: sh failed: exit status 3; the end of $PWD/d/build/log:
  one
  \\x1b[31mtwo
dbnbench: e: no-such-program failed: no result: No such file or directory; the end of $PWD/e/build/log:
EOF
    expect_equal "$(cat a/build/log)" "$PWD/a"
    [ ! -e d/built ] && [ ! -e b/built ]
    run "$DBNBENCH" list decoders
    expect_out 'decoder:a .*\[ready\]'
}

test_building_some()
{
    alone
    manifest a '"start": ["./x"], "build": [["touch", "built"]]'
    manifest b '"start": ["./x"], "build": [["touch", "built"]]'
    run "$DBNBENCH" decoders build b ./nosuch
    expect_status 2
    expect_err '^dbnbench: ./nosuch/decoder.json: .*No such file or directory$'
    [ ! -e b/built ] || fail "one was built though another name is wrong"
    run "$DBNBENCH" decoders build c
    expect_status 2
    expect_err "^dbnbench: there is no decoder 'c' \\(a, b; a folder of your own: ./c\\)$"
    run "$DBNBENCH" decoders build ./b
    expect_status 0
    [ -e b/built ] && [ ! -e a/built ]
    run "$DBNBENCH" decoders make b
    expect_status 2
    expect_err "unknown action 'make' \\(build, init\\)"
}

# Some only know once they are built that what they wrap is not installed.
test_built_and_still_missing()
{
    alone
    manifest decoders/a "\"build\": [[\"touch\", \"run.sh\"]], $START"
    echo 'read -r hello && echo "error not installed: no library"' >decoders/a/run.sh
    run "$DBNBENCH" decoders build a
    expect_status 0
    expect_out '^a: built, but it cannot run: not installed: no library$'
    run "$DBNBENCH" list decoders
    expect_out 'decoder:a .*\[not installed: no library\]$'
}

# The first that has a name is taken.
test_where_they_are()
{
    alone
    mkdir one two decoders
    manifest one/a "\"summary\": \"of the first\", $START"
    manifest two/a "\"summary\": \"of the second\", $START"
    manifest two/b "\"summary\": \"of the second\", $START"
    manifest decoders/b "\"summary\": \"of here\", $START"
    manifest decoders/c "\"summary\": \"of here\", $START"
    manifest "$AROUND/decoders/c" "\"summary\": \"of the tree\", $START"
    manifest "$AROUND/decoders/d" "\"summary\": \"of the tree\", $START"
    DBNBENCH_DECODERS=/no/such:$PWD/one:two run "$DBNBENCH" list decoders
    expect_equal "$(out | sed 's/  */ /g')" ' decoder:a of the first [ready]
 decoder:b of the second [ready]
 decoder:c of here [ready]
 decoder:d of the tree [ready]'
    DBNBENCH_DECODERS='' run "$DBNBENCH" list decoders
    expect_equal "$(out | sed 's/  */ /g')" ' decoder:b of here [ready]
 decoder:c of here [ready]
 decoder:d of the tree [ready]'
}

# --- decoders to begin with ---

# begun LANGUAGE TOOL...: a decoder in ./mine, built.
begun()
{
    local language=$1
    need "${@:2}"
    [ "$(find "$TOP/decoders/skeletons/$language" -type f ! -name decoder.json -exec cat {} + | wc -l)" -lt 60 ] ||
        fail "it is long"
    run "$DBNBENCH" decoders init "$language" mine/
    expect_status 0
    export HOME=${HOME:-$PWD}
    run "$DBNBENCH" decoders build ./mine
    expect_status 0
}

# is_right LANGUAGE TOOL...: on files of all types and versions, and it refuses what is cut off.
is_right()
{
    begun "$@"
    local version
    for version in 1 2 3; do
        "$DBNBENCH" gen --schema all --records 200 --dbn-version "$version" -o "all-$version.dbn"
    done
    "$DBNBENCH" gen --schema mixed --records 200 --ts-out -o mixed.dbn
    run "$DBNBENCH" verify -b decoder:./mine -s sum all-*.dbn mixed.dbn
    expect_status 0
    head -c -1 mixed.dbn >cut.dbn
    local start
    mapfile -t start < <(jq -r '.start[]' mine/decoder.json)
    printf '%s\n' nothing "open $PWD/all-3.dbn" 'warm sum 1' 'run frame 1' what 'run sum 2' "open $PWD/cut.dbn" \
        'run sum 1' 'open /no such file' 'run sum 1' quit >questions
    (cd mine && "${start[@]}") <questions | sed 's/^\(ok [0-9]*\) .*/\1/; s/^\(error\) .*/\1/' >answers
    diff - answers <<'EOF'
ok
ok
ok 200
error
error
ok 200
ok
error
ok
error
EOF
    (cd mine && timeout 60 "${start[@]}" </dev/null) >nothing # who asks may go without a word
    [ ! -s nothing ] || fail "it says something that nobody asked for"
}

test_begun_in_c() { is_right c cc jq; }
test_begun_in_cpp() { is_right cpp c++ jq; }
test_begun_in_rust() { is_right rust rustc jq; }
test_begun_in_python() { is_right python python3 jq; }
test_begun_in_go() { is_right go go jq; }
test_begun_in_julia() { is_right julia julia jq; }
test_begun_in_java() { is_right java javac jq; }

test_a_begun_decoder_that_is_changed()
{
    begun python python3
    "$DBNBENCH" gen --schema trades --records 20 -o a.dbn
    sed -i 's/prices += price/prices -= price/' mine/decoder.py
    run "$DBNBENCH" verify -b decoder:./mine -s sum a.dbn
    expect_status 4
    expect_err 'sum of price is -'
}

test_beginning()
{
    run "$DBNBENCH" decoders init c mine
    expect_status 0
    expect_out '^to build it: dbnbench decoders build ./mine$'
    expect_out '^to try it:   dbnbench verify -s sum -b decoder:./mine FILE$'
    expect_equal "$(ls mine)" "$(printf '%s\n' decoder.c decoder.json)"
    grep -q '"name": "mine"' mine/decoder.json
    run "$DBNBENCH" decoders init python mine
    expect_status 5
    expect_equal "$(err)" 'dbnbench: mine: File exists'
    run "$DBNBENCH" decoders init python no/such
    expect_status 5
    expect_err '^dbnbench: no/such: No such file or directory$'
    run "$DBNBENCH" decoders init perl other
    expect_status 2
    expect_err "no decoder in 'perl' to begin with \\(c, cpp, rust, python, go, julia, java\\)$"
    run "$DBNBENCH" decoders init c 'a b'
    expect_status 2
    expect_err "the folder's own name is the decoder's"
    run "$DBNBENCH" decoders init c
    expect_status 2
    expect_err 'init takes a language'
    [ ! -e other ] && [ ! -e 'a b' ]
}

run_cases "$@"
