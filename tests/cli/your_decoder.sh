#!/usr/bin/env bash
# Guards docs/your-decoder.md: what it tells to do is done as it stands there.
. "$(dirname "$0")/lib.sh"

# block N: the N-th indented block of the page, as it is to be typed.
block()
{
    awk -v wanted="$1" '
        /^    / { if (!inside) n++; inside = 1 }
        /^[^ ]/ { inside = 0 }
        !inside || n != wanted { next }
        /^$/ { blank = blank "\n"; next }
        { sub(/^    /, ""); printf "%s%s\n", blank, $0; blank = "" }' "$TOP/docs/your-decoder.md"
}

# follow N: does what it says, as somebody would who has the program built already.
follow() { block "$1" >step && make() { :; } && . ./step; }

test_the_page_is_followed()
{
    need python3
    ln -s "$BUILD" build
    expect_equal "$(block 1 | head -n 1)" make
    follow 1
    block 2 | diff - mine/decoder.json
    block 3 | diff - mine/decoder.py
    [ "$(wc -l <mine/decoder.py)" -lt 60 ] || fail "the program has 60 lines or more"
    expect_equal "$(timeout 20 python3 mine/decoder.py <<<nothing)" ok # and ends with its input
    run follow 4
    expect_status 0
    expect_out '^hello 1 my decoder 0.1$'
    expect_out '^ok 100000 [0-9]+ [0-9]+ [0-9]+$'
    expect_out '^mbo.dbn: decoders of others, as a ratio to the fastest: mine [0-9.]+ times'
}

# Every key, question and word for what a decoder does that the page explains is one, and there are no others.
test_the_page_is_complete()
{
    local keys questions
    keys=$(sed -n '/^## decoder.json/,/^## /s/^| `\([a-z]*\)`.*/\1/p' "$TOP/docs/your-decoder.md" | sort)
    expect_equal "$keys" "$(grep -oE 'KEY\([A-Z]+, [a-z]+' "$TOP/harness/foreign/described.c" | sed 's/.* //' | sort)"
    questions=$(sed -n '/^## What is asked/,/^## /s/^| `\([a-z]*\).*/\1/p' "$TOP/docs/your-decoder.md" | sort)
    expect_equal "$questions" "$(printf '%s\n' hello nothing open quit run threads warm)"
    expect_equal "$(sed -n '/^`does` says/,/^A decoder/s/^- `\([a-z ]*\)`: .*/"\1"/p' "$TOP/docs/your-decoder.md" | paste -sd,)" \
        "$(sed -n 's/.* ways\[\] = {\(.*\), NULL};/\1/p' "$TOP/harness/foreign/manifest.c" | sed 's/, /,/g')"
}

run_cases "$@"
