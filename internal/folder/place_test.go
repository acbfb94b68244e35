package folder

import (
	"path/filepath"
	"runtime"
	"testing"
)

// TestMayMove: what may be put away as a whole, by its path alone.
func TestMayMove(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	real, _ := filepath.EvalSymlinks(root)
	volume := filepath.VolumeName(real)
	for dir, want := range map[string]bool{
		real: false, filepath.Dir(real): false, volume + string(filepath.Separator): false,
		filepath.Join(real, "out"): true, real + "x": true, filepath.Join(real, "..out"): true, filepath.Join(filepath.Dir(real), "other"): true,
	} {
		if got := (&place{dir: dir, exists: true}).mayMove(); got != want {
			t.Errorf("%s: %v, want %v", dir, got, want)
		}
	}
	if (&place{dir: filepath.Join(real, "out"), others: true}).mayMove() {
		t.Error("a folder with files of others may be moved")
	}
	if runtime.GOOS == "windows" && (&place{dir: `C:\`}).mayMove() {
		t.Error("a drive may be moved")
	}
}
