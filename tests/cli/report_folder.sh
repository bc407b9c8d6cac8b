#!/usr/bin/env bash
# Guards what `dbnbench report -o` leaves behind, whatever ends it: all that is new, or what was there before. (release only)
. "$(dirname "$0")/lib.sh"
run_file=$TOP/results/example-ratios.jsonl

# gnuplot TEXT: from now on gnuplot is a script of that.
gnuplot() { mkdir -p bin && printf '#!/bin/sh\n%s\n' "$1" >bin/gnuplot && chmod +x bin/gnuplot && PATH=$PWD/bin:$PATH; }
# An older page, and a file of somebody else.
older() { mkdir out && echo old >out/index.html && echo old >out/notes.svg; }
untouched() { expect_equal "$(cd "${1:-out}" && ls -A && cat index.html)" "$(printf 'index.html\nnotes.svg\nold')"; }
new() { grep -q '^<!DOCTYPE html>' out/index.html && [ -s out/summary.md ] && [ -s out/speed-1.tsv ]; }
nothing_else() { expect_equal "$(ls -A)" "$(printf '%s\n' "$@")"; }

test_until_the_end_it_is_the_old_one()
{
    gnuplot "ls $PWD/out >>$PWD/seen; cat $PWD/out/index.html >>$PWD/seen; exit 1"
    older
    run "$DBNBENCH" report -o out "$run_file"
    expect_status 0
    expect_equal "$(sort -u seen)" "$(printf 'index.html\nnotes.svg\nold')"
    new
    nothing_else bin out seen
}

test_others_files_stay()
{
    gnuplot 'exit 1'
    older
    mkdir out/folder && echo mine >out/notes
    chmod 2750 out
    run "$DBNBENCH" report -o out/ "$run_file"
    expect_status 0
    new
    expect_equal "$(ls -d out/folder && cat out/notes && stat -c %a out)" "$(printf 'out/folder\nmine\n2750')"
    nothing_else bin out
    rm -r out/folder out/notes
    run "$DBNBENCH" report -o out "$run_file"
    expect_status 0
    expect_equal "$(stat -c %a out)" 2750
    (cd out && run "$DBNBENCH" report -o . "$run_file" && expect_status 0 && [ -e "$PWD/index.html" ])
    nothing_else bin out
}

test_signals()
{
    local signal
    for signal in INT TERM HUP; do
        rm -rf bin out
        gnuplot "kill -$signal \$PPID; exec sleep 1000"
        older
        run "$DBNBENCH" report -o out "$run_file"
        expect_status 130
        untouched
        nothing_else bin out
    done
    gnuplot 'kill -KILL $PPID; exec sleep 1000'
    run "$DBNBENCH" report -o out "$run_file"
    expect_status 137
    expect_equal "$(cat out/index.html)" old
}

# One that cannot be replaced: those before it are what they were.
test_a_file_that_cannot_be_replaced()
{
    gnuplot 'exit 1'
    older
    mkdir out/summary.md
    echo old >out/speed-1.tsv
    cp -r out before
    run "$DBNBENCH" report -o out "$run_file"
    expect_status 5
    expect_err '^dbnbench: out: Is a directory$'
    diff -r before out
    nothing_else before bin out
}

# Whichever rename fails, the folder is all old or all new.
test_renames_that_fail()
{
    local n
    need strace
    gnuplot 'exit 1'
    "$DBNBENCH" report -o before "$TOP/results/example-kept.jsonl" >/dev/null
    rm before/speed-1.tsv # which is new
    cp -r before after
    "$DBNBENCH" report -o after "$run_file" >/dev/null
    for ((n = 1; ; n++)); do
        rm -rf out
        cp -r before out
        run strace -qq -o calls -e trace=rename,renameat,renameat2 \
            -e inject=rename,renameat,renameat2:error=EIO:when="$n" "$DBNBENCH" report -o out "$run_file"
        grep -q INJECTED calls || break
        if diff -r before out >/dev/null; then
            expect_status 5
            expect_err ': Input/output error$'
        else
            diff -r after out || fail "rename $n: neither old nor new"
        fi
        nothing_else after before bin calls out
    done
    [ "$n" -gt 20 ] || fail "only $n renames"
    expect_status 0
    diff -r after out
}

test_file_size_limit()
{
    gnuplot 'exit 1'
    older
    for folder in out first; do
        run bash -c 'ulimit -f 1; exec "$@"' - "$DBNBENCH" report -o $folder "$run_file"
        expect_status 5
        expect_err "^dbnbench: $folder/[a-z0-9.-]*: File too large\$"
    done
    untouched
    echo old >cases.csv
    chmod 600 cases.csv
    run bash -c 'ulimit -f 1; exec "$@"' - "$DBNBENCH" report -f csv-samples -o cases.csv "$run_file"
    expect_status 5
    expect_err '^dbnbench: cases.csv: File too large$'
    expect_equal "$(cat cases.csv)" old
    run "$DBNBENCH" report -f csv -o cases.csv "$run_file"
    expect_status 0
    expect_equal "$(stat -c %a cases.csv)" 600
    nothing_else bin cases.csv out
}

test_full_disk()
{
    local inside
    need unshare mount
    # shellcheck disable=SC2016 # for the other shell
    inside='mkdir disk && mount -t tmpfs -o size=64k none disk && cp -r out disk || exit 77
        cd disk && "$0" report -o "$1" "$2"
        code=$?
        find . >../left && cp -r out ..
        exit $code'
    older
    mkdir nothing
    for folder in out first; do
        run env PATH="$PATH" unshare -m bash -c "$inside" "$DBNBENCH" $folder "$run_file"
        [ "$status" -ne 77 ] && [ "$status" -ne 1 ] || skip "no file system can be mounted here"
        expect_status 5
        expect_err "^dbnbench: $folder/[a-z0-9.-]*: No space left on device\$"
        expect_equal "$(sort left)" "$(printf '.\n./out\n./out/index.html\n./out/notes.svg')"
        untouched
        rmdir disk
    done
}

# What a full disk cuts off is no picture.
test_pictures_that_are_cut_off()
{
    gnuplot 'n=$(sed -n "s/^name = .\(.*\).$/\1/p"); echo "<svg></svg>" >"$n.svg"; printf "\211PNG" >"$n.png"'
    run "$DBNBENCH" report -o out "$run_file"
    expect_status 0
    expect_out '^no picture of speed-1: gnuplot did not write all of it$'
    [ ! -e out/speed-1.svg ] && [ ! -e out/speed-1.png ] && [ -s out/speed-1.tsv ]
}

test_rights()
{
    local as=()
    gnuplot 'exit 1'
    mkdir parent
    (cd parent && older)
    if [ "$(id -u)" -eq 0 ]; then # root may write anywhere, unless that is taken away
        need setpriv
        as=(setpriv "--bounding-set=-dac_override,-dac_read_search")
    fi
    chmod 555 parent
    run "${as[@]}" "$DBNBENCH" report -o parent/first "$run_file"
    expect_status 5
    expect_err '^dbnbench: parent/first: Permission denied$'
    run "${as[@]}" "$DBNBENCH" report -f csv -o parent/first "$run_file"
    expect_status 5
    expect_err '^dbnbench: parent/first: Permission denied$'
    chmod 555 parent/out
    run "${as[@]}" "$DBNBENCH" report -o parent/out "$run_file"
    expect_status 5
    expect_err '^dbnbench: parent/out: Permission denied$'
    untouched parent/out
    chmod 755 parent/out # that is enough
    run "${as[@]}" "$DBNBENCH" report -o parent/out "$run_file"
    expect_status 0
    (cd parent && new && nothing_else out)
    expect_equal "$(find parent -name '*tmp*')" ""
}

test_names_of_folders()
{
    gnuplot 'exit 1'
    mkdir there
    ln -s there link
    ln -s nowhere dangling
    run "$DBNBENCH" report -o link "$run_file"
    expect_status 0
    [ -L link ] && [ -s there/index.html ]
    for folder in dangling '' missing/out; do
        run "$DBNBENCH" report -o "$folder" "$run_file"
        expect_status 5
        expect_err "^dbnbench: $folder: No such file or directory\$"
    done
    nothing_else bin dangling link there
}

run_cases "$@"
