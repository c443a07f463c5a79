// Logcheck verifies a gateway's transparency log over HTTP with the libraries of Go's checksum database, which share
// nothing with Flikvakt: golang.org/x/mod/sumdb/note (signed notes) and sumdb/tlog (tiles and proofs). It reads the
// checkpoint (or the one given), every tile of the tree of that size, inclusion and consistency proofs, and checks each
// against the checkpoint. One line on standard output when all holds; else exit code 1 and what does not.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // of a tile: 256 hashes

// log is one log as its readers see it. bend names what the network changes by one bit on its way, to show that the
// checks can fail.
type log struct {
	base   string
	client *http.Client
	key    note.Verifier
	bend   string
	bent   bool
}

func (l *log) bends(what string) bool {
	if l.bend != what || l.bent {
		return false
	}
	l.bent = true
	return true
}

// get asks again while the log says that it is asked too often.
func (l *log) get(path string) ([]byte, error) {
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		answer, err := l.client.Get(l.base + path)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			return nil, err
		}
		if answer.StatusCode == http.StatusTooManyRequests && wait < 5*time.Second {
			time.Sleep(wait)
			continue
		}
		if answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: status %d", path, answer.StatusCode)
		}
		return body, nil
	}
}

// open gives the tree of a checkpoint that the log's key signed.
func (l *log) open(text []byte) (tlog.Tree, error) {
	if l.bends("signature") {
		text = changed(text, len(text)-10)
	}
	if l.bends("root") {
		text = changed(text, strings.Index(string(text), "\n\n")-10)
	}
	opened, err := note.Open(text, note.VerifierList(l.key))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != l.key.Name() || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("a checkpoint of another form: %q", opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// changed has another letter of base64 there.
func changed(text []byte, at int) []byte {
	out := append([]byte(nil), text...)
	if out[at] == 'A' {
		out[at] = 'B'
	} else {
		out[at] = 'A'
	}
	return out
}

// The two that tlog.TileReader wants beside ReadTiles.
func (l *log) Height() int                                { return height }
func (l *log) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

// ReadTiles fetches tiles. Go's path has the height in it, C2SP tlog-tiles has not.
func (l *log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := l.get(path)
		if err != nil {
			return nil, err
		}
		if l.bends(fmt.Sprintf("tile%d", tile.L)) {
			data[len(data)/2] ^= 1
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes for %d hashes", path, len(data), tile.W)
		}
		out = append(out, data)
	}
	return out, nil
}

func (l *log) proof(path, kind string) ([]tlog.Hash, error) {
	body, err := l.get(path)
	if err != nil {
		return nil, err
	}
	var said struct{ Hashes []string }
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, fmt.Errorf("%s: %v", path, err)
	}
	out := make([]tlog.Hash, len(said.Hashes))
	for i, text := range said.Hashes {
		hash, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(hash) != tlog.HashSize {
			return nil, fmt.Errorf("%s: no hash: %q", path, text)
		}
		copy(out[i][:], hash)
	}
	if len(out) > 0 && l.bends(kind) {
		out[len(out)-1][5] ^= 1
	}
	return out, nil
}

// tree is all hashes of a log, made from its leaves.
type tree struct {
	leaves []tlog.Hash
	stored []tlog.Hash
}

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(t.stored)) {
			return nil, fmt.Errorf("hash %d of %d is asked for", index, len(t.stored))
		}
		out[i] = t.stored[index]
	}
	return out, nil
}

// tilesOf names the tiles of a tree: the full ones, and of each level what is there of the next.
func tilesOf(size int64) []tlog.Tile {
	var out []tlog.Tile
	for _, tile := range tlog.NewTiles(height, 0, size) { // each width up to the last one
		last := len(out) - 1
		if last >= 0 && out[last].L == tile.L && out[last].N == tile.N {
			out[last] = tile
		} else {
			out = append(out, tile)
		}
	}
	return out
}

// readTree fetches every tile of a tree of this size: the lowest give the leaves, all others must be what follows.
func (l *log) readTree(size int64) (*tree, int, error) {
	out := &tree{}
	tiles := tilesOf(size)
	for _, tile := range tiles {
		if tile.L > 0 {
			continue
		}
		data, err := l.ReadTiles([]tlog.Tile{tile})
		if err != nil {
			return nil, 0, err
		}
		for at := 0; at < len(data[0]); at += tlog.HashSize {
			var leaf tlog.Hash
			copy(leaf[:], data[0][at:])
			more, err := tlog.StoredHashesForRecordHash(int64(len(out.leaves)), leaf, out)
			if err != nil {
				return nil, 0, err
			}
			out.leaves = append(out.leaves, leaf)
			out.stored = append(out.stored, more...)
		}
	}
	for _, tile := range tiles {
		if tile.L == 0 {
			continue
		}
		got, err := l.ReadTiles([]tlog.Tile{tile})
		if err != nil {
			return nil, 0, err
		}
		want, err := tlog.ReadTileData(tile, out)
		if err != nil {
			return nil, 0, err
		}
		if string(got[0]) != string(want) {
			return nil, 0, fmt.Errorf("%s: not made of the tiles below", tile.Path())
		}
	}
	return out, len(tiles), nil
}

// places are where tiles begin and end, and the ends of the tree.
func places(size int64) []int64 {
	var out []int64
	seen := map[int64]bool{}
	for _, at := range []int64{1, 2, 255, 256, 257, 511, 512, 65535, 65536, 65537, size / 2, size - 1, size} {
		if at > 0 && at <= size && !seen[at] {
			seen[at] = true
			out = append(out, at)
		}
	}
	return out
}

func (l *log) check(text []byte) (string, error) {
	head, err := l.open(text)
	if err != nil {
		return "", fmt.Errorf("the checkpoint: %v", err)
	}
	all, tiles, err := l.readTree(head.N)
	if err != nil {
		return "", fmt.Errorf("the tiles: %v", err)
	}
	root, err := tlog.TreeHash(head.N, all)
	if err != nil || root != head.Hash {
		return "", fmt.Errorf("the tiles: root %v, not %v (%v)", root, head.Hash, err)
	}
	// Once more as Go's own client does, which reads only the tiles that it needs and checks each against the root.
	if _, err := tlog.TileHashReader(head, l).ReadHashes([]int64{tlog.StoredHashIndex(0, head.N/2)}); err != nil {
		return "", fmt.Errorf("the tiles, by Go's reader: %v", err)
	}
	included, consistent := 0, 0
	for _, at := range places(head.N) {
		index := at - 1
		proof, err := l.proof(fmt.Sprintf("inclusion?index=%d&size=%d", index, head.N), "inclusion")
		if err != nil {
			return "", err
		}
		if err := tlog.CheckRecord(proof, head.N, head.Hash, index, all.leaves[index]); err != nil {
			return "", fmt.Errorf("inclusion of %d in %d: %v", index, head.N, err)
		}
		included++
		old, err := tlog.TreeHash(at, all)
		if err != nil {
			return "", err
		}
		grown, err := l.proof(fmt.Sprintf("consistency?from=%d&to=%d", at, head.N), "consistency")
		if err != nil {
			return "", err
		}
		if err := tlog.CheckTree(grown, head.N, head.Hash, at, old); err != nil {
			return "", fmt.Errorf("consistency of %d with %d: %v", at, head.N, err)
		}
		consistent++
	}
	return fmt.Sprintf("size %d: %d tiles, %d inclusion proofs, %d consistency proofs", head.N, tiles, included, consistent), nil
}

func run() error {
	base := flag.String("base", "", "where the log is served: https://host/v1/log/")
	ca := flag.String("ca", "", "PEM file with the server's authority")
	key := flag.String("key", "", "the log's key: name+id+key")
	file := flag.String("note", "", "file with a checkpoint; without it the newest is fetched")
	bend := flag.String("bend", "", "what is changed on its way: signature, root, tile0, tile1, inclusion, consistency")
	flag.Parse()
	verifier, err := note.NewVerifier(*key)
	if err != nil {
		return err
	}
	pem, err := os.ReadFile(*ca)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("no certificate in %s", *ca)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	l := &log{base: *base, key: verifier, bend: *bend, client: &http.Client{Transport: transport, Timeout: time.Minute}}
	var text []byte
	if *file != "" {
		text, err = os.ReadFile(*file)
	} else {
		text, err = l.get("checkpoint")
	}
	if err != nil {
		return err
	}
	found, err := l.check(text)
	if err != nil {
		return err
	}
	if l.bend != "" && !l.bent {
		return fmt.Errorf("there was no %s to change", l.bend)
	}
	fmt.Println(found)
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "logcheck:", err)
		os.Exit(1)
	}
}
