#!/usr/bin/env bash
# Guards what comes with the program: its installation, the manual page that tells of every option there is and of no
# other, and the targets of the Makefile. (release only) (slow)
. "$(dirname "$0")/lib.sh"

mapfile -t commands < <(sed -n 's/^COMMAND(\([a-z_]*\))/\1/p' "$TOP/harness/cli/commands.h")
manual=$TOP/docs/dbnbench.1

# make_here TARGET SETTING...: program and library are taken as they are.
make_here() { make -C "$TOP" -s -o build/dbnbench -o build/libdbn.a -o build/libdbn.so "$@"; }

need_library() { [ -e "$TOP/build/libdbn.a" ] && [ -e "$TOP/build/libdbn.so" ] || skip "make lib was not called"; }

# installed PREFIX: what an installation has below the folder, with the modes of files.
installed()
{
    local version
    version=$(sed -n 's/^VERSION := //p' "$TOP/Makefile")
    printf '%s\n' "755 $1/bin/dbnbench" "644 $1/lib/libdbn.a" "755 $1/lib/libdbn.so.$version" \
        "644 $1/lib/pkgconfig/libdbn.pc" "644 $1/share/man/man1/dbnbench.1" "644 $1/share/man/man3/libdbn.3" \
        "link $1/lib/libdbn.so" "link $1/lib/libdbn.so.${version%%.*}"
    printf "644 %s\n" "$1/include/dbnbench/"{{api,dbn,dbnbench_plugin,encode,inflate,outcome,reader,record,walk}.h,{outcome,records}.def}
    (cd "$TOP/decoders" && find -- */* -type f ! -path 'skeletons/*' ! -path '*/build/*' ! -path '*/__pycache__/*') |
        sed "s|^|644 $1/share/dbnbench/decoders/|"
}
found() { (cd "$1" && find . -type f -printf '%m %p\n' -o -type l -printf 'link %p\n' | sort); }

test_installed_files()
{
    need jq
    need_library
    (umask 077 && make_here install DESTDIR="$PWD/some root" PREFIX=/usr >/dev/null) || fail "make install fails"
    expect_equal "$(found 'some root')" "$(installed ./usr | sort)"
    cmp 'some root/usr/share/man/man1/dbnbench.1' "$manual"
    mkdir elsewhere && cd elsewhere
    PATH="../some root/usr/bin:$PATH" run dbnbench gen --schema trades --records 10 -o a.dbn
    expect_status 0
    PATH="../some root/usr/bin:$PATH" run dbnbench run --samples 1 -b mmap -s sum --json a.dbn
    expect_status 0
    expect_equal "$(out | jq -r .stored)" "$(echo results/run-*.jsonl)"
    PATH="../some root/usr/bin:$PATH" run dbnbench list decoders
    expect_equal "$(out | grep -o 'decoder:[^/ ]*' | sort -u)" \
        "$(cd "$TOP/decoders" && printf 'decoder:%s\n' */decoder.json | sed 's|/.*||' | sort -u)"
}

test_default_prefix()
{
    need_library
    make_here install DESTDIR="$PWD/root" >/dev/null
    expect_equal "$(found root)" "$(installed ./usr/local | sort)"
    make_here uninstall DESTDIR="$PWD/root" >/dev/null
    expect_equal "$(found root)" ""
    make_here install DESTDIR="$PWD/root" LIBDIR=/opt/lib64 >/dev/null
    expect_equal "$(find root/opt | wc -l)" 8
    grep -qx 'libdir=/opt/lib64' root/opt/lib64/pkgconfig/libdbn.pc
}

test_uninstall_takes_only_its_own()
{
    need_library
    make_here install DESTDIR="$PWD/root" PREFIX=/opt >/dev/null
    echo other >root/opt/bin/other
    make_here uninstall DESTDIR="$PWD/root" PREFIX=/opt >/dev/null
    expect_equal "$(find root -type f -o -type l)" root/opt/bin/other
    make_here uninstall DESTDIR="$PWD/root" PREFIX=/opt >/dev/null # nothing is left to take
}

test_install_that_cannot_be_done()
{
    echo file >root
    ! make_here install DESTDIR="$PWD/root" >/dev/null 2>&1 || fail "installed to a folder that is none"
}

# --- the manual page ---

# section COMMAND: what the manual page says of it, without the marks of its language.
section()
{
    awk -v name="$1" '/^\.S[SH]/ { on = $1 == ".SS" && $2 == name } on' "$manual" | plain
}
shared() { awk '/^\.SH/ { on = /HOW FILES ARE READ/ } on' "$manual" | plain; }
plain() { sed 's/\\-/-/g; s/\\f[A-Z]//g; s/"//g; s/^\.[A-Z]* //; s/\\[,/]//g'; }

# options COMMAND: those of its --help, long and short, one a line. --help is everywhere.
options()
{
    "$DBNBENCH" help "$1" | grep -oE '^ {2,6}(-[a-zA-Z], )?--[a-z-]+' | tr -d ' ' | tr ',' '\n' |
        grep -vxe '--help' -e '-h' || true # it may have no others
}

has_option() { grep -Eqe "(^|[ ,|[])$1([] =,]|\$)"; }

test_manual_has_every_command_and_option()
{
    local name option
    for name in "${commands[@]}"; do
        section "$name" >text
        [ -s text ] || fail "nothing about $name"
        ! "$DBNBENCH" "$name" --help | grep 'How files are understood' >/dev/null || shared >>text
        for option in $(options "$name"); do has_option "$option" <text || fail "nothing about $name $option"; done
    done
    [ "$(for name in "${commands[@]}"; do options "$name"; done | wc -l)" -ge 60 ] || fail "hardly any options"
}

test_manual_has_no_other_option()
{
    local name option
    for name in "${commands[@]}"; do
        options "$name" >options
        for option in $(section "$name" | grep -oE '(^|[ ,])--?[a-z][a-z-]*' | tr -d ' ,' || true); do
            grep -qxe "$option" options || fail "$name has no $option"
        done
    done
}

test_manual_names_every_exit_code()
{
    local code
    awk '/^\.SH/ { on = /EXIT STATUS/ } on' "$manual" >text
    sed -n 's/^ *EXIT_[A-Z]* = \([0-9]*\),.*/\1/p' "$TOP/harness/cli/exit.h" >codes
    [ "$(wc -l <codes)" -ge 5 ] || fail "the exit codes are not found"
    while read -r code; do
        grep -qx "\.B $code" text || fail "nothing about exit status $code"
    done <codes
}

# Its examples do what they say.
test_examples_of_the_manual()
{
    awk '/^\.SH/ { on = /EXAMPLES/ } on && /^dbnbench /' "$manual" | plain |
        sed 's/1000000/1000/; s/ run / run --samples 1 /' >examples
    [ "$(wc -l <examples)" -ge 3 ] || fail "no examples"
    mkdir bin && ln -s "$DBNBENCH" bin/dbnbench
    local line
    while read -r line; do
        PATH=$PWD/bin:$PATH run bash -c "$line"
        [ "$status" -eq 0 ] || fail "$line: exit status $status"
    done <examples
}

test_manual_is_good_troff()
{
    need groff
    groff -man -ww -b -z -Tutf8 "$manual" "$TOP/docs/libdbn.3" >"$AROUND/out" 2>&1
    expect_equal "$(out)" ""
}

# --- the Makefile ---

test_help_is_complete()
{
    local target
    run make -C "$TOP" -s help
    expect_status 0
    sed -n 's/^\([a-z][a-z-]*\):.*##.*/\1/p' "$TOP/Makefile" >targets
    [ "$(wc -l <targets)" -ge 12 ] || fail "hardly any targets are found"
    while read -r target; do expect_out "^  $target +[a-z]"; done <targets
    expect_equal "$(out | wc -l)" "$(wc -l <targets)"
}

# Every target that is documented can be made, as far as that can be said without making it.
test_dry_run_of_every_target()
{
    local target
    for target in $(sed -n 's/^\([a-z][a-z-]*\):.*##.*/\1/p' "$TOP/Makefile"); do
        case $target in
        test* | gate) continue ;; # + lines are run all the same
        esac
        run make -C "$TOP" -n "$target"
        expect_status 0
    done
}

# planned TARGET SETTING...: the program's commands it would run.
planned()
{
    make -C "$TOP" VARIANT=release -n -o build/dbnbench "$@" | grep '^build/dbnbench ' | sed 's/  */ /g; s/ $//'
}

test_bench()
{
    local gen='build/dbnbench gen --dataset'
    expect_equal "$(planned bench)" "$(printf '%s\n' "$gen bench --dir datasets/data" 'build/dbnbench run -d bench')"
    expect_equal "$(planned bench BACKENDS=mmap,buffered SINKS=sum SAMPLES=3 DATASETS=trades | tail -n 1)" \
        "build/dbnbench run -d trades -b mmap,buffered -s sum --samples 3"
    expect_equal "$(planned bench-quick)" \
        "$(printf '%s\n' "$gen quick --dir datasets/data" 'build/dbnbench run -d quick')"
    expect_equal "$(planned datasets)" "$gen bench --dir datasets/data"
}

run_cases "$@"
