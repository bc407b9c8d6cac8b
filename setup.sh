#!/bin/sh
# What must be on the machine, found out by trying it (names of packages differ, and a library may come without one),
# and installed where apt-get is there and allowed.
#
#   setup.sh check    what the build needs: 0, or names what is missing and the command that brings it
#   setup.sh build    the same, after installing it; NO_INSTALL=1 makes it a check
#   setup.sh test     the same, and the tools of the tests; those may stay missing: their tests are skipped
#   setup.sh doctor   lists everything, and what the absence of each costs
set -u
cc=${CC:-cc}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# builds LIBRARY PROGRAM: with what pkg-config says of the library, or what is common.
builds()
{
    flags=$(pkg-config --cflags --libs "$1" 2>/dev/null) || flags=-l${1#lib}
    # shellcheck disable=SC2086 # several words are meant
    printf '%s\n' "$2" | $cc ${CPPFLAGS:-} ${LDFLAGS:-} -x c -o "$scratch/probe" - $flags >/dev/null 2>&1
}

# has NAME: is it here? What is no library is a command of that name.
has()
{
    case $1 in
    compiler) builds c 'int main(void) { return 0; }' ;;
    libzstd) builds libzstd '#include <zstd.h>
        int main(void) { return !ZSTD_versionNumber(); }' ;;
    jansson) builds jansson '#include <jansson.h>
        int main(void) { return !json_null(); }' ;;
    libsmartcols) builds smartcols '#include <libsmartcols/libsmartcols.h>
        int main(void) { return !scols_new_table(); }' ;;
    xxhash) builds c '#define XXH_INLINE_ALL
        #include <xxhash.h>
        int main(void) { return (int)XXH3_64bits("", 0); }' ;;
    libpfm4) builds libpfm '#include <perfmon/pfmlib.h>
        int main(void) { return pfm_initialize(); }' ;;
    liburing) builds liburing '#include <liburing.h>
        int main(void) { return !io_uring_get_probe(); }' ;;
    benchmark) [ -n "$(find /usr/include /usr/local/include -path '*benchmark/benchmark.h' 2>/dev/null)" ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# kind, name, Debian's packages, and what is lost without it
table()
{
    cat <<'END'
build|compiler|gcc libc6-dev|nothing can be built
build|libzstd|libzstd-dev|nothing can be built
build|jansson|libjansson-dev|nothing can be built
build|libsmartcols|libsmartcols-dev|nothing can be built
build|xxhash|libxxhash-dev|nothing can be built
test|clang|clang|no tests of a build by the other compiler
test|jq|jq|no tests that look into JSON output
test|zstd|zstd|no tests that compress files with the zstd command
test|strace|strace|no tests that count system calls from outside
extra|shellcheck|shellcheck|no check of the shell scripts
extra|clang-format|clang-format|no check of how C files are laid out, and no `make format`
extra|valgrind|valgrind|no second opinion on memory errors
extra|libpfm4|libpfm4-dev|no hardware counters: n/a in results
extra|benchmark|libbenchmark-dev|no micro-benchmarks through Google Benchmark
extra|liburing|liburing-dev|no backends that read by io_uring
extra|gnuplot|gnuplot-nox|no plots
extra|hyperfine|hyperfine|no cross-check of whole processes against hyperfine's times
extra|chromium|chromium|no check of HTML reports in a browser
END
}

# missing KIND...: sets `names` and `packages` to what is not here.
missing()
{
    names='' packages=''
    table >"$scratch/table"
    while IFS='|' read -r kind name package _; do
        case " $* " in *" $kind "*) has "$name" && continue ;; *) continue ;; esac
        names="$names $name"
        packages="$packages $package"
    done <"$scratch/table"
}

# as_root COMMAND...: or fails, where one may not.
as_root()
{
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install()
{
    [ -z "${NO_INSTALL:-}" ] && has apt-get && as_root true 2>/dev/null
}

apt()
{
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$scratch/log" 2>&1
}

# The package lists may be absent or too old; fetching them takes time and is seldom needed.
install()
{
    # shellcheck disable=SC2086 # several words are meant
    set -- $packages
    echo "missing:$names; installing:"
    echo "  $command"
    apt install -y --no-install-recommends "$@" && return
    echo "  apt-get update, and once more"
    apt update && apt install -y --no-install-recommends "$@" && return
    cat "$scratch/log"
    return 1
}

# ensure KIND...: installs what is missing, if that is possible; fails if something of the build's needs stays missing.
ensure()
{
    missing "$@"
    [ -z "$names" ] && return
    command="apt-get install -y --no-install-recommends$packages"
    if may_install && install; then
        missing "$@"
        [ -z "$names" ] && return
    fi
    wanted=$names
    missing build
    if [ -z "$names" ]; then
        echo "missing:$wanted; their tests will be skipped. On Debian or Ubuntu this brings them:"
        echo "  sudo $command"
    elif [ "$*" != build ]; then
        ensure build # one package that cannot be had must not keep the others away
    else
        echo "dbnbench cannot be built, missing:$names. On Debian or Ubuntu this brings it:" >&2
        echo "  sudo apt-get update && sudo $command" >&2
        return 1
    fi
}

doctor()
{
    table >"$scratch/table"
    while IFS='|' read -r kind name _ cost; do
        if has "$name"; then state=found cost=''; else state=missing; fi
        printf '%-6s %-13s %-8s %s\n' "$kind" "$name" "$state" "$cost"
    done <"$scratch/table"
    missing build test extra
    [ -z "$packages" ] || printf 'All of it on Debian or Ubuntu:\n  sudo apt-get install -y --no-install-recommends%s\n' "$packages"
    missing build
    [ -z "$names" ]
}

case ${1:-} in
check) NO_INSTALL=1 && ensure build ;;
build) ensure build ;;
test) ensure build test ;;
doctor) doctor ;;
*) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
