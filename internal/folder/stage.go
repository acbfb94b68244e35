package folder

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A stage is a folder in which a result is made: beside the one that it is for, or in it. It holds
//
//	lock     held by the program at work, so that a stage left by one that was killed can be told
//	new      the result; after a swap as a whole, the folder that was there before
//	was      the folder that was there before, where two folders cannot change names at once
//	old      files that were there before, in a swap file by file
//	journal  written before a swap, removed after it
type stage struct {
	disk    Disk
	place   *place
	path    string
	release func()
	made    []string // folders that were made above the stage, the outermost first
	keep    bool     // it holds what could not be put back; a later run tries again
}

// A journal says what a swap does, for who finds it half done.
type journal struct {
	Whole bool     `json:"whole"`
	New   []string `json:"new,omitempty"`
	Old   []string `json:"old,omitempty"`
}

const (
	lockName    = "lock"
	journalName = "journal"
)

func (s *stage) fresh() string { return filepath.Join(s.path, "new") }
func (s *stage) was() string   { return filepath.Join(s.path, "was") }
func (s *stage) old() string   { return filepath.Join(s.path, "old") }

// suffix is how the name of a stage ends.
var suffix = regexp.MustCompile(`^[0-9a-f]{12}$`)

// prefix is how the name of a stage begins, and the folder that it is in.
func (p *place) prefix(beside bool) (dir, prefix string) {
	if beside {
		return filepath.Dir(p.dir), "." + filepath.Base(p.dir) + ".fieldexp-"
	}
	return p.dir, ".fieldexp-"
}

// newStage makes a stage.
func newStage(disk Disk, p *place, beside bool) (*stage, error) {
	dir, prefix := p.prefix(beside)
	s := &stage{disk: disk, place: p}
	if err := s.makeParents(dir); err != nil {
		s.unmake()
		return nil, err
	}
	for try := 0; ; try++ {
		name := make([]byte, 6)
		rand.Read(name)
		s.path = filepath.Join(dir, prefix+hex.EncodeToString(name))
		err := s.disk.Mkdir(s.path)
		if err == nil {
			if s.release, err = hold(filepath.Join(s.path, lockName)); err == nil {
				err = s.disk.Mkdir(s.fresh())
			}
		}
		if err == nil {
			return s, nil
		}
		if try == 10 || !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) { // another took it for left behind
			s.remove()
			return nil, err
		}
	}
}

// makeParents makes the folders above a stage.
func (s *stage) makeParents(dir string) error {
	var missing []string
	for up := dir; ; up = filepath.Dir(up) {
		if _, err := os.Stat(up); !errors.Is(err, fs.ErrNotExist) || filepath.Dir(up) == up {
			break
		}
		missing = append(missing, up)
	}
	for _, dir := range slices.Backward(missing) {
		if err := s.disk.Mkdir(dir); errors.Is(err, fs.ErrExist) {
			continue
		} else if err != nil {
			return err
		}
		s.made = append(s.made, dir)
	}
	return nil
}

// unmake removes the folders above a stage again, where nothing was put into them.
func (s *stage) unmake() {
	for _, dir := range slices.Backward(s.made) {
		s.disk.Remove(dir)
	}
}

// remove removes the stage.
func (s *stage) remove() {
	if s.release != nil {
		s.release()
		s.release = nil
	}
	if !s.keep {
		removeAll(s.disk, s.path)
		s.unmake()
	}
}

// swapWhole puts the new folder in the place of the old one.
func (s *stage) swapWhole() error {
	dir := s.place.dir
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return s.disk.Rename(s.fresh(), dir)
	}
	if err != nil {
		return err
	}
	s.disk.Chmod(s.fresh(), info.Mode().Perm()) // as far as that goes
	if err := s.writeJournal(journal{Whole: true}); err != nil {
		return err
	}
	err = s.disk.Exchange(s.fresh(), dir)
	if err == nil {
		s.discard(s.fresh())
		return nil
	}
	// A file system that cannot exchange, or a folder that cannot be moved.
	if err := s.disk.Rename(dir, s.was()); err != nil {
		s.endJournal()
		return errImmovable
	}
	if err := s.disk.Rename(s.fresh(), dir); err != nil {
		back := s.disk.Rename(s.was(), dir)
		if s.keep = back != nil; !s.keep {
			s.endJournal()
		}
		return errors.Join(err, back)
	}
	s.discard(s.was())
	return nil
}

// discard removes an earlier result that is not in its place any more. What others have put there since it was looked at
// goes to the new folder.
func (s *stage) discard(dir string) {
	ours := readManifest(dir)
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if err != nil || e.IsDir() || slices.Contains(ours, filepath.ToSlash(rel)) {
			return nil
		}
		for _, to := range []string{rel, rel + ".kept"} {
			to = filepath.Join(s.place.dir, to)
			if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) && s.mkdirAll(s.place.dir, filepath.ToSlash(rel)) == nil && s.disk.Rename(path, to) == nil {
				return nil
			}
		}
		s.keep = true
		return nil
	})
}

// swapFiles puts new files into the folder in the place of old ones, and undoes all if one cannot be put there.
func (s *stage) swapFiles(names, old []string) (err error) {
	dir := s.place.dir
	if err := s.writeJournal(journal{New: names, Old: old}); err != nil {
		return err
	}
	var undo []func() error
	defer func() {
		if err == nil {
			return
		}
		for _, u := range slices.Backward(undo) {
			if back := u(); back != nil {
				err, s.keep = errors.Join(err, back), true
			}
		}
		if !s.keep {
			s.endJournal()
		}
	}()
	move := func(from, to, name string) error {
		from, to = filepath.Join(from, filepath.FromSlash(name)), filepath.Join(to, filepath.FromSlash(name))
		if err := s.disk.Rename(from, to); err != nil {
			return err
		}
		undo = append(undo, func() error { return s.disk.Rename(to, from) })
		return nil
	}
	if err := s.mkdir(s.old()); err != nil {
		return err
	}
	for _, name := range old {
		if err := s.mkdirAll(s.old(), name); err != nil {
			return err
		}
	}
	for _, name := range names {
		for _, up := range parents(name) {
			path := filepath.Join(dir, up)
			err := s.disk.Mkdir(path)
			if errors.Is(err, fs.ErrExist) {
				continue
			}
			if err != nil {
				return err
			}
			undo = append(undo, func() error { return s.disk.Remove(path) })
		}
	}
	for _, name := range old {
		if err := move(dir, s.old(), name); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := move(s.fresh(), dir, name); err != nil {
			return err
		}
	}
	for _, up := range folders(old) {
		path := filepath.Join(dir, up)
		if s.disk.Remove(path) == nil { // nothing is left in it
			undo = append(undo, func() error { return s.mkdir(path) })
		}
	}
	return s.endJournal()
}

// writeJournal writes what a swap is about to do.
func (s *stage) writeJournal(j journal) error {
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	file, err := s.disk.Create(filepath.Join(s.path, journalName))
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	return errors.Join(err, file.Close())
}

// endJournal ends a swap.
func (s *stage) endJournal() error { return s.disk.Remove(filepath.Join(s.path, journalName)) }

// clean removes the stages of programs that were killed, and undoes swaps that they had not ended.
func clean(disk Disk, p *place) {
	for _, beside := range []bool{true, false} {
		cleanIn(disk, p, beside)
	}
}

// cleanIn does so beside the folder, or in it.
func cleanIn(disk Disk, p *place, beside bool) {
	dir, prefix := p.prefix(beside)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		end, found := strings.CutPrefix(e.Name(), prefix)
		if !found || !suffix.MatchString(end) || !e.IsDir() {
			continue
		}
		s := &stage{disk: disk, place: p, path: filepath.Join(dir, e.Name())}
		release, err := hold(filepath.Join(s.path, lockName))
		if err != nil {
			continue // its program is at work
		}
		s.release = release
		s.undo()
		s.remove()
	}
}

// undo puts back what a swap that was not ended had moved.
func (s *stage) undo() {
	text, err := os.ReadFile(filepath.Join(s.path, journalName))
	var j journal
	if err != nil || json.Unmarshal(text, &j) != nil {
		return // no swap had begun, or it had ended
	}
	dir := s.place.dir
	if j.Whole {
		if s.disk.Rename(s.was(), dir) != nil { // which fails where the new folder is in its place
			s.discard(s.was())
		}
		s.discard(s.fresh())
		return
	}
	here := func(root, name string) bool {
		_, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name)))
		return err == nil
	}
	for _, name := range j.New {
		if !here(s.fresh(), name) && filepath.IsLocal(filepath.FromSlash(name)) {
			s.disk.Remove(filepath.Join(dir, filepath.FromSlash(name)))
		}
	}
	for _, name := range j.Old {
		from, to := filepath.Join(s.old(), filepath.FromSlash(name)), filepath.Join(dir, filepath.FromSlash(name))
		if here(s.old(), name) && (!filepath.IsLocal(filepath.FromSlash(name)) || s.mkdirAll(dir, name) != nil || s.disk.Rename(from, to) != nil) {
			s.keep = true
		}
	}
	for _, up := range folders(j.New) {
		s.disk.Remove(filepath.Join(dir, up)) // if nothing is left in it
	}
}

// removeAll removes a folder with all that is in it, as far as it can.
func removeAll(disk Disk, path string) {
	info, err := os.Lstat(path)
	if err != nil {
		return
	}
	if info.IsDir() {
		entries, _ := os.ReadDir(path)
		for _, e := range entries {
			removeAll(disk, filepath.Join(path, e.Name()))
		}
	}
	disk.Remove(path)
}
