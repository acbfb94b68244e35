// Command make writes the bundled study's data into a directory, packed. It is run by go generate.
package main

import (
	"compress/gzip"
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/fieldexp/fieldexp/internal/bundle"
)

func main() {
	files, err := bundle.Make(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for name, content := range files {
		if err := write(filepath.Join(os.Args[1], name), content); err != nil {
			log.Fatal(err)
		}
	}
}

// write writes a file, packed if it is CSV.
func write(path string, content []byte) error {
	if !strings.HasSuffix(path, ".csv") {
		return os.WriteFile(path, content, 0o644)
	}
	f, err := os.Create(path + ".gz")
	if err != nil {
		return err
	}
	defer f.Close() // after an error; closing twice does no harm
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(content); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}
