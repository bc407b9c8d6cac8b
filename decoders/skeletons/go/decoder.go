// A decoder program for dbnbench: put your decoder in the place of decode().
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
)

// By type: where a record has its price, and behind it its size, and how long it is. Other types have none.
var priced = [256]struct{ at, least int }{0x00: {16, 48}, 0x01: {16, 80}, 0x0A: {16, 368}, 0xA0: {24, 56},
	0xB1: {16, 80}, 0xC0: {16, 80}, 0xC1: {16, 80}, 0xC2: {16, 80}, 0xC3: {16, 80}, 0xC4: {16, 80}}

// The number of records, and their ts_event, price and size added up.
func decode(path string) (sums [4]uint64, err error) {
	data, err := os.ReadFile(path)
	if err != nil || len(data) < 8 || string(data[:3]) != "DBN" || data[3] > 3 {
		return sums, fmt.Errorf("it is no DBN")
	}
	le, at := binary.LittleEndian, 8+int(binary.LittleEndian.Uint32(data[4:]))
	for size := 0; at < len(data); at += size {
		size = int(data[at]) * 4 // a record begins with its length in 4-byte words, and its type
		if size < 16 || size > len(data)-at {
			break
		}
		r, p := data[at:at+size], priced[data[at+1]]
		sums[0]++
		sums[1] += le.Uint64(r[8:])
		if p.at > 0 && size >= p.least {
			sums[2] += le.Uint64(r[p.at:])
			sums[3] += uint64(le.Uint32(r[p.at+8:]))
		}
	}
	if at != len(data) {
		err = fmt.Errorf("it is cut off, or has a record without a header")
	}
	return sums, err
}

func main() {
	for in, path, word, times := bufio.NewScanner(os.Stdin), "", "", 0; in.Scan() && in.Text() != "quit"; {
		sums, err, answer := [4]uint64{}, error(nil), map[string]string{"hello 1": "hello 1 my decoder 0.1", "nothing": "ok"}[in.Text()]
		if n, _ := fmt.Sscanf(in.Text(), "%s sum %d", &word, &times); n == 2 && (word == "run" || word == "warm") {
			for ; times > 0 && err == nil; times-- {
				sums, err = decode(path)
			}
			answer = fmt.Sprintf("ok %d %d %d %d", sums[0], sums[1], sums[2], sums[3])
		} else if len(in.Text()) > 5 && in.Text()[:5] == "open " {
			path, answer = in.Text()[5:], "ok"
		} else if answer == "" {
			err = fmt.Errorf("unknown word")
		}
		if err != nil {
			answer = "error " + err.Error()
		}
		fmt.Println(answer)
	}
}
