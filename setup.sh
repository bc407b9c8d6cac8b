#!/bin/sh
# What must be on the machine, found out by trying it (names of packages differ, and a library may come without one),
# and installed where apt-get is there and allowed.
#
#   setup.sh check    what the build needs: 0, or names what is missing and the command that brings it
#   setup.sh build    the same, after installing it; NO_INSTALL=1 makes it a check
#   setup.sh test     the same, and the tools of the tests; those may stay missing: their tests are skipped
#   setup.sh all      the same, and the large ones that only `make test-all` installs, such as a browser
#   setup.sh micro    the build's, and what `make micro` needs; the same for hyperfine, plots and fuzz
#   setup.sh doctor   lists everything, and what the absence of each costs
set -u
cc=${CC:-cc} language=c
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# builds LIBRARY PROGRAM [OPTION]: with what pkg-config says of the library, or what is common.
builds()
{
    flags=$(pkg-config --cflags --libs "$1" 2>/dev/null) || flags="-I/usr/include/lib$1 -l${1#lib}"
    # shellcheck disable=SC2086 # several words are meant
    printf '%s\n' "$2" |
        $cc ${CPPFLAGS:-} ${LDFLAGS:-} -x "$language" -o "$scratch/probe" - ${3:-} $flags >/dev/null 2>&1
}

builds_cxx() { (cc=${CXX:-c++} language=c++ && builds "$@"); }

# has NAME: is it here? What is no library is a command of that name.
has()
{
    case $1 in
    compiler) builds c 'int main(void) { return 0; }' ;;
    libzstd) builds libzstd '#include <zstd.h>
        int main(void) { return !ZSTD_versionNumber(); }' ;;
    jansson) builds jansson '#include <jansson.h>
        int main(void) { return !json_null(); }' ;;
    libsmartcols) builds smartcols '#include <libsmartcols.h>
        int main(void) { return !scols_new_table(); }' ;;
    xxhash) builds c '#define XXH_INLINE_ALL
        #include <xxhash.h>
        int main(void) { return (int)XXH3_64bits("", 0); }' ;;
    libpfm4) builds libpfm '#include <perfmon/pfmlib.h>
        int main(void) { return pfm_initialize(); }' ;;
    liburing) builds liburing '#include <liburing.h>
        int main(void) { return io_uring_queue_init(1, 0, 0); }' ;;
    libfuzzer) (cc=clang && builds c '#include <stddef.h>
        int LLVMFuzzerTestOneInput(const char *p, size_t n) { return !p && n; }' -fsanitize=fuzzer,address) ;;
    c++) builds_cxx c 'int main() { return 0; }' ;;
    benchmark) builds_cxx benchmark '#include <benchmark/benchmark.h>
        int main() { benchmark::Shutdown(); }' ;;
    compare.py) [ -e /usr/share/benchmark/compare.py ] && /usr/bin/python3 -c 'import scipy' 2>/dev/null ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# kind (or two of them), name, Debian's packages, and what is lost without it
table()
{
    cat <<'END'
build|compiler|gcc libc6-dev|nothing can be built
build|libzstd|libzstd-dev|nothing can be built
build|jansson|libjansson-dev|nothing can be built
build|libsmartcols|libsmartcols-dev|nothing can be built
build|xxhash|libxxhash-dev|nothing can be built
test|clang|clang|no tests of a build by the other compiler
test|python3|python3|no tests that read pages and results by other means
test|jq|jq|no tests that look into JSON output
test|pkg-config|pkg-config|no tests of programs that use the library
test|zstd|zstd|no tests that compress files with the zstd command
test|strace|strace|no tests that count system calls from outside
test|libpfm4|libpfm4-dev|hardware counters only under the few names that the kernel has for them
test|liburing|liburing-dev|no backend `uring`
extra|shellcheck|shellcheck|no check of the shell scripts
extra|clang-format|clang-format|no check of how C files are laid out, and no `make format`
extra|valgrind|valgrind|no check of memory errors by valgrind, and no counts of instructions
extra|abidiff|abigail-tools|no check by another tool that the library's binary interface is what it was
micro,test|c++|g++|no `make micro`
micro,test|benchmark|libbenchmark-dev|no `make micro`: no micro-benchmarks through Google Benchmark
fuzz|libfuzzer|clang libclang-rt-dev|no `make fuzz`: the tests try changed files of the corpus, but do not look for new ones
extra|compare.py|libbenchmark-tools python3-scipy|no check that Google Benchmark's tool for comparing reads our results
plots,test|gnuplot|gnuplot-nox fonts-dejavu-core|no pictures: `make plots`, `dbnbench report` say what they would show
hyperfine|hyperfine|hyperfine|no `make hyperfine`: no cross-check against its times of whole processes
extra|chromium|chromium|no check of HTML reports in a browser
END
}

# missing KIND...: sets `names` and `packages` to what is not here.
missing()
{
    names='' packages=''
    table >"$scratch/table"
    while IFS='|' read -r kind name package _; do
        case " $* " in *" ${kind%,*} "* | *" ${kind#*,} "*) has "$name" && continue ;; *) continue ;; esac
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

# ensure KIND...: installs what is missing, if that is possible; fails if something stays missing, but for kind "test".
ensure()
{
    missing "$@"
    [ -z "$names" ] && return
    command="apt-get install -y --no-install-recommends$packages"
    if may_install && install; then
        missing "$@"
        [ -z "$names" ] && return
    fi
    all=$* wanted=$names
    required=${all%% test*}
    # shellcheck disable=SC2086 # several words are meant
    missing $required
    if [ -z "$names" ]; then
        echo "missing:$wanted; their tests will be skipped. On Debian or Ubuntu this brings them:"
        echo "  sudo $command"
    elif [ "$all" != "$required" ]; then
        ensure "$required" # one package that cannot be had must not keep the others away
    else
        echo "cannot go on, missing:$names. On Debian or Ubuntu this brings it:" >&2
        echo "  sudo apt-get update && sudo $command" >&2
        return 1
    fi
}

# What keeps counters from being read, and the one command that changes it; `dbnbench list counters` tries each of them.
counters()
{
    if ! paranoid=$(cat /proc/sys/kernel/perf_event_paranoid 2>/dev/null); then
        echo 'counters: none, this kernel is built without CONFIG_PERF_EVENTS'
        return
    fi
    if [ "$paranoid" -gt 1 ] && [ "$(id -u)" -ne 0 ]; then
        echo "counters: not all of them for plain users, kernel.perf_event_paranoid is $paranoid; this shows them:"
        echo '  sudo sysctl kernel.perf_event_paranoid=1'
    fi
    for unit in /sys/bus/event_source/devices/cpu* /sys/bus/event_source/devices/arm*; do
        [ ! -e "$unit" ] || return 0
    done
    echo "counters: none of the processor's own, the kernel found none; a virtual machine gets them from its host"
}

doctor()
{
    table >"$scratch/table"
    while IFS='|' read -r kind name _ cost; do
        if has "$name"; then state=found cost=''; else state=missing; fi
        printf '%-14s %-13s %-8s %s\n' "$kind" "$name" "$state" "$cost"
    done <"$scratch/table"
    missing build test extra micro hyperfine plots fuzz
    [ -z "$packages" ] || echo "All of it on Debian or Ubuntu:"
    [ -z "$packages" ] || echo "  sudo apt-get install -y --no-install-recommends$packages"
    counters
    missing build
    [ -z "$names" ]
}

case ${1:-} in
check) NO_INSTALL=1 && ensure build ;;
build) ensure build ;;
test) ensure build test ;;
all) ensure build test extra ;;
micro | hyperfine | plots | fuzz) ensure build "$1" ;;
doctor) doctor ;;
*) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
