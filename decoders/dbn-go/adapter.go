// Decodes with the module dbn-go, in the way that the first argument names.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	dbn "github.com/NimbleMarkets/dbn-go"
)

type sums struct {
	records, tsEvent, price, size uint64
}

func (s *sums) header(h *dbn.RHeader) error {
	s.records++
	s.tsEvent += h.TsEvent
	return nil
}

func (s *sums) priced(h *dbn.RHeader, price int64, size uint32) error {
	s.price += uint64(price)
	s.size += uint64(size)
	return s.header(h)
}

// As dbn.Visitor.
func (s *sums) OnMbp0(r *dbn.Mbp0Msg) error                      { return s.priced(&r.Header, r.Price, r.Size) }
func (s *sums) OnMbp1(r *dbn.Mbp1Msg) error                      { return s.priced(&r.Header, r.Price, r.Size) }
func (s *sums) OnMbp10(r *dbn.Mbp10Msg) error                    { return s.priced(&r.Header, r.Price, r.Size) }
func (s *sums) OnMbo(r *dbn.MboMsg) error                        { return s.priced(&r.Header, r.Price, r.Size) }
func (s *sums) OnCmbp1(r *dbn.Cmbp1Msg) error                    { return s.priced(&r.Header, r.Price, r.Size) }
func (s *sums) OnBbo(r *dbn.BboMsg) error                        { return s.priced(&r.Header, r.Price, r.Size) }
func (s *sums) OnOhlcv(r *dbn.OhlcvMsg) error                    { return s.header(&r.Header) }
func (s *sums) OnImbalance(r *dbn.ImbalanceMsg) error            { return s.header(&r.Header) }
func (s *sums) OnStatMsg(r *dbn.StatMsg) error                   { return s.header(&r.Header) }
func (s *sums) OnStatusMsg(r *dbn.StatusMsg) error               { return s.header(&r.Header) }
func (s *sums) OnErrorMsg(r *dbn.ErrorMsg) error                 { return s.header(&r.Header) }
func (s *sums) OnSystemMsg(r *dbn.SystemMsg) error               { return s.header(&r.Header) }
func (s *sums) OnStreamEnd() error                               { return nil }
func (s *sums) OnSymbolMappingMsg(r *dbn.SymbolMappingMsg) error { return s.header(&r.Header) }
func (s *sums) OnInstrumentDefMsg(r *dbn.InstrumentDefMsg) error { return s.header(&r.Header) }

func visit(scanner *dbn.DbnScanner, s *sums) error {
	for scanner.Next() {
		if err := scanner.Visit(s); err != nil {
			return err
		}
	}
	return scanner.Error()
}

func typedAs[R dbn.Record, P dbn.RecordPtr[R]](scanner *dbn.DbnScanner, add func(P) error) error {
	for scanner.Next() {
		r, err := dbn.DbnScannerDecode[R, P](scanner)
		if err != nil {
			return err
		}
		add(P(r))
	}
	return scanner.Error()
}

func typed(scanner *dbn.DbnScanner, s *sums) error {
	metadata, err := scanner.Metadata()
	if err != nil {
		return err
	}
	switch metadata.Schema {
	case dbn.Schema_Mbo:
		return typedAs[dbn.MboMsg](scanner, s.OnMbo)
	case dbn.Schema_Trades:
		return typedAs[dbn.Mbp0Msg](scanner, s.OnMbp0)
	case dbn.Schema_Mbp1, dbn.Schema_Tbbo:
		return typedAs[dbn.Mbp1Msg](scanner, s.OnMbp1)
	case dbn.Schema_Mbp10:
		return typedAs[dbn.Mbp10Msg](scanner, s.OnMbp10)
	}
	return errors.New("typed takes files of mbo, trades, mbp-1, tbbo or mbp-10")
}

func isZstd(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	magic := make([]byte, 4)
	_, err = io.ReadFull(file, magic)
	return err == nil && string(magic) == "\x28\xb5\x2f\xfd"
}

type decoder func(*dbn.DbnScanner, *sums) error

func (decode decoder) once(path string) (sums, error) {
	var s sums
	reader, closer, err := dbn.MakeCompressedReader(path, isZstd(path))
	if err != nil {
		return s, err
	}
	if closer != nil {
		defer closer.Close()
	}
	if err = decode(dbn.NewDbnScanner(reader), &s); err == io.EOF {
		err = nil
	}
	return s, err
}

func (decode decoder) run(path, times string) (sums, error) {
	n, _ := strconv.Atoi(times)
	s, err := decode.once(path)
	for ; n > 1 && err == nil; n-- {
		var again sums
		if again, err = decode.once(path); err == nil && again != s {
			err = errors.New("two decodes of one file differ")
		}
	}
	return s, err
}

func hello() string {
	version := "?"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "github.com/NimbleMarkets/dbn-go" {
				version = dep.Version
			}
		}
	}
	return "hello 1 dbn-go " + version + ", " + runtime.Version()
}

func main() {
	decode := decoder(visit)
	if len(os.Args) > 1 && os.Args[1] == "typed" {
		decode = typed
	}
	path := ""
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Split(lines.Text(), " ")
		answer := "error unknown word"
		switch {
		case words[0] == "hello":
			answer = hello()
		case words[0] == "open":
			path, answer = lines.Text()[len("open "):], "ok"
		case words[0] == "nothing":
			answer = "ok"
		case words[0] == "quit":
			return
		case len(words) == 3 && (words[0] == "warm" || words[0] == "run") && words[1] == "sum":
			s, err := decode.run(path, words[2])
			answer = fmt.Sprintf("ok %d %d %d %d", s.records, s.tsEvent, s.price, s.size)
			if err != nil {
				answer = "error " + strings.ReplaceAll(err.Error(), "\n", " ")
			}
		}
		fmt.Println(answer)
	}
}
