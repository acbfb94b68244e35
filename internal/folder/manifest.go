package folder

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// ManifestName is the name of the file that lists a result.
const ManifestName = "manifest.json"

// Program is how a manifest says whose it is.
const Program = "fieldexp"

// Manifest lists what a result is made of. It says nothing of when and where, so that the same result has the same one.
type Manifest struct {
	Program string  `json:"program"`
	Version string  `json:"version"`
	Inputs  []Entry `json:"inputs"`
	Files   []Entry `json:"files"`
}

// Entry is a file of a manifest.
type Entry struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256,omitempty"`
}

// encode is the text of a manifest.
func (m Manifest) encode() ([]byte, error) {
	m.Program = Program
	if m.Inputs == nil {
		m.Inputs = []Entry{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return b.Bytes(), err
}

// readManifest lists the files of an earlier result, with its manifest; none where there is no manifest of the program's.
// Names that lead out of the folder are passed over.
func readManifest(dir string) []string {
	text, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return nil
	}
	var m Manifest
	if json.Unmarshal(text, &m) != nil || m.Program != Program {
		return nil
	}
	names := []string{ManifestName}
	for _, f := range m.Files {
		if filepath.IsLocal(filepath.FromSlash(f.Name)) && !strings.Contains(f.Name, `\`) && f.Name != ManifestName {
			names = append(names, f.Name)
		}
	}
	return names
}
