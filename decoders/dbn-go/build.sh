#!/bin/sh
# Builds adapter.go with the newest dbn-go in the cache of Go's modules. Downloads nothing: without one, the program
# that it leaves says so.
set -e
mkdir -p build
cp adapter.go go.mod build
cd build
rm -f adapter
version=$(ls "$(go env GOMODCACHE)/cache/download/github.com/!nimble!markets/dbn-go/@v" 2>&1 |
    sed -n 's/\.zip$//p' | sort -V | tail -n 1)
if [ "$version" ]; then
    export GOFLAGS=-mod=mod GOPROXY=off GOSUMDB=off GOTOOLCHAIN=local
    go get "github.com/NimbleMarkets/dbn-go@$version"
    go build -o adapter .
else
    printf '#!/bin/sh\nread -r hello && echo "error not installed: no dbn-go in the cache of Go modules"\n' >adapter
    chmod +x adapter
fi
