# shellcheck shell=bash
# Sourced by scripts that need backends which go wrong: toys.c has them.

# with_toys: from then on $DBNBENCH is a program with the toys. The first case of a script that asks for it has it built
# from a copy of the tree, beside what is compiled already.
with_toys()
{
    local copy=${AROUND%/*}/toys name out=build
    [ "$VARIANT" = release ] || out=build/$VARIANT
    if [ ! -e "$copy/built" ]; then
        mkdir -p "$copy/$out"
        cp -a "$TOP"/{Makefile,setup.sh,dbn,inflate,backends,datasets,decoders,docs,harness,plots} "$copy"
        cp -a "$BUILD"/{flags,version,dbn,inflate,backends,datasets,harness} "$copy/$out"
        cp "$TOP/tests/cli/toys/toys.c" "$copy/backends"
        for name in liar crash quit hang refuse absent; do echo "BACKEND($name)" >>"$copy/backends/list.h"; done
        make -C "$copy" VARIANT="$VARIANT" NO_INSTALL=1 >make.log 2>&1 || fail "$(grep -m 1 -i error make.log)"
        touch "$copy/built"
    fi
    # shellcheck disable=SC2034 # by the script that sources this
    DBNBENCH=$copy/$out/dbnbench
}
