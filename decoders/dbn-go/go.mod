module dbn-go-adapter

go 1.21
