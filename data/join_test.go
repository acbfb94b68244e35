package data

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestLeftJoin(t *testing.T) {
	for _, c := range []struct {
		name, left, right string
		keys              []string
		want              string
		unmatched         int
	}{
		{name: "by text",
			left: "chat,worker\n1,b\n2,a\n3,b\n4,c\n5,NA\n", right: "worker,age,arm,since\na,30,treated,2024-01-01\nb,40,control,2024-01-02\n", keys: []string{"worker"},
			want:      "chat (number): 1| 2| 3| 4| 5|\nworker (text): b| a| b| c| |\nage (number): 40| 30| 40| | |\narm (text): control| treated| control| | |\nsince (time): 2024-01-02| 2024-01-01| 2024-01-02| | |\n",
			unmatched: 2},
		{name: "by number",
			left: "id,x\n7,1\n-0,2\n1.5,3\nNA,4\n8,5\n", right: "y,id\nseven,7\nnone,0\nhalf,1.5\nlost,NA\n", keys: []string{"id"},
			want:      "id (number): 7| -0| 1.5| | 8|\nx (number): 1| 2| 3| 4| 5|\ny (text): seven| none| half| | |\n",
			unmatched: 2},
		{name: "by time",
			left: "day\n2024-01-23\n2024-01-24\n", right: "day,holiday\n2024-01-24,1\n2024-01-25,0\n", keys: []string{"day"},
			want: "day (time): 2024-01-23| 2024-01-24|\nholiday (number): | 1|\n", unmatched: 1},
		{name: "by two keys",
			left:  "w,d,x\na,1,1\na,2,2\nb,1,3\nb,3,4\nc,1,5\nNA,1,6\na,NA,7\n",
			right: "d,w,y\n1,b,10\n1,a,20\n2,a,30\n3,NA,40\nNA,b,50\n", keys: []string{"w", "d"},
			want:      "w (text): a| a| b| b| c| | a|\nd (number): 1| 2| 1| 3| 1| 1| |\nx (number): 1| 2| 3| 4| 5| 6| 7|\ny (number): 20| 30| 10| | | | |\n",
			unmatched: 4},
		{name: "by three keys",
			left: "a,b,c\n1,1,1\n1,1,2\n1,2,1\n", right: "a,b,c,y\n1,1,2,x\n1,2,1,z\n2,2,2,w\n", keys: []string{"a", "b", "c"},
			want: "a (number): 1| 1| 1|\nb (number): 1| 1| 2|\nc (number): 1| 2| 1|\ny (text): | x| z|\n", unmatched: 1},
	} {
		left, right := frame(t, c.left), frame(t, c.right)
		before := show(left) + show(right)
		joined, unmatched, err := left.LeftJoin(right, c.keys...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := show(joined); got != c.want || unmatched != c.unmatched {
			t.Errorf("%s: %d unmatched of\n%swant %d of\n%s", c.name, unmatched, got, c.unmatched, c.want)
		}
		if show(left)+show(right) != before {
			t.Errorf("%s: the join changed a table that it read", c.name)
		}
	}
}

func TestLeftJoinWithNothing(t *testing.T) {
	left, right := frame(t, "a,b\n1,x\n"), frame(t, "a,b,y\n2,y,5\n")
	joined, unmatched, err := left.LeftJoin(right.Filter(func(int) bool { return false }), "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := show(joined), "a (number): 1|\nb (text): x|\ny (number): |\n"; got != want || unmatched != 1 {
		t.Errorf("%d unmatched of\n%swant\n%s", unmatched, got, want)
	}
}

func TestLeftJoinRefuses(t *testing.T) {
	left := frame(t, "worker,day,x\na,1,2\n")
	for _, c := range []struct {
		right string
		keys  []string
		want  string
	}{
		{"worker,y\na,1\nb,2\na,3\n", []string{"worker"}, `data: row 3, column "worker": the table to be joined has the key a twice; keep one row for each key`},
		{"worker,day,y\na,1,1\na,2,2\na,1,3\n", []string{"worker", "day"}, `data: row 3, column "worker, day": the table to be joined has the key a, 1 twice; keep one row for each key`},
		{"worker,x\na,1\n", []string{"worker"}, `data: column "x" is in both tables and is not a key; leave it out of one of them with Select`},
		{"agent,y\na,1\n", []string{"worker"}, `data: column "worker" is not in the table to be joined; name one of agent, y`},
		{"agent,y\na,1\n", []string{"agent"}, `data: column "agent" is not there; name one of worker, day, x`},
		{"worker,y\n1,1\n", []string{"worker"}, `data: column "worker" is text in one table and number in the other; name its type in Types when reading, or use AsCategorical on one of them`},
		{"worker,y\na,1\n", nil, `data: a join without a key column; name the columns that both tables share`},
	} {
		_, _, err := left.LeftJoin(frame(t, c.right), c.keys...)
		wantError(t, err, c.want)
	}
}

// A join finds for each row what a search through all rows of the right table finds.
func TestLeftJoinAgainstSearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.IntRange(1, 3).Draw(t, "keys")
		names := []string{"k1", "k2", "k3"}[:keys]
		value := rapid.SampledFrom([]float64{0, 1, 2.5, math.NaN()})
		table := func(label string, rows int) (*Frame, [][]float64) {
			f := &Frame{}
			columns := make([][]float64, keys)
			for i := range columns {
				columns[i] = rapid.SliceOfN(value, rows, rows).Draw(t, label)
				if err := f.SetFloats(names[i], columns[i]); err != nil {
					t.Fatal(err)
				}
			}
			return f, columns
		}
		left, a := table("left", rapid.IntRange(1, 12).Draw(t, "rows of left"))
		right, b := table("right", rapid.IntRange(1, 4).Draw(t, "rows of right"))
		values := make([]float64, right.Len())
		for i := range values {
			values[i] = float64(i)
		}
		if err := right.SetFloats("y", values); err != nil {
			t.Fatal(err)
		}
		equal := func(x [][]float64, row int, y [][]float64, other int) bool {
			for i := range x {
				if x[i][row] != y[i][other] {
					return false
				}
			}
			return true
		}
		joined, unmatched, err := left.LeftJoin(right, names...)
		for i := range values {
			for j := range i {
				if equal(b, i, b, j) {
					if err == nil {
						t.Fatalf("rows %d and %d have the same key, and no error", j, i)
					}
					return
				}
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		y, err := joined.Floats("y")
		if err != nil {
			t.Fatal(err)
		}
		lost := 0
		for row := range left.Len() {
			want := math.NaN()
			for other := range values {
				if equal(a, row, b, other) {
					want = values[other]
				}
			}
			if want != want {
				lost++
			}
			if y[row] != want && (y[row] == y[row] || want == want) {
				t.Fatalf("row %d gets %v, want %v", row, y[row], want)
			}
		}
		if lost != unmatched {
			t.Fatalf("%d unmatched, want %d", unmatched, lost)
		}
	})
}

func TestAppend(t *testing.T) {
	a := frame(t, "s,n,t\nx,1,2024-01-23\nNA,2,NA\n")
	b := frame(t, "n,t,s\n3,2024-01-24,y\n4,2024-01-25,x\n5,NA,NA\n")
	both, err := a.Append(b)
	if err != nil {
		t.Fatal(err)
	}
	want := "s (text): x| | y| x| |\nn (number): 1| 2| 3| 4| 5|\nt (time): 2024-01-23| | 2024-01-24| 2024-01-25| |\n"
	if got := show(both); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got, want := show(a), "s (text): x| |\nn (number): 1| 2|\nt (time): 2024-01-23| |\n"; got != want {
		t.Errorf("the first became\n%s", got)
	}
	_, err = a.Append(frame(t, "s,n\nx,1\n"))
	wantError(t, err, `data: the frames have 3 columns and 2 columns; use Select to give both the same`)
	_, err = a.Append(frame(t, "s,n,u\nx,1,2024-01-23\n"))
	wantError(t, err, `data: column "t" is not there; did you mean "s"?`)
	_, err = a.Append(frame(t, "s,n,t\nx,y,2024-01-23\n"))
	wantError(t, err, `data: column "n" is number in one frame and text in the other; name its type in Types when reading, or use AsCategorical on one of them`)
}
